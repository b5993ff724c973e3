//! Pyth's price service.

use super::{
    headers,
    http::{AskError, Http, Request},
    pnau::{self, PythUpdate},
};
use crate::{
    config::HermesSettings,
    error::{KeeperError, Result},
};
use base64::{engine::general_purpose::STANDARD, Engine as _};
use std::time::Duration;

const PATH: &str = "v2/updates/price/latest";

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HermesError {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("its answer has no update of the network's feed")]
    NoUpdate,
}

pub struct Hermes {
    request: Request,
}

impl Hermes {
    /// Reads the headers' file.
    pub fn open(settings: &HermesSettings) -> Result<Self> {
        let url = super::join(&settings.endpoint, PATH);
        let url = url
            .ok_or_else(|| KeeperError::Config("price.hermes.endpoint is not an address".into()))?;
        Ok(Self {
            request: Request {
                url,
                headers: headers::read(settings.headers.as_deref())?,
                timeout: Duration::from_millis(settings.timeout_ms),
            },
        })
    }

    /// The newest update of a feed.
    pub async fn latest(
        &self,
        http: &Http,
        feed: &[u8; 32],
    ) -> std::result::Result<PythUpdate, HermesError> {
        let mut request = self.request.clone();
        let wanted = [
            ("ids[]", hex::encode(feed)),
            ("encoding", "base64".into()),
            ("parsed", "false".into()),
        ];
        request.url.query_pairs_mut().extend_pairs(wanted);
        let answer = http.json(&request).await?;
        let updates = answer.json.pointer("/binary/data");
        let updates = updates.and_then(|data| data.as_array());
        let texts = updates
            .into_iter()
            .flatten()
            .filter_map(|text| text.as_str());
        let mut found = texts.filter_map(|text| pnau::parse(&STANDARD.decode(text).ok()?, feed));
        found.next().ok_or(HermesError::NoUpdate)
    }
}
