//! Hours in which a machine is maintained.

use serde::{de, Deserialize, Deserializer};

const HOUR_SECS: i64 = 3_600;
const DAY_SECS: i64 = 86_400;

/// From a moment on, for some hours. In TOML: `{ from = "2026-12-01T22:00:00Z", hours = 4 }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    #[serde(rename = "from", deserialize_with = "utc")]
    pub from_ts: i64,
    pub hours: u32,
}

impl Period {
    /// Whether it has a second of `from..until`.
    pub fn overlaps(&self, from_ts: i64, until_ts: i64) -> bool {
        let ends = self
            .from_ts
            .saturating_add(i64::from(self.hours).saturating_mul(HOUR_SECS));
        self.from_ts < until_ts && from_ts < ends
    }
}

fn utc<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| {
        de::Error::custom(format!(
            "`{text}` is no time: write it in UTC, such as \"2026-12-01T22:00:00Z\""
        ))
    })
}

/// Unix seconds of `YYYY-MM-DDThh:mm:ssZ`.
fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let february = if leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let at = usize::try_from(month).ok()?.checked_sub(1)?;
    let sound = (1..=*lengths.get(at)?).contains(&day) && year >= 1970;
    if !sound || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Leap days before the year: those of the years that divide by 4, less the centuries, and every fourth of them again.
    let before = year.checked_sub(1)?;
    let leaps = before / 4 - before / 100 + before / 400 - 477;
    let days = (year - 1970) * 365 + leaps + lengths.iter().take(at).sum::<i64>() + day - 1;
    Some(days * DAY_SECS + hour * HOUR_SECS + minute * 60 + second)
}

fn numbers(text: &str, between: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let parts: Vec<&str> = text.split(between).collect();
    let parts: [&str; 3] = parts.try_into().ok()?;
    let mut numbers = [0; 3];
    for ((number, part), width) in numbers.iter_mut().zip(parts).zip(widths) {
        let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = digits.then(|| part.parse().ok()).flatten()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_utc() {
        for (text, ts) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-03-01T00:00:00Z", Some(951_868_800)),
            ("2026-12-01T22:00:00Z", Some(1_796_162_400)),
            ("2028-02-29T23:59:59Z", Some(1_835_481_599)),
            ("2027-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-00-01T00:00:00Z", None),
            ("2026-12-01T24:00:00Z", None),
            ("2026-12-01 22:00:00Z", None),
            ("2026-12-01T22:00:00", None),
            ("2026-12-1T22:00:00Z", None),
        ] {
            assert_eq!(parse(text), ts, "{text}");
        }
    }

    #[test]
    fn a_period_ends_before_its_last_second_is_over() {
        let period = Period {
            from_ts: 7_200,
            hours: 1,
        };
        for (from, until, overlaps) in [
            (0, 7_200, false),
            (0, 7_201, true),
            (10_799, 10_800, true),
            (10_800, 20_000, false),
            (0, 100_000, true),
        ] {
            assert_eq!(period.overlaps(from, until), overlaps, "{from}..{until}");
        }
    }
}
