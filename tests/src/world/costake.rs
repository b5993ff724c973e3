//! Co-stakers of a supplier's device.

use iog_client::pda;
use iog_client::staking::accounts::{Config, DeviceStake};
use iog_client::staking::instructions::{
    AcceptOffer, Leave, MakeOffer, Retract, WithdrawCo, WithdrawOverflow,
};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{ata, Meta, PubkeyOf, Supplier, World};

/// What a co-staker's wallet is given: 20,000 IO.
const WALLET_IO: u64 = 2_000_000_000_000;

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

    /// To anyone.
    pub fn offer_ix(&self, supplier: &Supplier, amount: u64, co_share_bps: u16) -> MakeOffer {
        let owner = supplier.owner.pubkey_of();
        MakeOffer {
            owner,
            stake: supplier.stake,
            offer: pda::staking::offer(&supplier.device),
            owner_book: pda::staking::owner_book(&owner),
            amount,
            co_share_bps,
            co_staker: Pubkey::default(),
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

    /// By the authority, a stranger to both.
    pub fn withdraw_co_ix(&self, supplier: &Supplier, co: &CoStaker) -> WithdrawCo {
        let owner = supplier.owner.pubkey_of();
        WithdrawCo {
            signer: self.authority.pubkey_of(),
            owner,
            stake: supplier.stake,
            owner_book: pda::staking::owner_book(&owner),
            co_staker_token: co.token,
            associated: ata(&co.wallet.pubkey_of(), &self.io),
            io_mint: self.io,
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
