//! What a result is made of: records of named values, amounts and times in one form.

use iog_math::units::{Io, Iosd, Usd6};
use serde::ser::{Serialize, SerializeMap, Serializer};
use solana_pubkey::Pubkey;

/// Unix seconds.
#[derive(Clone, Copy, Debug)]
pub struct Time(pub i64);

/// One value of a record.
#[derive(Clone, Debug)]
pub enum Cell {
    None,
    Text(String),
    Number(u64),
    Flag(bool),
    /// Base units as a string, and beside them `<key>_ui` in whole units.
    Amount {
        units: u64,
        ui: String,
        unit: &'static str,
    },
    Time(i64),
    Texts(Vec<String>),
    Records(Vec<Record>),
    /// Records of long texts, which stand below each other.
    Blocks(Vec<Record>),
}

/// Named values in the order in which they are shown. Keys are the JSON's, in snake case, and never change their meaning.
#[derive(Clone, Debug, Default)]
pub struct Record(pub(super) Vec<(&'static str, Cell)>);

impl Record {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn put(mut self, key: &'static str, cell: impl Into<Cell>) -> Self {
        self.0.push((key, cell.into()));
        self
    }

    pub fn extend(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

macro_rules! cell {
    ($($from:ty => |$value:ident| $cell:expr),+ $(,)?) => {
        $(impl From<$from> for Cell {
            fn from($value: $from) -> Self {
                $cell
            }
        })+
    };
}

cell! {
    &str => |value| Cell::Text(value.to_string()),
    String => |value| Cell::Text(value),
    Pubkey => |value| Cell::Text(value.to_string()),
    u8 => |value| Cell::Number(value.into()),
    u16 => |value| Cell::Number(value.into()),
    u32 => |value| Cell::Number(value.into()),
    u64 => |value| Cell::Number(value),
    bool => |value| Cell::Flag(value),
    Time => |value| Cell::Time(value.0),
    Io => |value| Cell::Amount { units: value.0, ui: value.to_string(), unit: "IO" },
    Iosd => |value| Cell::Amount { units: value.0, ui: value.to_string(), unit: "IOSD" },
    Usd6 => |value| Cell::Amount { units: value.0, ui: value.to_string(), unit: "USD" },
    Vec<String> => |value| Cell::Texts(value),
    Vec<Record> => |value| Cell::Records(value),
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::None, Into::into)
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, cell) in &self.0 {
            match cell {
                Cell::None => map.serialize_entry(key, &())?,
                Cell::Text(text) => map.serialize_entry(key, text)?,
                Cell::Number(number) => map.serialize_entry(key, number)?,
                Cell::Flag(flag) => map.serialize_entry(key, flag)?,
                Cell::Amount { units, ui, .. } => {
                    map.serialize_entry(key, &units.to_string())?;
                    map.serialize_entry(&format!("{key}_ui"), ui)?;
                }
                Cell::Time(seconds) => map.serialize_entry(key, seconds)?,
                Cell::Texts(texts) => map.serialize_entry(key, texts)?,
                Cell::Records(records) | Cell::Blocks(records) => {
                    map.serialize_entry(key, records)?
                }
            }
        }
        map.end()
    }
}

impl Cell {
    /// As a table has it.
    pub fn show(&self) -> String {
        match self {
            Cell::None => "-".into(),
            Cell::Text(text) => printable(text),
            Cell::Number(number) => number.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Amount { ui, unit, .. } => format!("{ui} {unit}"),
            Cell::Time(seconds) => rfc3339(*seconds),
            Cell::Texts(texts) if texts.is_empty() => "-".into(),
            Cell::Texts(texts) => printable(&texts.join(", ")),
            Cell::Records(records) | Cell::Blocks(records) => match records.len() {
                0 => "-".into(),
                count => count.to_string(),
            },
        }
    }
}

/// Names on chain and what jobs write are strangers' text: it must not steer the terminal.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// `1970-01-01T00:00:00Z` and so on, in the proleptic Gregorian calendar (days to civil, as Howard Hinnant describes it).
pub fn rfc3339(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days.saturating_add(719_468);
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let (day, month) = (
        day_of_year - (153 * month + 2) / 5 + 1,
        if month < 10 { month + 3 } else { month - 9 },
    );
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_order_and_writes_amounts_as_strings() {
        let record = Record::new()
            .put("zeta", Io(456_621_004_566))
            .put("alpha", true)
            .put("none", None::<u64>);
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            r#"{"zeta":"456621004566","zeta_ui":"4566.21004566","alpha":true,"none":null}"#
        );
    }

    #[test]
    fn times_are_civil() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(rfc3339(1_764_000_000), "2025-11-24T16:00:00Z");
    }

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(Cell::from("a\u{1b}[2Jb\n").show(), "a\\u{1b}[2Jb\\n");
    }
}
