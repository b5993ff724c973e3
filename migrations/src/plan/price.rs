//! Where the price of IO comes from.

use super::PlanError;
use crate::amounts::{address, value};
use iog_client::{pda, token, token::types::PriceSourceArgs};
use serde::Deserialize;
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

/// Places of reporters in the feed.
const MOST: usize = 9;
/// The least quorum: one of three can lie and moves nothing.
const LEAST_QUORUM: usize = 3;

/// Pyth's price feed program, the same on mainnet and devnet
/// (docs.pyth.network/price-feeds/core/contract-addresses/solana).
const PYTH_PUSH_ORACLE: Pubkey =
    Pubkey::from_str_const("pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT");
/// The shard whose accounts Pyth lists (docs.pyth.network/price-feeds/core/push-feeds/solana).
const PYTH_SHARD: u16 = 0;

/// Pyth, or a quorum of our own.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Price {
    /// Updates that Pyth's receiver program has verified.
    Pyth {
        receiver: String,
        /// 32 bytes in hex.
        feed: String,
        /// The only account that is read, or `any`; without it the feed's account of Pyth's price feed program.
        account: Option<String>,
    },
    /// The token program's price feed: the median of what its reporters sign.
    Quorum {
        /// Reports that make a price; without it the least that the program allows.
        quorum: Option<u8>,
        /// Keys of the reporters, 9 at most.
        reporters: Vec<String>,
    },
}

/// The account of Pyth's price feed program in which everybody who posts an update of the feed leaves it. Its seeds are the shard
/// and the feed (pyth-crosschain, target_chains/solana/programs/pyth-push-oracle/src/sdk.rs).
pub fn pyth_account(feed: &[u8; 32]) -> Pubkey {
    pda::find(&[&PYTH_SHARD.to_le_bytes(), feed], &PYTH_PUSH_ORACLE)
}

impl Price {
    /// As the token program takes it.
    pub(crate) fn source(&self) -> Result<PriceSourceArgs, PlanError> {
        let none = Pubkey::default();
        match self {
            Self::Pyth {
                receiver,
                feed,
                account,
            } => {
                let feed = bytes(feed)?;
                let account = match account.as_deref() {
                    Some("any") => none,
                    named => address("price.account", named, pyth_account(&feed))?,
                };
                Ok(PriceSourceArgs {
                    receiver: address("price.receiver", Some(receiver), none)?,
                    feed,
                    account,
                })
            }
            Self::Quorum { .. } => Ok(PriceSourceArgs {
                receiver: token::ID,
                feed: [0; 32],
                account: pda::token::price_feed(),
            }),
        }
    }

    /// The quorum and its reporters, where there is one.
    pub(crate) fn quorum(&self) -> Result<Option<(u8, Vec<Pubkey>)>, PlanError> {
        let Self::Quorum { quorum, reporters } = self else {
            return Ok(None);
        };
        let named = reporters.iter();
        let named = named.map(|text| address("price.reporters", Some(text), Pubkey::default()));
        let named = named.collect::<Result<Vec<_>, _>>()?;
        let different: BTreeSet<_> = named.iter().collect();
        if named.len() > MOST || different.len() < named.len() {
            let reason = "it must be at most 9 addresses, none of them twice";
            return Err(value("price.reporters", reason));
        }
        let least = LEAST_QUORUM.max(named.len() / 2 + 1);
        let quorum = quorum.map_or(least, usize::from);
        if !(least..=named.len()).contains(&quorum) {
            let reason = format!(
                "it must be at least {least}, more than half of the reporters, and at most their number, {}",
                named.len()
            );
            return Err(value("price.quorum", &reason));
        }
        let quorum = u8::try_from(quorum).map_err(|_| value("price.quorum", "it is too large"))?;
        Ok(Some((quorum, named)))
    }
}

fn bytes(feed: &str) -> Result<[u8; 32], PlanError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(feed.trim_start_matches("0x"), &mut bytes)
        .map_err(|_| value("price.feed", "it must be 64 hexadecimal digits"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOL_USD: &str = "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d";
    const IO_USD: &str = "82595d1509b770fa52681e260af4dda9752b87316d7c048535d8ead3fa856eb1";

    fn pyth(account: Option<&str>) -> Price {
        Price::Pyth {
            receiver: PYTH_PUSH_ORACLE.to_string(),
            feed: IO_USD.into(),
            account: account.map(str::to_string),
        }
    }

    /// audit: money L1. Pyth lists the account of SOL/USD (push-feeds/data/svm/solana-mainnet.json); that of IO/USD has the same seeds.
    #[test]
    fn one_account_of_pyth_is_pinned() {
        let listed = "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE";
        assert_eq!(pyth_account(&bytes(SOL_USD).unwrap()).to_string(), listed);
        let ours = "AKigHaXsD5wm3Za1aRkgPMKe8JrfqpwQbgKih7gZt9RD";
        let account = |named| pyth(named).source().unwrap().account.to_string();
        assert_eq!(account(None), ours);
        assert_eq!(account(Some(listed)), listed);
        assert_eq!(account(Some("any")), Pubkey::default().to_string());
        assert!(pyth(Some("none")).source().is_err());
        assert_eq!(pyth(None).quorum().unwrap(), None);
    }

    /// redteam P2
    #[test]
    fn a_quorum_is_more_than_half_and_can_be_reached() {
        let keys: Vec<String> = (0..10).map(|_| Pubkey::new_unique().to_string()).collect();
        let of = |count: usize, quorum: Option<u8>| {
            let reporters = keys[..count].to_vec();
            Price::Quorum { quorum, reporters }.quorum()
        };
        for (count, least) in [(3, 3), (4, 3), (5, 3), (6, 4), (8, 5), (9, 5)] {
            let (quorum, named) = of(count, None).unwrap().unwrap();
            assert_eq!((usize::from(quorum), named.len()), (least, count));
            let most = u8::try_from(count).unwrap();
            assert!(of(count, Some(most)).is_ok());
            assert!(of(count, Some(most + 1)).is_err());
            assert!(of(count, Some(quorum - 1)).is_err());
        }
        for (count, quorum) in [(2, None), (0, None), (10, None), (9, Some(4))] {
            assert!(of(count, quorum).is_err(), "{count} {quorum:?}");
        }
        let twice = Price::Quorum {
            quorum: None,
            reporters: vec![keys[0].clone(); 3],
        };
        assert!(twice.quorum().is_err());
        let source = twice.source().unwrap();
        assert_eq!(source.receiver, token::ID);
        assert_eq!(source.account, pda::token::price_feed());
    }
}
