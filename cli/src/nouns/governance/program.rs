//! The programs by name, and what every one of their configs has: the same instructions, generated for each.

use clap::ValueEnum;
use iog_client::{decode, pda, AccountData};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Program {
    Token,
    Registry,
    Staking,
    Emission,
    Market,
    Treasury,
}

/// Runs `$body` with the client's module of the program as `$module`.
macro_rules! of {
    ($program:expr, $module:ident => $body:expr) => {
        match $program {
            Program::Token => {
                use iog_client::token as $module;
                $body
            }
            Program::Registry => {
                use iog_client::registry as $module;
                $body
            }
            Program::Staking => {
                use iog_client::staking as $module;
                $body
            }
            Program::Emission => {
                use iog_client::emission as $module;
                $body
            }
            Program::Market => {
                use iog_client::market as $module;
                $body
            }
            Program::Treasury => {
                use iog_client::treasury as $module;
                $body
            }
        }
    };
}

/// The roles of a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    pub authority: Pubkey,
    pub pending: Pubkey,
    pub guardian: Pubkey,
    pub paused: u8,
    /// Since when the authority is the one that it is.
    pub since_ts: i64,
}

impl Program {
    pub const ALL: [Self; 6] = [
        Self::Token,
        Self::Registry,
        Self::Staking,
        Self::Emission,
        Self::Market,
        Self::Treasury,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Registry => "registry",
            Self::Staking => "staking",
            Self::Emission => "emission",
            Self::Market => "market",
            Self::Treasury => "treasury",
        }
    }

    pub fn id(self) -> Pubkey {
        of!(self, program => program::ID)
    }

    pub fn config(self) -> Pubkey {
        match self {
            Self::Token => pda::token::config(),
            Self::Registry => pda::registry::config(),
            Self::Staking => pda::staking::config(),
            Self::Emission => pda::emission::config(),
            Self::Market => pda::market::config(),
            Self::Treasury => pda::treasury::config(),
        }
    }

    /// The actions that can be paused, with their bits (`mod pause` in each program's constants.rs; a test compares the two).
    pub fn actions(self) -> &'static [(&'static str, u8)] {
        match self {
            Self::Token => &[("emission", 1), ("iosd", 4)],
            Self::Registry => &[("registration", 1)],
            Self::Staking => &[("staking", 1), ("proposing", 2), ("taking", 4)],
            Self::Emission => &[("check-in", 1)],
            Self::Market => &[("orders", 1)],
            Self::Treasury => &[("auctions", 1)],
        }
    }

    /// Names of the actions whose bits are set.
    pub fn named(self, bits: u8) -> Vec<String> {
        let set = self.actions().iter().filter(|(_, bit)| bits & bit != 0);
        set.map(|(name, _)| (*name).to_string()).collect()
    }

    /// The bits of actions by name; the name that is none otherwise.
    pub fn bits(self, names: &[String]) -> Result<u8, &str> {
        names.iter().try_fold(0, |bits, name| {
            let found = self.actions().iter().find(|(known, _)| known == name);
            found.map(|(_, bit)| bits | bit).ok_or(name.as_str())
        })
    }

    /// The roles in the data of the config.
    pub fn roles(self, owner: &Pubkey, data: &[u8]) -> Option<Roles> {
        of!(self, program => {
            let config: program::accounts::Config =
                (*owner == program::accounts::Config::OWNER).then(|| decode(data).ok()).flatten()?;
            Some(Roles {
                authority: config.authority,
                pending: config.pending_authority,
                guardian: config.guardian,
                paused: config.paused,
                since_ts: config.authority_since_ts,
            })
        })
    }

    pub fn propose(self, authority: Pubkey, successor: Pubkey) -> Instruction {
        of!(self, program => program::instructions::ProposeAuthority { authority, successor }.instruction())
    }

    pub fn cancel(self, authority: Pubkey) -> Instruction {
        of!(self, program => program::instructions::CancelAuthority { authority }.instruction())
    }

    pub fn accept(self, signer: Pubkey) -> Instruction {
        of!(self, program => program::instructions::AcceptAuthority { signer }.instruction())
    }

    pub fn set_guardian(self, authority: Pubkey, guardian: Pubkey) -> Instruction {
        of!(self, program => program::instructions::SetGuardian { authority, guardian }.instruction())
    }

    pub fn pause(self, signer: Pubkey, actions: u8) -> Instruction {
        of!(self, program => program::instructions::Pause { signer, actions }.instruction())
    }

    pub fn resume(self, authority: Pubkey, actions: u8) -> Instruction {
        of!(self, program => program::instructions::Resume { authority, actions }.instruction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `pub const CHECK_IN: u8 = 1;` and so on in the module `pause`, as names and bits.
    fn declared(program: Program) -> Vec<(String, u8)> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../programs");
        let path = format!("{root}/{}/src/constants.rs", program.name());
        let text = std::fs::read_to_string(&path).unwrap();
        let module = text.split("pub mod pause {").nth(1).unwrap();
        let module = module.split("\n}").next().unwrap();
        let constants = module.lines().filter_map(|line| {
            let (name, bit) = line
                .trim()
                .strip_prefix("pub const ")?
                .split_once(": u8 = ")?;
            let bit = bit.trim_end_matches(';').parse().ok()?;
            Some((name.to_lowercase().replace('_', "-"), bit))
        });
        constants.collect()
    }

    #[test]
    fn the_actions_are_those_of_the_programs() {
        for program in Program::ALL {
            let known = program.actions().iter();
            let known: Vec<_> = known.map(|(name, bit)| (name.to_string(), *bit)).collect();
            assert_eq!(known, declared(program), "{program:?}");
        }
    }

    #[test]
    fn actions_are_named_both_ways() {
        let names = |list: &[&str]| list.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        let both = names(&["emission", "iosd"]);
        assert_eq!(Program::Token.bits(&both), Ok(5));
        assert_eq!(Program::Token.named(5), both);
        assert_eq!(Program::Token.bits(&names(&["orders"])), Err("orders"));
        assert!(Program::Market.named(0).is_empty());
    }
}
