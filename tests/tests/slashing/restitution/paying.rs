//! The instructions of restitution.

use iog_client::pda;
use iog_client::staking::accounts::SlashCase;
use iog_client::staking::instructions::{
    CloseRestitution, FetchRestitution, FinalizeRestitution, ProposeRestitution,
};
use iog_tests::world::{ata, PubkeyOf};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

pub const EVIDENCE: [u8; 32] = [4; 32];

/// The instructions of one verdict's restitution.
#[derive(Clone, Copy)]
pub struct Paying {
    pub slasher: Pubkey,
    pub verdict: Pubkey,
    pub renter: Pubkey,
}

impl Paying {
    pub fn restitution(&self) -> Pubkey {
        pda::staking::restitution(&self.verdict)
    }

    /// At the price that was posted last.
    pub fn propose_ix(&self, world: &World, one: &Supplier, amount: u64) -> ProposeRestitution {
        let number = world.staking_config().cases;
        ProposeRestitution {
            slasher: self.slasher,
            stake: one.stake,
            verdict: self.verdict,
            restitution: self.restitution(),
            case: pda::staking::slash_case(number),
            price_source: pda::token::price_source(),
            price: world.price,
            amount,
            evidence_hash: EVIDENCE,
        }
    }

    pub fn finalize_ix(&self, world: &World, one: &Supplier, case: &Pubkey) -> FinalizeRestitution {
        let there = world.find(case).filter(|account| !account.data.is_empty());
        let proposer = there.map(|_| world.read::<SlashCase>(case).proposer);
        FinalizeRestitution {
            proposer: proposer.unwrap_or(self.slasher),
            owner: one.owner.pubkey_of(),
            stake: one.stake,
            case: *case,
            restitution: self.restitution(),
        }
    }

    /// By the authority, a stranger to the renter.
    pub fn fetch_ix(&self, world: &World, renter_token: &Pubkey) -> FetchRestitution {
        FetchRestitution {
            signer: world.authority.pubkey_of(),
            restitution: self.restitution(),
            renter_token: *renter_token,
            associated: ata(&self.renter, &world.io),
            io_mint: world.io,
        }
    }

    pub fn close_ix(&self, payer: &Pubkey) -> CloseRestitution {
        CloseRestitution {
            payer: *payer,
            restitution: self.restitution(),
        }
    }
}
