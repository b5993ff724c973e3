//! Stakes and rewards of a supplier's device.

use iog_client::emission::accounts::Config;
use iog_client::emission::instructions::{CheckIn, Claim, ClaimCo, CloseHour, MintDue, Settle};
use iog_client::market::accounts::{Lease, Occupancy};
use iog_client::staking::instructions::{IncreaseStake, RequestUnstake, Stake, Withdraw};
use iog_client::{pda, token};
use solana_pubkey::Pubkey;

use super::{Meta, PubkeyOf, Supplier, World};

/// Hours of one ledger page.
const PAGE_HOURS: u32 = 128;

/// The ledger page of an hour.
pub fn page_of(hour: u32) -> Pubkey {
    pda::emission::page((hour - 1) / PAGE_HOURS)
}

impl World {
    pub fn stake_ix(&self, supplier: &Supplier, amount: u64) -> Stake {
        Stake {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            class: supplier.class,
            stake: supplier.stake,
            owner_token: supplier.owner_token,
            io_mint: self.io,
            amount,
        }
    }

    pub fn increase_ix(&self, supplier: &Supplier, amount: u64) -> IncreaseStake {
        IncreaseStake {
            owner: supplier.owner.pubkey_of(),
            stake: supplier.stake,
            owner_token: supplier.owner_token,
            io_mint: self.io,
            amount,
        }
    }

    pub fn unstake_ix(&self, supplier: &Supplier) -> RequestUnstake {
        RequestUnstake {
            owner: supplier.owner.pubkey_of(),
            stake: supplier.stake,
            occupancy: supplier.occupancy,
        }
    }

    pub fn withdraw_ix(&self, supplier: &Supplier) -> Withdraw {
        Withdraw {
            owner: supplier.owner.pubkey_of(),
            stake: supplier.stake,
            owner_token: supplier.owner_token,
            io_mint: self.io,
        }
    }

    /// The running hour's check-in, with the lease that the device is in; pending hours are expected on the same page.
    pub fn check_in_ix(&self, supplier: &Supplier) -> CheckIn {
        let lease = self
            .find(&supplier.occupancy)
            .filter(|account| !account.data.is_empty())
            .map(|_| self.read::<Occupancy>(&supplier.occupancy).lease)
            .filter(|lease| *lease != Pubkey::default());
        CheckIn {
            page: page_of(self.hour()),
            previous_page: None,
            rewards: supplier.rewards,
            device: supplier.device,
            class: supplier.class,
            stake: supplier.stake,
            occupancy: supplier.occupancy,
            lease,
            order: lease.map(|lease| self.read::<Lease>(&lease).order),
        }
    }

    /// Checks a device in whose proof is taken for passed.
    pub fn check_in(&mut self, supplier: &Supplier) -> Meta {
        self.mark_passed(supplier);
        self.govern(self.check_in_ix(supplier).instruction())
    }

    /// Closes hours from the first open one on.
    pub fn close_ix(&self, max_hours: u8) -> CloseHour {
        let next_hour = self.read::<Config>(&pda::emission::config()).next_hour;
        CloseHour {
            page: page_of(next_hour),
            max_hours,
        }
    }

    /// Mints what closed hours have shared out.
    pub fn mint_due_ix(&self) -> MintDue {
        MintDue {
            minter: pda::token::minter(&pda::emission::minter_authority()),
            token_config: pda::token::config(),
            io_mint: self.io,
            mint_authority: pda::token::mint_authority(),
        }
    }

    pub fn mint_due(&mut self) -> Meta {
        self.govern(self.mint_due_ix().instruction())
    }

    /// Closes up to `max_hours` hours with all the compute units that a transaction may have.
    pub fn close_hours(&mut self, max_hours: u8) -> Meta {
        let authority = self.authority.insecure_clone();
        let close = self.close_ix(max_hours).instruction();
        self.send_large(&[close], &[&authority])
            .unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    pub fn settle_rewards_ix(&self, supplier: &Supplier, page: u32) -> Settle {
        Settle {
            rewards: supplier.rewards,
            page: pda::emission::page(page),
            previous_page: None,
        }
    }

    pub fn claim_ix(&self, supplier: &Supplier) -> Claim {
        Claim {
            signer: self.authority.pubkey_of(),
            rewards: supplier.rewards,
            owner_token: supplier.owner_token,
            associated: supplier.owner_token,
            io_mint: self.io,
        }
    }

    /// Pays the device's co-staker into its associated account.
    pub fn claim_co_ix(&self, supplier: &Supplier, co_staker_token: &Pubkey) -> ClaimCo {
        ClaimCo {
            signer: self.authority.pubkey_of(),
            rewards: supplier.rewards,
            co_staker_token: *co_staker_token,
            associated: *co_staker_token,
            io_mint: self.io,
        }
    }

    /// Panics unless the mint's supply is what the token's books say.
    pub fn check_supply(&self) {
        let books = self.read::<token::accounts::Config>(&pda::token::config());
        let expected =
            books.genesis_units + books.emitted_units + books.reminted_units - books.burned_units;
        assert_eq!(self.supply(&self.io), expected, "supply of IO");
    }
}
