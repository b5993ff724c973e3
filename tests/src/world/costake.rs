//! Co-stakers and slash cases of a supplier's device.

use iog_client::pda;
use iog_client::staking::accounts::{Config, DeviceStake, SlashCase};
use iog_client::staking::instructions::{
    AcceptOffer, Appeal, FinalizeSlash, Leave, MakeOffer, ProposeSlash, Resolve, Retract,
    SetSlashRoles, WithdrawCo, WithdrawOverflow,
};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{Meta, PubkeyOf, Supplier, World};

/// What a co-staker's wallet is given: 20,000 IO.
const WALLET_IO: u64 = 2_000_000_000_000;
/// Reason and evidence of a case, where a test is not about them.
const REASON: u8 = 3;
const EVIDENCE: [u8; 32] = [5; 32];

/// A wallet that stakes on another's device.
pub struct CoStaker {
    pub wallet: Keypair,
    /// The wallet's account for IO.
    pub token: Pubkey,
}

impl Clone for CoStaker {
    fn clone(&self) -> Self {
        Self {
            wallet: self.wallet.insecure_clone(),
            token: self.token,
        }
    }
}

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
    /// A wallet with 20,000 IO.
    pub fn co_staker(&mut self) -> CoStaker {
        let wallet = self.wallet();
        self.co_staker_with(wallet)
    }

    /// The same for a key that exists, a device's for instance.
    pub fn co_staker_with(&mut self, wallet: Keypair) -> CoStaker {
        let token = self.give_io(&wallet.pubkey_of(), WALLET_IO);
        CoStaker { wallet, token }
    }

    pub fn overflow_ix(&self, supplier: &Supplier, amount: u64) -> WithdrawOverflow {
        WithdrawOverflow {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            class: supplier.class,
            stake: supplier.stake,
            owner_token: supplier.owner_token,
            io_mint: self.io,
            amount,
        }
    }

    pub fn offer_ix(&self, supplier: &Supplier, amount: u64, co_share_bps: u16) -> MakeOffer {
        let owner = supplier.owner.pubkey_of();
        MakeOffer {
            owner,
            stake: supplier.stake,
            offer: pda::staking::offer(&supplier.device),
            owner_book: pda::staking::owner_book(&owner),
            amount,
            co_share_bps,
        }
    }

    pub fn retract_ix(&self, supplier: &Supplier) -> Retract {
        Retract {
            owner: supplier.owner.pubkey_of(),
            offer: pda::staking::offer(&supplier.device),
        }
    }

    pub fn accept_offer_ix(
        &self,
        supplier: &Supplier,
        co: &CoStaker,
        amount: u64,
        co_share_bps: u16,
    ) -> AcceptOffer {
        let (owner, co_staker) = (supplier.owner.pubkey_of(), co.wallet.pubkey_of());
        AcceptOffer {
            co_staker,
            stake: supplier.stake,
            offer: pda::staking::offer(&supplier.device),
            owner_book: pda::staking::owner_book(&owner),
            owner,
            device_of_co_staker: pda::registry::device(&co_staker),
            co_staker_token: co.token,
            io_mint: self.io,
            amount,
            co_share_bps,
        }
    }

    /// Offers and accepts.
    pub fn co_stake(&mut self, supplier: &Supplier, co: &CoStaker, amount: u64, bps: u16) -> Meta {
        let offer = self.offer_ix(supplier, amount, bps).instruction();
        self.must(offer, &[&supplier.owner]);
        let accept = self.accept_offer_ix(supplier, co, amount, bps);
        self.must(accept.instruction(), &[&co.wallet])
    }

    pub fn leave_ix(&self, supplier: &Supplier, co: &CoStaker) -> Leave {
        Leave {
            co_staker: co.wallet.pubkey_of(),
            stake: supplier.stake,
        }
    }

    pub fn withdraw_co_ix(&self, supplier: &Supplier, co: &CoStaker) -> WithdrawCo {
        let owner = supplier.owner.pubkey_of();
        WithdrawCo {
            owner,
            stake: supplier.stake,
            owner_book: pda::staking::owner_book(&owner),
            co_staker_token: co.token,
            io_mint: self.io,
        }
    }

    /// Names a slasher and an appeal authority.
    pub fn court(&mut self) -> Court {
        let court = Court {
            slasher: self.wallet(),
            judge: self.wallet(),
        };
        let roles = SetSlashRoles {
            authority: self.authority.pubkey_of(),
            slasher: court.slasher.pubkey_of(),
            appeal_authority: court.judge.pubkey_of(),
        };
        self.govern(roles.instruction());
        court
    }

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

    pub fn staking_config(&self) -> Config {
        self.read(&pda::staking::config())
    }

    pub fn device_stake(&self, supplier: &Supplier) -> DeviceStake {
        self.read(&supplier.stake)
    }

    /// Panics unless the books hold the stakes of exactly these devices, and the vault that and what renters are owed.
    pub fn check_stakes(&self, suppliers: &[&Supplier]) {
        let parts = suppliers
            .iter()
            .filter(|supplier| {
                let account = self.find(&supplier.stake);
                account.is_some_and(|account| !account.data.is_empty())
            })
            .map(|supplier| self.device_stake(supplier));
        let sum: u64 = parts
            .inspect(|stake| {
                assert!(stake.held_units <= stake.amount_units, "held of the owner");
                assert!(
                    stake.co_held_units <= stake.co_amount_units,
                    "held of the co"
                );
            })
            .map(|stake| stake.amount_units + stake.co_amount_units)
            .sum();
        assert_eq!(self.staking_config().staked_units, sum, "booked");
        let due = self.staking_config().restitution_due_units;
        let vault = self.balance(&pda::staking::vault());
        assert_eq!(vault, sum + due, "in the vault");
    }
}
