//! Which cards stand behind which device key.

use crate::{config::Prover, error::KeeperError};
use iog_pow_gpu::CardName;
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// A device of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Own {
    /// The device's account.
    device: Pubkey,
    key: Pubkey,
}

/// The cards that the configuration gives the devices of this machine.
#[derive(Debug)]
pub struct Cards {
    /// In the order of their keys in the configuration.
    own: Vec<Own>,
    /// By device key; if empty, cards are dealt out.
    named: BTreeMap<Pubkey, Vec<CardName>>,
}

impl Cards {
    /// `keys` are those of `device_keys`, in its order.
    ///
    /// # Errors
    /// If cards are named for a key that is not among them.
    pub fn new(prover: &Prover, keys: &[Pubkey]) -> Result<Self, KeeperError> {
        let named = prover.named()?;
        if let Some(stranger) = named.keys().find(|key| !keys.contains(key)) {
            return Err(KeeperError::Config(format!(
                "prover.cards names cards for {stranger}, whose key file is not in device_keys"
            )));
        }
        let own = keys.iter().map(|key| Own {
            device: iog_client::pda::registry::device(key),
            key: *key,
        });
        Ok(Self {
            own: own.collect(),
            named,
        })
    }

    /// The accounts of the devices, in the order of their keys.
    pub fn devices(&self) -> impl Iterator<Item = Pubkey> + '_ {
        self.own.iter().map(|own| own.device)
    }

    /// The cards behind a device that is registered with `quantity` of them, in the order in which they walk. Where none are named they are dealt
    /// out in the order of the keys: `before` says how many each of the other devices takes.
    ///
    /// # Errors
    /// A line that says what to change.
    pub fn of(
        &self,
        device: &Pubkey,
        quantity: u32,
        before: impl Fn(&Pubkey) -> u32,
    ) -> Result<Vec<CardName>, String> {
        let place = self.own.iter().position(|own| own.device == *device);
        let (place, own) = place
            .and_then(|place| Some((place, self.own.get(place)?)))
            .ok_or("its key is not in device_keys")?;
        if self.named.is_empty() {
            let taken = self.own.iter().take(place);
            let first = taken.fold(0, |sum, own| before(&own.device).saturating_add(sum));
            let numbers = first..first.saturating_add(quantity);
            return Ok(numbers.map(number).collect());
        }
        let key = own.key;
        let named = self.named.get(&key).ok_or_else(|| {
            format!("prover.cards has no cards for the device key {key}, which is registered with {quantity}: name them")
        })?;
        match u32::try_from(named.len()) == Ok(quantity) {
            true => Ok(named.clone()),
            false => Err(format!(
                "prover.cards names {} cards for the device key {key}, which is registered with {quantity}: name as many",
                named.len()
            )),
        }
    }
}

fn number(number: u32) -> CardName {
    CardName::Number(usize::try_from(number).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> Pubkey {
        Pubkey::new_from_array([n; 32])
    }

    fn device(n: u8) -> Pubkey {
        iog_client::pda::registry::device(&key(n))
    }

    fn prover(named: &[(u8, &[&str])]) -> Prover {
        let cards = named.iter().map(|(n, names)| {
            let names = names.iter().map(|name| name.to_string());
            (key(*n).to_string(), names.collect())
        });
        Prover {
            cards: cards.collect(),
            ..Prover::default()
        }
    }

    fn cards(named: &[(u8, &[&str])]) -> Cards {
        Cards::new(&prover(named), &[key(9), key(1), key(5)]).unwrap()
    }

    /// What a device of so many cards gets; the others are registered with 8, 2 and 4.
    fn of(cards: &Cards, n: u8, quantity: u32) -> Result<Vec<String>, String> {
        let before = |other: &Pubkey| match *other {
            other if other == device(9) => 8,
            other if other == device(1) => 2,
            _ => 4,
        };
        let found = cards.of(&device(n), quantity, before);
        found.map(|names| names.iter().map(ToString::to_string).collect())
    }

    /// audit: operations C3
    #[test]
    fn cards_are_dealt_out_in_the_order_of_the_keys() {
        let dealt = cards(&[]);
        let first: Vec<String> = (0..8).map(|number| number.to_string()).collect();
        assert_eq!(of(&dealt, 9, 8), Ok(first));
        assert_eq!(of(&dealt, 1, 2), Ok(vec!["8".into(), "9".into()]));
        assert_eq!(of(&dealt, 5, 1), Ok(vec!["10".into()]));
        assert!(of(&dealt, 7, 1).unwrap_err().contains("device_keys"));
    }

    #[test]
    fn named_cards_are_as_many_as_the_device_has() {
        let named = cards(&[(9, &["GPU-a", "0000:c1:00.0"]), (1, &["3"])]);
        assert_eq!(
            of(&named, 9, 2),
            Ok(vec!["GPU-a".into(), "0000:c1:00.0".into()])
        );
        assert_eq!(of(&named, 1, 1), Ok(vec!["3".into()]));
        let error = of(&named, 9, 3).unwrap_err();
        assert!(error.contains("names 2 cards"), "{error}");
        assert!(error.contains("registered with 3"), "{error}");
        let error = of(&named, 5, 4).unwrap_err();
        assert!(error.contains(&key(5).to_string()), "{error}");
    }

    #[test]
    fn cards_of_a_key_that_is_elsewhere_are_refused() {
        let error = Cards::new(&prover(&[(2, &["0"])]), &[key(1)]).unwrap_err();
        assert!(error.to_string().contains(&key(2).to_string()), "{error}");
    }
}
