//! Who measures connections.

use super::{Plan, PlanError};
use crate::amounts::{address, value};
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

/// Places of measurers in the registry's config.
const MOST: usize = 9;
/// The least quorum: one of three can lie and moves nothing.
const LEAST_QUORUM: usize = 3;

impl Plan {
    /// The measurers by their places, and how many of them give a tier: at least three, and more than half.
    pub(crate) fn measurers_and_quorum(&self) -> Result<(Vec<Pubkey>, u8), PlanError> {
        let named = self.measurers.iter();
        let named = named.map(|text| address("measurers", Some(text), Pubkey::default()));
        let named = named.collect::<Result<Vec<_>, _>>()?;
        let different: BTreeSet<_> = named.iter().collect();
        if named.len() > MOST || different.len() < named.len() {
            let reason = "it must be at most 9 addresses, none of them twice";
            return Err(value("measurers", reason));
        }
        let least = LEAST_QUORUM.max(named.len() / 2 + 1);
        let quorum = self.quorum.map_or(least, usize::from);
        if !(least..=MOST).contains(&quorum) {
            let reason = format!("it must be {least} to {MOST}: more than half of the measurers");
            return Err(value("quorum", &reason));
        }
        let quorum = u8::try_from(quorum).map_err(|_| value("quorum", "it is too large"))?;
        Ok((named, quorum))
    }
}
