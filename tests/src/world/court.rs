//! Who proposes slash cases and who decides them, and the cases against a supplier's device.

use iog_client::pda;
use iog_client::staking::accounts::{Config, SlashCase};
use iog_client::staking::instructions::{
    Appeal, ApplySlashRole, FinalizeSlash, ProposeSlash, Resolve, SetAppealAuthority, SetSlasher,
    WithdrawCase,
};
use iog_client::staking::SlashRole;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{PubkeyOf, Supplier, World};

/// How long naming a role waits.
const DAY: i64 = 86_400;
/// Reason and evidence of a case, where a test is not about them.
const REASON: u8 = 3;
const EVIDENCE: [u8; 32] = [5; 32];

/// Who proposes slashes and who decides appeals.
pub struct Court {
    pub slasher: Keypair,
    pub judge: Keypair,
}

impl Clone for Court {
    fn clone(&self) -> Self {
        Self {
            slasher: self.slasher.insecure_clone(),
            judge: self.judge.insecure_clone(),
        }
    }
}

impl World {
    /// A slasher and an appeal authority, named a day ago.
    pub fn court(&mut self) -> Court {
        let court = Court {
            slasher: self.wallet(),
            judge: self.wallet(),
        };
        self.name_court(court.slasher.pubkey_of(), court.judge.pubkey_of());
        court
    }

    /// The same without the day going by: as if they had been named one ago.
    pub fn seated_court(&mut self) -> Court {
        let court = Court {
            slasher: self.wallet(),
            judge: self.wallet(),
        };
        self.edit::<Config>(&pda::staking::config(), |config| {
            config.slasher.key = court.slasher.pubkey_of();
            config.appeal_authority.key = court.judge.pubkey_of();
        });
        court
    }

    /// Removes who holds the roles, names these two (zeros for nobody), and a day later gives them the roles.
    pub fn name_court(&mut self, slasher: Pubkey, judge: Pubkey) {
        let authority = self.authority.pubkey_of();
        let nobody = Pubkey::default();
        for (slasher, judge) in [(nobody, nobody), (slasher, judge)] {
            let key = slasher;
            self.govern(SetSlasher { authority, key }.instruction());
            let key = judge;
            self.govern(SetAppealAuthority { authority, key }.instruction());
        }
        self.advance(DAY);
        let roles = [
            (slasher, SlashRole::Slasher),
            (judge, SlashRole::AppealAuthority),
        ];
        for (_, role) in roles.into_iter().filter(|(key, _)| *key != nobody) {
            self.govern(ApplySlashRole { role }.instruction());
        }
    }

    /// For an offence of now.
    pub fn propose_slash_ix(
        &self,
        court: &Court,
        supplier: &Supplier,
        amount: u64,
    ) -> ProposeSlash {
        let number = self.staking_config().cases;
        ProposeSlash {
            slasher: court.slasher.pubkey_of(),
            stake: supplier.stake,
            case: pda::staking::slash_case(number),
            amount,
            reason: REASON,
            evidence_hash: EVIDENCE,
            offence_ts: self.now(),
        }
    }

    /// Proposes a case; returns its address.
    pub fn propose_slash(&mut self, court: &Court, supplier: &Supplier, amount: u64) -> Pubkey {
        let propose = self.propose_slash_ix(court, supplier, amount);
        self.must(propose.instruction(), &[&court.slasher]);
        propose.case
    }

    pub fn appeal_ix(&self, by: &Keypair, supplier: &Supplier, case: &Pubkey) -> Appeal {
        Appeal {
            appellant: by.pubkey_of(),
            stake: supplier.stake,
            case: *case,
        }
    }

    pub fn resolve_ix(&self, court: &Court, case: &Pubkey, upheld: bool) -> Resolve {
        Resolve {
            appeal_authority: court.judge.pubkey_of(),
            case: *case,
            upheld,
        }
    }

    pub fn withdraw_case_ix(&self, by: &Keypair, case: &Pubkey) -> WithdrawCase {
        WithdrawCase {
            signer: by.pubkey_of(),
            case: *case,
        }
    }

    pub fn finalize_slash_ix(&self, supplier: &Supplier, case: &Pubkey) -> FinalizeSlash {
        let books = self.find(case).filter(|account| !account.data.is_empty());
        let owner = supplier.owner.pubkey_of();
        let proposer = books.map(|_| self.read::<SlashCase>(case).proposer);
        FinalizeSlash {
            proposer: proposer.unwrap_or(owner),
            owner,
            stake: supplier.stake,
            case: *case,
            io_mint: self.io,
            token_config: pda::token::config(),
        }
    }
}
