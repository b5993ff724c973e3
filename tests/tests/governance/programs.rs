//! The six programs as one table: their instructions of governance, what they keep and what they say.

use iog_client::{emission, events, market, pda, registry, staking, token, treasury};
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::{Code, Meta, Outcome, World};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

/// The refusals of governance, of one program.
pub struct Refusals {
    pub not_authority: Code,
    pub not_pending_authority: Code,
    pub nothing_proposed: Code,
    pub not_guardian: Code,
    pub invalid_role: Code,
    pub unknown_action: Code,
    pub paused: Code,
    pub out_of_bounds: Code,
    pub nothing_scheduled: Code,
    pub too_early: Code,
    pub lapsed: Code,
    pub overflow: Code,
}

/// The roles of a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    pub authority: Pubkey,
    pub pending: Pubkey,
    pub guardian: Pubkey,
    pub paused: u8,
    pub since_ts: i64,
}

/// What a program said about its governance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Proposed { authority: Pubkey, pending: Pubkey },
    Cancelled { authority: Pubkey, pending: Pubkey },
    Authority { before: Pubkey, after: Pubkey },
    Guardian { before: Pubkey, after: Pubkey },
    Paused { by: Pubkey, before: u8, after: u8 },
}

pub struct Program {
    pub name: &'static str,
    pub id: Pubkey,
    pub config: Pubkey,
    /// Every bit that can be paused.
    pub all: u8,
    pub refusals: Refusals,
    pub propose: fn(authority: Pubkey, successor: Pubkey) -> Instruction,
    pub cancel: fn(authority: Pubkey) -> Instruction,
    pub accept: fn(signer: Pubkey) -> Instruction,
    pub set_guardian: fn(authority: Pubkey, guardian: Pubkey) -> Instruction,
    pub pause: fn(signer: Pubkey, actions: u8) -> Instruction,
    pub resume: fn(authority: Pubkey, actions: u8) -> Instruction,
    pub roles: fn(&World) -> Roles,
    said: fn(&events::Event) -> Option<Said>,
}

macro_rules! program {
    ($module:ident, $error:ident, $variant:ident, $all:expr) => {
        Program {
            name: stringify!($module),
            id: $module::ID,
            config: pda::$module::config(),
            all: $all,
            refusals: Refusals {
                not_authority: $module::$error::NotAuthority.into(),
                not_pending_authority: $module::$error::NotPendingAuthority.into(),
                nothing_proposed: $module::$error::NothingProposed.into(),
                not_guardian: $module::$error::NotGuardian.into(),
                invalid_role: $module::$error::InvalidRole.into(),
                unknown_action: $module::$error::UnknownAction.into(),
                paused: $module::$error::Paused.into(),
                out_of_bounds: $module::$error::OutOfBounds.into(),
                nothing_scheduled: $module::$error::NothingScheduled.into(),
                too_early: $module::$error::TooEarly.into(),
                lapsed: $module::$error::Lapsed.into(),
                overflow: $module::$error::GovernanceOverflow.into(),
            },
            propose: |authority, successor| {
                $module::instructions::ProposeAuthority {
                    authority,
                    successor,
                }
                .instruction()
            },
            cancel: |authority| $module::instructions::CancelAuthority { authority }.instruction(),
            accept: |signer| $module::instructions::AcceptAuthority { signer }.instruction(),
            set_guardian: |authority, guardian| {
                $module::instructions::SetGuardian {
                    authority,
                    guardian,
                }
                .instruction()
            },
            pause: |signer, actions| $module::instructions::Pause { signer, actions }.instruction(),
            resume: |authority, actions| {
                $module::instructions::Resume { authority, actions }.instruction()
            },
            roles: |world| {
                let config = world.read::<$module::accounts::Config>(&pda::$module::config());
                Roles {
                    authority: config.authority,
                    pending: config.pending_authority,
                    guardian: config.guardian,
                    paused: config.paused,
                    since_ts: config.authority_since_ts,
                }
            },
            said: |event| {
                let events::Event::$variant(event) = event else {
                    return None;
                };
                Some(match event {
                    $module::Event::AuthorityProposed(event) => Said::Proposed {
                        authority: event.authority,
                        pending: event.pending_authority,
                    },
                    $module::Event::AuthorityProposalCancelled(event) => Said::Cancelled {
                        authority: event.authority,
                        pending: event.pending_authority,
                    },
                    $module::Event::AuthorityChanged(event) => Said::Authority {
                        before: event.before,
                        after: event.after,
                    },
                    $module::Event::GuardianChanged(event) => Said::Guardian {
                        before: event.before,
                        after: event.after,
                    },
                    $module::Event::PauseChanged(event) => Said::Paused {
                        by: event.by,
                        before: event.before,
                        after: event.after,
                    },
                    _ => return None,
                })
            },
        }
    };
}

/// Every program, with the bits that it can pause.
pub fn programs() -> Vec<Program> {
    vec![
        program!(emission, EmissionError, Emission, 0b1),
        program!(market, MarketError, Market, 0b1),
        program!(registry, RegistryError, Registry, 0b1),
        program!(staking, StakingError, Staking, 0b111),
        program!(token, TokenError, Token, 0b101),
        program!(treasury, TreasuryError, Treasury, 0b1),
    ]
}

/// A world and one of its programs.
pub struct Case {
    pub world: World,
    pub program: Program,
    pub authority: Keypair,
}

/// Each program in a world of its own.
pub fn cases() -> Vec<Case> {
    let world = World::ready();
    let case = |program| Case {
        world: world.clone(),
        program,
        authority: world.authority.insecure_clone(),
    };
    programs().into_iter().map(case).collect()
}

impl Case {
    pub fn roles(&self) -> Roles {
        (self.program.roles)(&self.world)
    }

    /// Sends what must be accepted; returns what the program said about its governance, and nothing else.
    #[track_caller]
    pub fn does(&mut self, instruction: Instruction, key: &Keypair) -> Said {
        let meta: Meta = self
            .world
            .send(&[instruction], &[key])
            .unwrap_or_else(|failure| panic!("{}: {failure:?}", self.program.name));
        let said: Vec<Said> = meta.events.iter().filter_map(self.program.said).collect();
        assert_eq!(
            (meta.events.len(), said.len()),
            (1, 1),
            "{}",
            self.program.name
        );
        said[0].clone()
    }

    /// Sends what must be refused with this code and change nothing.
    #[track_caller]
    pub fn refuses(&mut self, code: &Code, instruction: Instruction, key: &Keypair) {
        let before: Account = self.world.account(&self.program.config);
        let outcome: Outcome = self.world.send(&[instruction], &[key]);
        expect_code(outcome, code.clone());
        assert_eq!(self.world.account(&self.program.config), before);
    }

    /// Names a guardian; returns its key.
    pub fn guardian(&mut self) -> Keypair {
        let guardian = self.world.wallet();
        let set = (self.program.set_guardian)(self.authority.pubkey_of(), guardian.pubkey_of());
        let key = self.authority.insecure_clone();
        self.does(set, &key);
        guardian
    }
}
