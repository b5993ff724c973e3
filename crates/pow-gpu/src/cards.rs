//! Cards of a machine, and how they are named.

use iog_pow::ProverError;
use std::{fmt, str::FromStr};

/// What a backend knows of a card that it sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardInfo {
    /// Its number among those that the backend sees. Another driver, or a card that is missing, may number them anew.
    pub number: usize,
    /// Its own number for good, as `nvidia-smi -L` prints it. Only CUDA tells.
    pub uuid: Option<String>,
    /// Where it is plugged in: domain, bus, device and function, such as `0000:01:00.0`.
    pub bus: Option<String>,
    /// What its vendor calls it.
    pub name: String,
    /// All of its memory.
    pub memory_bytes: Option<u64>,
    /// The driver and its version.
    pub driver: String,
}

impl fmt::Display for CardInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.name)?;
        match self.uuid.as_ref().or(self.bus.as_ref()) {
            Some(name) => write!(f, " ({name})"),
            None => Ok(()),
        }
    }
}

/// One card of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CardName {
    /// By its number among those that the backend sees.
    Number(usize),
    /// By its UUID, such as `GPU-2d4a9b31-...`. The prefix may be missing.
    Uuid(String),
    /// By where it is plugged in, such as `0000:01:00.0` or `01:00.0`.
    Bus(String),
}

impl FromStr for CardName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("a card is named by its UUID, its PCI address or its number".into());
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = text
                .parse()
                .map_err(|_| format!("there is no card {text}"))?;
            return Ok(Self::Number(number));
        }
        Ok(if text.contains(':') {
            Self::Bus(text.into())
        } else {
            Self::Uuid(text.into())
        })
    }
}

impl fmt::Display for CardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Uuid(name) | Self::Bus(name) => f.write_str(name),
        }
    }
}

impl CardName {
    fn is(&self, card: &CardInfo) -> bool {
        match self {
            Self::Number(number) => card.number == *number,
            Self::Uuid(uuid) => card
                .uuid
                .as_ref()
                .is_some_and(|own| bare(own) == bare(uuid)),
            Self::Bus(bus) => card
                .bus
                .as_ref()
                .is_some_and(|own| place(own) == place(bus)),
        }
    }
}

/// A UUID without what may be missing.
fn bare(uuid: &str) -> String {
    let uuid = uuid.to_ascii_lowercase();
    uuid.strip_prefix("gpu-")
        .map(str::to_string)
        .unwrap_or(uuid)
}

/// A PCI address without its domain's zeros: nvidia-smi prints eight digits of it, Linux four, people none.
fn place(bus: &str) -> String {
    let bus = bus.to_ascii_lowercase();
    let bare = match bus.split_once(':') {
        Some((domain, rest)) if rest.contains(':') => match domain.trim_start_matches('0') {
            "" => rest.to_string(),
            domain => format!("{domain}:{rest}"),
        },
        _ => bus,
    };
    if bare.contains('.') {
        bare
    } else {
        format!("{bare}.0")
    }
}

/// The numbers of these cards among those that are there; of no names, the first `count`. As many as there are cards in the walk, and none twice
/// unless `twice` says so.
pub(crate) fn find(
    there: &[CardInfo],
    names: &[CardName],
    count: u32,
    twice: bool,
) -> Result<Vec<usize>, ProverError> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let unavailable = |text: String| Err(ProverError::Unavailable(text));
    let listed = || {
        let all: Vec<String> = there.iter().map(ToString::to_string).collect();
        all.join(", ")
    };
    if names.is_empty() && count > there.len() {
        let seen = there.len();
        return unavailable(format!(
            "the walk takes {count} cards, there are {seen}: {}",
            listed()
        ));
    }
    if names.is_empty() {
        return Ok(there.iter().take(count).map(|card| card.number).collect());
    }
    if names.len() != count {
        let named = names.len();
        return unavailable(format!("the walk takes {count} cards, {named} are named"));
    }
    let mut numbers = Vec::new();
    for name in names {
        let Some(card) = there.iter().find(|card| name.is(card)) else {
            return unavailable(format!("there is no card {name}; there are: {}", listed()));
        };
        if numbers.contains(&card.number) && !twice {
            return unavailable(format!("card {card} is named twice"));
        }
        numbers.push(card.number);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there() -> Vec<CardInfo> {
        let card = |number, uuid: &str, bus: &str| CardInfo {
            number,
            uuid: Some(uuid.into()),
            bus: Some(bus.into()),
            name: "Card".into(),
            memory_bytes: Some(1 << 33),
            driver: "CUDA 12.4".into(),
        };
        vec![
            card(
                0,
                "GPU-aaaaaaaa-0000-0000-0000-000000000001",
                "0000:01:00.0",
            ),
            card(
                1,
                "GPU-aaaaaaaa-0000-0000-0000-000000000002",
                "0001:01:00.0",
            ),
            card(
                2,
                "GPU-aaaaaaaa-0000-0000-0000-000000000003",
                "0000:c1:00.0",
            ),
        ]
    }

    fn found(names: &[&str], count: u32) -> Result<Vec<usize>, ProverError> {
        let names: Vec<CardName> = names.iter().map(|name| name.parse().unwrap()).collect();
        find(&there(), &names, count, false)
    }

    fn refused(names: &[&str], count: u32) -> String {
        match found(names, count) {
            Err(ProverError::Unavailable(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_card_is_found_by_each_of_its_names_in_the_order_asked_for() {
        assert_eq!(found(&["2", "0"], 2), Ok(vec![2, 0]));
        assert_eq!(
            found(&["GPU-AAAAAAAA-0000-0000-0000-000000000002"], 1),
            Ok(vec![1])
        );
        assert_eq!(
            found(&["aaaaaaaa-0000-0000-0000-000000000003"], 1),
            Ok(vec![2])
        );
        let places = ["00000000:C1:00.0", "01:00.0", "1:01:00"];
        assert_eq!(found(&places, 3), Ok(vec![2, 0, 1]));
        assert_eq!(found(&[], 2), Ok(vec![0, 1]), "the first ones");
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let text = refused(&["GPU-bbbbbbbb"], 1);
        assert!(
            text.contains("GPU-bbbbbbbb") && text.contains("000000000003"),
            "{text}"
        );
        assert!(refused(&["0", "01:00.0"], 2).contains("twice"));
        assert!(refused(&["0", "1"], 3).contains("takes 3 cards, 2 are named"));
        assert!(refused(&[], 4).contains("takes 4 cards, there are 3"));
        let names = [CardName::Number(1), CardName::Number(1)];
        assert_eq!(find(&there(), &names, 2, true), Ok(vec![1, 1]));
        assert!(refused(&["3"], 1).contains("no card 3"));
    }

    #[test]
    fn names_are_read_as_they_are_printed() {
        for name in ["7", "GPU-1", "0000:01:00.0"] {
            assert_eq!(name.parse::<CardName>().unwrap().to_string(), name);
        }
        assert!("".parse::<CardName>().is_err());
    }
}
