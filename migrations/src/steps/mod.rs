//! The migrations, one file each. Numbers are never reused, and a step that has run is never changed: new needs get a new one.

mod m0001_token;
mod m0002_genesis;
mod m0003_registry;
mod m0004_staking;
mod m0005_treasury;
mod m0006_market;
mod m0007_emission;
mod m0008_iosd;
mod m0009_buyback;
mod m0010_catalog;
mod m0011_currencies;
mod m0012_prices;
mod m0013_price_feed;

use crate::{plan::PlanError, Plan};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// What a step's instructions are made from.
pub struct Context<'a> {
    pub authority: Pubkey,
    pub plan: &'a Plan,
    /// The chain's time.
    pub now: i64,
    /// What the market keeps, so that receipts of other networks count for nothing there.
    pub genesis_hash: [u8; 32],
}

/// What runs together, and the account that records that it ran.
#[derive(Clone, Debug)]
pub struct Part {
    pub creates: Pubkey,
    pub instructions: Vec<Instruction>,
}

/// One transaction of the parts that have not run yet.
#[derive(Clone, Debug)]
pub struct Step {
    pub label: String,
    pub parts: Vec<Part>,
}

impl Step {
    fn new(label: impl Into<String>, creates: Pubkey, instruction: Instruction) -> Self {
        let part = Part {
            creates,
            instructions: vec![instruction],
        };
        Self::batch(label, vec![part])
    }

    fn batch(label: impl Into<String>, parts: Vec<Part>) -> Self {
        Self {
            label: label.into(),
            parts,
        }
    }
}

/// A numbered set of steps.
pub struct Migration {
    pub number: u32,
    pub name: &'static str,
    pub steps: fn(&Context<'_>) -> Result<Vec<Step>, PlanError>,
}

/// All migrations, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "token",
        steps: m0001_token::steps,
    },
    Migration {
        number: 2,
        name: "genesis",
        steps: m0002_genesis::steps,
    },
    Migration {
        number: 3,
        name: "registry",
        steps: m0003_registry::steps,
    },
    Migration {
        number: 4,
        name: "staking",
        steps: m0004_staking::steps,
    },
    Migration {
        number: 5,
        name: "treasury",
        steps: m0005_treasury::steps,
    },
    Migration {
        number: 6,
        name: "market",
        steps: m0006_market::steps,
    },
    Migration {
        number: 7,
        name: "emission",
        steps: m0007_emission::steps,
    },
    Migration {
        number: 8,
        name: "iosd",
        steps: m0008_iosd::steps,
    },
    Migration {
        number: 9,
        name: "buyback",
        steps: m0009_buyback::steps,
    },
    Migration {
        number: 10,
        name: "catalog",
        steps: m0010_catalog::steps,
    },
    Migration {
        number: 11,
        name: "currencies",
        steps: m0011_currencies::steps,
    },
    Migration {
        number: 12,
        name: "prices",
        steps: m0012_prices::steps,
    },
    Migration {
        number: 13,
        name: "price feed",
        steps: m0013_price_feed::steps,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Price;

    #[test]
    fn numbers_rise_and_steps_record_themselves_once() {
        let mut quorum = Plan::local().unwrap();
        quorum.price = Price::Quorum {
            quorum: None,
            reporters: (0..9).map(|_| Pubkey::new_unique().to_string()).collect(),
        };
        for plan in [Plan::local().unwrap(), Plan::devnet().unwrap(), quorum] {
            let context = Context {
                authority: Pubkey::new_unique(),
                plan: &plan,
                now: 1_000,
                genesis_hash: [1; 32],
            };
            let mut created = Vec::new();
            for (index, migration) in MIGRATIONS.iter().enumerate() {
                assert_eq!(migration.number as usize, index + 1);
                for step in (migration.steps)(&context).unwrap() {
                    for part in &step.parts {
                        // The account that records a part is one that its first instruction writes.
                        let writes = |meta: &solana_instruction::AccountMeta| {
                            meta.pubkey == part.creates && meta.is_writable
                        };
                        let first = part.instructions.first().unwrap();
                        assert!(first.accounts.iter().any(writes), "{}", step.label);
                        assert!(!created.contains(&part.creates), "{}", step.label);
                        created.push(part.creates);
                    }
                }
            }
        }
    }
}
