//! Which cards stand behind which device key.

use iog_pow_gpu::CardName;
use solana_pubkey::Pubkey;

/// A device of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Own {
    /// The device's account.
    device: Pubkey,
    key: Pubkey,
    /// If no device has any, cards are dealt out.
    named: Vec<CardName>,
}

/// The cards that the configuration gives the devices of this machine.
#[derive(Debug)]
pub struct Cards {
    /// In the order of the configuration.
    own: Vec<Own>,
}

impl Cards {
    /// Device keys with the cards that are named for them, in the configuration's order.
    pub fn new(devices: impl IntoIterator<Item = (Pubkey, Vec<CardName>)>) -> Self {
        let own = devices.into_iter().map(|(key, named)| Own {
            device: iog_client::pda::registry::device(&key),
            key,
            named,
        });
        Self { own: own.collect() }
    }

    /// What is named for a device, as text.
    pub fn names(&self, device: &Pubkey) -> Vec<String> {
        let own = self.own.iter().find(|own| own.device == *device);
        let named = own.into_iter().flat_map(|own| &own.named);
        named.map(ToString::to_string).collect()
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
            .ok_or("its key is in no [[device]]")?;
        if self.own.iter().all(|own| own.named.is_empty()) {
            let taken = self.own.iter().take(place);
            let first = taken.fold(0, |sum, own| before(&own.device).saturating_add(sum));
            let numbers = first..first.saturating_add(quantity);
            return Ok(numbers.map(number).collect());
        }
        match u32::try_from(own.named.len()) == Ok(quantity) {
            true => Ok(own.named.clone()),
            false => Err(format!(
                "[[device]] names {} cards for the device key {}, which is registered with {quantity}: name as many",
                own.named.len(),
                own.key
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

    fn cards(named: &[(u8, &[&str])]) -> Cards {
        Cards::new([9, 1, 5].map(|n| {
            let own = named.iter().find(|(own, _)| *own == n);
            let names = own.into_iter().flat_map(|(_, names)| names.iter());
            (key(n), names.map(|name| name.parse().unwrap()).collect())
        }))
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
        assert!(of(&dealt, 7, 1).unwrap_err().contains("[[device]]"));
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
        assert_eq!(named.names(&device(9)), ["GPU-a", "0000:c1:00.0"]);
        assert!(named.names(&device(5)).is_empty());
    }
}
