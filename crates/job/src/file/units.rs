//! Sizes, times and processors, as people write them.

use crate::ids::as_text;
use std::{fmt, str::FromStr};

/// Bytes: `8GiB`, `500MB`, `4096`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size(pub u64);

const SIZES: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("", 1),
];

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("`{text}` is no size: write 8GiB, 512MiB, 20GB, or bytes");
        let at = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(at);
        let unit = SIZES.iter().find(|(name, _)| *name == unit.trim_start());
        let number: u64 = number.parse().map_err(|_| refuse())?;
        let (_, unit) = unit.ok_or_else(refuse)?;
        number.checked_mul(*unit).map(Self).ok_or_else(refuse)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |unit: &&(&str, u64)| self.0 >= unit.1 && self.0.is_multiple_of(unit.1);
        let (name, unit) = SIZES.iter().take(4).rev().find(whole).unwrap_or(&("", 1));
        write!(f, "{}{name}", self.0 / unit)
    }
}

/// Seconds: `30s`, `15m`, `2h`, `1d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span(pub u64);

const SPANS: [(&str, u64); 4] = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("`{text}` is no time: write 30s, 15m, 2h or 1d");
        let at = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(at);
        let unit = SPANS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(refuse)?;
        let number: u64 = number.parse().map_err(|_| refuse())?;
        number.checked_mul(unit.1).map(Self).ok_or_else(refuse)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |unit: &&(&str, u64)| self.0 >= unit.1 && self.0.is_multiple_of(unit.1);
        let (name, unit) = SPANS.iter().rev().find(whole).unwrap_or(&("s", 1));
        write!(f, "{}{name}", self.0 / unit)
    }
}

/// Thousandths of a processor; written `2` or `1.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpus(pub u32);

impl FromStr for Cpus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("`{text}` is no number of processors: write 2, or 1.5");
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            !part.is_empty() && part.len() <= 3 && part.bytes().all(|c| c.is_ascii_digit());
        let whole: u32 = whole.parse().map_err(|_| refuse())?;
        let part: u32 = format!("{part:0<3}").parse().map_err(|_| refuse())?;
        let millis = whole
            .checked_mul(1_000)
            .and_then(|whole| whole.checked_add(part));
        millis.filter(|_| digits).map(Self).ok_or_else(refuse)
    }
}

impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1_000, self.0 % 1_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

as_text!(Size, Span, Cpus);
