//! Who proposes slashes, and who decides appeals.

use super::Config;
use crate::{GovernanceError, StakingError};
use anchor_lang::prelude::*;
use iog_common::governance::{Role, NOBODY};

/// The two roles of slashing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum SlashRole {
    Slasher,
    AppealAuthority,
}

impl Config {
    pub(crate) fn slash_role(&mut self, role: SlashRole) -> &mut Role {
        match role {
            SlashRole::Slasher => &mut self.slasher,
            SlashRole::AppealAuthority => &mut self.appeal_authority,
        }
    }

    /// Names a holder, 24 hours ahead, or removes one at once. The two keys differ, those that wait included: nobody decides what it
    /// proposed. Returns who held it before.
    pub fn set_slash_role(&mut self, role: SlashRole, key: Address, now: i64) -> Result<Address> {
        let other = match role {
            SlashRole::Slasher => &self.appeal_authority,
            SlashRole::AppealAuthority => &self.slasher,
        };
        require!(!other.involves(&key), StakingError::RolesEqual);
        let since_ts = self.authority_since_ts;
        let role = self.slash_role(role);
        let before = role.key;
        role.set(key, now, since_ts)
            .map_err(GovernanceError::from)?;
        Ok(before)
    }

    /// Gives the role to who was named; returns who held it before.
    pub fn apply_slash_role(&mut self, role: SlashRole, now: i64) -> Result<Address> {
        let since_ts = self.authority_since_ts;
        let before = self.slash_role(role).apply(now, since_ts);
        Ok(before.map_err(GovernanceError::from)?)
    }

    /// Forgets who was named; returns whom.
    pub fn drop_slash_role(&mut self, role: SlashRole) -> Result<Address> {
        let dropped = self.slash_role(role).drop_pending();
        Ok(dropped.map_err(GovernanceError::from)?)
    }

    /// Who may take a case back. One that pays a renter only the judge, who stands between renter and supplier.
    pub fn may_withdraw_case(&self, pays_renter: bool, signer: &Address) -> bool {
        if *signer == NOBODY {
            return false;
        }
        let of_the_network = *signer == self.slasher.key || *signer == self.authority;
        *signer == self.appeal_authority.key || (of_the_network && !pays_renter)
    }
}
