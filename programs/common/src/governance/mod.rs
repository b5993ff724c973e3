//! What every config of the suite has, once: an authority that changes hands in two steps, a guardian that may pause and drop
//! what waits, pause bits, roles whose naming waits, and parameters with bounds whose changes wait a day or a week. The programs instantiate the instructions, events and
//! errors with [`governance!`](crate::governance!) and [`parameters!`](crate::parameters!), so that each program's IDL
//! names them; the rules are here.

mod instructions;
mod parameter;
mod parameters;
mod role;
mod schedule;

pub use parameter::{Bounds, Change, Delay, Parameter};
pub use role::{Role, RoleChange};
pub use schedule::{is_inherited, require_due, scheduled_at};

use anchor_lang::prelude::*;

/// How long a rise waits, so that everybody sees it before it binds: 24 hours. What takes longer to leave, a stake, keeps the lower of its
/// own terms and of these.
pub const DELAY_SECS: i64 = 86_400;
/// How long a change waits that shifts earnings from some to others: 7 days.
pub const WEEK_SECS: i64 = 604_800;
/// For how long a scheduled change can be applied, so that none waits forgotten for years: 7 days.
pub const LAPSE_SECS: i64 = 604_800;

/// Why governance refuses. Each program gives these the same codes, from 6900 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    NotPendingAuthority,
    NothingProposed,
    NotGuardian,
    InvalidRole,
    UnknownAction,
    Paused,
    OutOfBounds,
    NothingScheduled,
    TooEarly,
    Lapsed,
    MathOverflow,
}

type Result<T> = core::result::Result<T, Refusal>;

/// The roles of a config, borrowed from its fields. An address of zeros is nobody.
pub struct Roles<'a> {
    pub authority: &'a mut Address,
    /// Since when it is the authority: what was scheduled before it is void.
    pub authority_since_ts: &'a mut i64,
    pub pending_authority: &'a mut Address,
    pub guardian: &'a mut Address,
    /// One bit for each action that is paused.
    pub paused: &'a mut u8,
}

/// Zeros: no role.
pub const NOBODY: Address = Address::new_from_array([0; 32]);

impl Roles<'_> {
    /// Names a successor, who must accept. A later proposal replaces an earlier one.
    pub fn propose(&mut self, successor: Address) -> Result<()> {
        if successor == NOBODY || successor == *self.guardian || successor == *self.authority {
            return Err(Refusal::InvalidRole);
        }
        *self.pending_authority = successor;
        Ok(())
    }

    /// Takes the proposal back; returns whose it was.
    pub fn cancel(&mut self) -> Result<Address> {
        let successor = core::mem::replace(self.pending_authority, NOBODY);
        if successor == NOBODY {
            return Err(Refusal::NothingProposed);
        }
        Ok(successor)
    }

    /// Makes the proposed successor the authority; returns who was before. It starts with nothing scheduled: a key that leaked leaves
    /// nothing behind that its successor must know of.
    pub fn accept(&mut self, signer: &Address, now: i64) -> Result<Address> {
        if *self.pending_authority == NOBODY {
            return Err(Refusal::NothingProposed);
        }
        if signer != &*self.pending_authority {
            return Err(Refusal::NotPendingAuthority);
        }
        *self.pending_authority = NOBODY;
        // Later than the last hand-over, also within its second: neither that nor a clock that steps back revives what was scheduled between.
        *self.authority_since_ts = now.max(self.authority_since_ts.saturating_add(1));
        Ok(core::mem::replace(self.authority, *signer))
    }

    /// Names the guardian, or nobody; returns who was before. The guardian is never the authority or its successor: who
    /// may pause must not be the key whose loss makes pausing necessary.
    pub fn set_guardian(&mut self, guardian: Address) -> Result<Address> {
        if guardian != NOBODY
            && (guardian == *self.authority || guardian == *self.pending_authority)
        {
            return Err(Refusal::InvalidRole);
        }
        Ok(core::mem::replace(self.guardian, guardian))
    }

    /// For what the guardian may do beside the authority: pausing, and dropping what waits.
    pub fn require_guard(&self, signer: &Address) -> Result<()> {
        if signer != &*self.authority && signer != &*self.guardian {
            return Err(Refusal::NotGuardian);
        }
        Ok(())
    }

    /// Pauses `actions`, for the guardian or the authority; returns the bits before.
    pub fn pause(&mut self, signer: &Address, actions: u8, known: u8) -> Result<u8> {
        self.require_guard(signer)?;
        require_known(actions, known)?;
        let before = *self.paused;
        *self.paused |= actions;
        Ok(before)
    }

    /// Resumes `actions`; the caller has checked the authority. Returns the bits before.
    pub fn resume(&mut self, actions: u8, known: u8) -> Result<u8> {
        require_known(actions, known)?;
        let before = *self.paused;
        *self.paused &= !actions;
        Ok(before)
    }
}

fn require_known(actions: u8, known: u8) -> Result<()> {
    if actions == 0 || actions & !known != 0 {
        return Err(Refusal::UnknownAction);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
