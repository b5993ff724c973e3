//! Other reporters' signed reports: whoever pays for a transaction carries them along.

use super::http::{AskError, Http, Request};
use iog_client::price_report::{message, SignedReport};
use reqwest::header::HeaderMap;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use std::time::Duration;

const PATH: &str = "v1/price";
const TIMEOUT: Duration = Duration::from_secs(2);

/// Why a peer's report is not carried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("its answer is no signed report")]
    NoReport,
    #[error("its report is for another feed, {0}")]
    OtherFeed(Pubkey),
    #[error("the signature of its report is not by {0}")]
    NotSigned(Pubkey),
}

pub struct Peer {
    request: Request,
}

impl Peer {
    pub fn open(url: &str) -> Option<Self> {
        Some(Self {
            request: Request {
                url: super::join(url, PATH)?,
                headers: HeaderMap::new(),
                timeout: TIMEOUT,
            },
        })
    }

    pub fn host(&self) -> &str {
        self.request.url.host_str().unwrap_or_default()
    }

    pub async fn ask(&self, http: &Http, feed: &Pubkey) -> Result<SignedReport, PeerError> {
        let answer = http.json(&self.request).await?;
        let report = serde_json::from_value(answer.json);
        let report: SignedReport = report.map_err(|_| PeerError::NoReport)?;
        check(report, feed)
    }
}

/// One false report would spoil the transaction of all.
fn check(report: SignedReport, feed: &Pubkey) -> Result<SignedReport, PeerError> {
    if report.feed != *feed {
        return Err(PeerError::OtherFeed(report.feed));
    }
    let signed = message(&report.feed, report.price, report.ts);
    match Signature::from(report.signature).verify(report.key.as_ref(), &signed) {
        true => Ok(report),
        false => Err(PeerError::NotSigned(report.key)),
    }
}
