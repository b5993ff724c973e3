//! Taking turns among several keepers.

use crate::config::Turn;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

/// Chain seconds that this operator waits in an epoch after an action fell due: its place times the wait. Places change
/// every epoch, so that nobody always pays.
pub fn turn(config: &Turn, epoch: u64, operator: &Pubkey) -> i64 {
    let hash = Sha256::new()
        .chain_update(epoch.to_le_bytes())
        .chain_update(operator)
        .finalize();
    let draw = hash
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let place = draw.checked_rem(config.keepers).unwrap_or(0);
    i64::try_from(place.saturating_mul(config.wait_secs)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread_and_change_by_epoch() {
        let config = Turn {
            keepers: 4,
            wait_secs: 20,
        };
        let operator = Pubkey::new_from_array([7; 32]);
        let waits: Vec<i64> = (1..=64)
            .map(|epoch| turn(&config, epoch, &operator))
            .collect();
        for place in [0, 20, 40, 60] {
            assert!(waits.contains(&place), "{waits:?}");
        }
        assert!(waits.iter().all(|wait| *wait <= 60));
    }

    #[test]
    fn off_waits_for_nobody() {
        let operator = Pubkey::new_from_array([7; 32]);
        assert_eq!(turn(&Turn::default(), 9, &operator), 0);
    }
}
