//! One source: what it says, how old that is, and when it wants to be left alone.

use super::{
    combine::Answer,
    decimal::{Decimal, Unit},
    headers,
    http::{AskError, Http, Request},
};
use crate::{
    config::Source as Settings,
    error::{KeeperError, Result},
};
use serde_json::Value;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A source's clock may be so far ahead of this machine's.
const AHEAD_SECS: u64 = 5;
/// What asks to be asked less is left alone for so long, twice as long each time, up to the last.
const FIRST_HOLD: Duration = Duration::from_secs(30);
const LAST_HOLD: Duration = Duration::from_secs(600);
/// Too many requests, and unavailable: the answers that ask for patience.
const PATIENCE: [u16; 2] = [429, 503];

/// Why a source has no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("its answer has no price at the pointer")]
    NoPrice,
    #[error("what it has at the pointer is no price of IO")]
    Odd,
    #[error("its answer has no time at the pointer")]
    NoTime,
    #[error("its price is {age_secs} s old")]
    Old { age_secs: u64 },
    #[error("its price is from the future; check this machine's clock")]
    Future,
    #[error("it wants to be left alone for another {secs} s")]
    Held { secs: u64 },
}

impl SourceError {
    /// One word for metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            SourceError::Ask(AskError::TimedOut { .. }) => "timed_out",
            SourceError::Ask(AskError::Unreachable | AskError::BrokeOff) => "unreachable",
            SourceError::Ask(AskError::Status { .. }) => "refused",
            SourceError::Held { .. } => "held",
            SourceError::Old { .. } | SourceError::Future => "old",
            _ => "odd",
        }
    }
}

pub struct Source {
    pub label: String,
    request: Request,
    pointer: String,
    time: Option<String>,
    max_age_secs: u64,
    unit: Unit,
    weight: u32,
    hold: Option<Hold>,
}

struct Hold {
    until: Instant,
    length: Duration,
}

impl Source {
    /// Reads the headers' file.
    pub fn open(settings: &Settings) -> Result<Self> {
        let label = settings.label();
        let url = settings.url.parse();
        let url = url.map_err(|_| {
            KeeperError::Config(format!("price.sources, {label}: url is not an address"))
        })?;
        Ok(Self {
            request: Request {
                url,
                headers: headers::read(settings.headers.as_deref())?,
                timeout: Duration::from_millis(settings.timeout_ms),
            },
            label,
            pointer: settings.pointer.clone(),
            time: settings.time.clone(),
            max_age_secs: settings.max_age_secs,
            unit: settings.unit,
            weight: settings.weight,
            hold: None,
        })
    }

    pub async fn ask(&mut self, http: &Http) -> std::result::Result<Answer, SourceError> {
        if let Some(hold) = &self.hold {
            let left = hold.until.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                let secs = left.as_secs().saturating_add(1);
                return Err(SourceError::Held { secs });
            }
        }
        let answer = match http.json(&self.request).await {
            Ok(answer) => answer,
            Err(error) => {
                self.hold(&error);
                return Err(error.into());
            }
        };
        self.hold = None;
        self.fresh(&answer.json, answer.age_secs)?;
        let number = answer.json.pointer(&self.pointer).and_then(text);
        let number = number.ok_or(SourceError::NoPrice)?;
        let number: Decimal = number.trim().parse().map_err(|_| SourceError::Odd)?;
        let price = self.unit.price(number).ok_or(SourceError::Odd)?;
        Ok(Answer {
            price,
            weight: self.weight,
        })
    }

    /// An operator's key that is banned is worth more than a minute's price.
    fn hold(&mut self, error: &AskError) {
        let AskError::Status {
            status,
            retry_after_secs,
        } = error
        else {
            return;
        };
        if !PATIENCE.contains(status) {
            return;
        }
        let last = self.hold.as_ref().map(|hold| hold.length);
        let length = last.map_or(FIRST_HOLD, |last| last.saturating_mul(2));
        let asked = retry_after_secs.map(Duration::from_secs);
        let length = asked.unwrap_or(length).min(LAST_HOLD);
        let until = Instant::now().checked_add(length);
        self.hold = until.map(|until| Hold { until, length });
    }

    fn fresh(&self, json: &Value, cached_secs: u64) -> std::result::Result<(), SourceError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_err(|_| SourceError::Future)?.as_secs();
        let mut age_secs = cached_secs;
        if let Some(pointer) = &self.time {
            let time = json.pointer(pointer).and_then(text);
            let time = time.and_then(|time| unix_secs(time.trim()));
            let time = time.ok_or(SourceError::NoTime)?;
            if time > now.saturating_add(AHEAD_SECS) {
                return Err(SourceError::Future);
            }
            age_secs = age_secs.max(now.saturating_sub(time));
        }
        if age_secs > self.max_age_secs {
            return Err(SourceError::Old { age_secs });
        }
        Ok(())
    }
}

/// Numbers are written as numbers or as text, and a number reads back as the digits that it was written with.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Seconds of unix time, from those or from finer parts: a time of this century tells by its length which.
fn unix_secs(text: &str) -> Option<u64> {
    let (whole, _) = text.split_once('.').unwrap_or((text, ""));
    let number: u64 = whole.parse().ok()?;
    let per_second = match number {
        0..100_000_000_000 => 1,
        100_000_000_000..100_000_000_000_000 => 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000_000,
        _ => 1_000_000_000,
    };
    number.checked_div(per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_this_century_in_any_part_of_a_second() {
        for text in [
            "1753300000",
            "1753300000.5",
            "1753300000123",
            "1753300000123456",
            "1753300000123456789",
        ] {
            assert_eq!(unix_secs(text), Some(1_753_300_000), "{text}");
        }
        assert_eq!(unix_secs("2026-07-24T00:00:00Z"), None);
    }

    #[test]
    fn json_numbers_keep_their_digits() {
        for digits in ["0.25", "0.251234567890123", "123456.789012345", "2.5e-7"] {
            let value: Value = serde_json::from_str(digits).unwrap();
            assert_eq!(text(&value).unwrap(), digits);
        }
    }
}
