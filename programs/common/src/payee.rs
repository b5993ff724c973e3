//! Where a stranger may pay somebody.

use anchor_lang::{find_program_address, prelude::*};

const ASSOCIATED_TOKEN: Address =
    anchor_lang::address!("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
/// Of a token account of either token program.
const OWNER: core::ops::Range<usize> = 32..64;

/// A token account that somebody is paid into, as far as the rule for strangers goes.
pub struct Payee<'a> {
    pub recipient: &'a Address,
    pub mint: &'a Address,
    pub token_program: &'a Address,
    /// The recipient's associated account, which may not exist.
    pub associated: &'a AccountView,
    pub destination: &'a Address,
    /// Whether the recipient signed.
    pub signed: bool,
}

impl Payee<'_> {
    /// Whoever may sign for the recipient chooses the account. Strangers pay into its associated one, where custodians look; only where
    /// its owner has handed that to somebody else, into any account of the recipient: nobody may be locked out by giving one away.
    pub fn is_allowed(&self) -> bool {
        if self.signed {
            return true;
        }
        let (expected, _) = find_program_address(
            &[
                self.recipient.as_ref(),
                self.token_program.as_ref(),
                self.mint.as_ref(),
            ],
            &ASSOCIATED_TOKEN,
        );
        *self.associated.address() == expected
            && (*self.destination == expected || self.is_given_away())
    }

    /// The associated account exists and is another's.
    fn is_given_away(&self) -> bool {
        if !self.associated.owned_by(self.token_program) {
            return false;
        }
        let data = self.associated.try_borrow();
        data.is_ok_and(|data| {
            data.get(OWNER)
                .is_some_and(|owner| owner != self.recipient.as_ref())
        })
    }
}
