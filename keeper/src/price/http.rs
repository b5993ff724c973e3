//! Asking others over HTTP, as if each of them were hostile: no redirects, nothing unpacked, so many bytes and so long.

use reqwest::{
    header::{HeaderMap, HeaderValue, RETRY_AFTER},
    redirect::Policy,
    Client, StatusCode, Url,
};
use serde_json::Value;
use std::time::Duration;

/// A minute's whole market fits; a gigabyte does not.
const MOST_BYTES: usize = 2 << 20;
/// Names this program to whom it asks.
const USER_AGENT: &str = concat!("iog-keeper/", env!("CARGO_PKG_VERSION"));

/// Why nothing came of it. No text of it holds the address or anything of the answer: either may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    #[error("it is out of reach")]
    Unreachable,
    #[error("it did not answer within {millis} ms")]
    TimedOut { millis: u128 },
    #[error("it answered {status}")]
    Status {
        status: u16,
        /// How long it wants to be left alone.
        retry_after_secs: Option<u64>,
    },
    #[error("it redirects ({status}); put the address that it leads to into the configuration")]
    Redirects { status: u16 },
    #[error("it answers with more than {} MiB", MOST_BYTES >> 20)]
    TooLong,
    #[error("it broke off")]
    BrokeOff,
    #[error("its answer is not JSON")]
    NotJson,
}

/// One client for all: it keeps connections open between two looks.
#[derive(Clone)]
pub struct Http(Client);

/// Whom to ask, and how.
#[derive(Clone)]
pub struct Request {
    pub url: Url,
    pub headers: HeaderMap,
    pub timeout: Duration,
}

/// JSON, and what the answer's head tells.
pub struct Answer {
    pub json: Value,
    /// How long a cache on the way has kept it.
    pub age_secs: u64,
}

impl Http {
    pub fn new() -> Result<Self, String> {
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .referer(false)
            // An answer that unpacks to a gigabyte is sent by nobody who was not asked for it.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .build();
        client.map(Self).map_err(|error| error.to_string())
    }

    pub async fn json(&self, request: &Request) -> Result<Answer, AskError> {
        let asked = tokio::time::timeout(request.timeout, self.ask(request)).await;
        asked.unwrap_or(Err(AskError::TimedOut {
            millis: request.timeout.as_millis(),
        }))
    }

    async fn ask(&self, request: &Request) -> Result<Answer, AskError> {
        let get = self
            .0
            .get(request.url.clone())
            .headers(request.headers.clone());
        let sent = get.header("accept", "application/json").send().await;
        let mut response = sent.map_err(|_| AskError::Unreachable)?;
        let status = response.status();
        if status.is_redirection() {
            let status = status.as_u16();
            return Err(AskError::Redirects { status });
        }
        if status != StatusCode::OK {
            return Err(AskError::Status {
                status: status.as_u16(),
                retry_after_secs: number(response.headers().get(RETRY_AFTER)),
            });
        }
        let age_secs = number(response.headers().get("age")).unwrap_or(0);
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|_| AskError::BrokeOff)? {
            if body.len().saturating_add(part.len()) > MOST_BYTES {
                return Err(AskError::TooLong);
            }
            body.extend_from_slice(&part);
        }
        let json = serde_json::from_slice(&body).map_err(|_| AskError::NotJson)?;
        Ok(Answer { json, age_secs })
    }
}

fn number(value: Option<&HeaderValue>) -> Option<u64> {
    value?.to_str().ok()?.trim().parse().ok()
}
