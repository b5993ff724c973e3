//! The market: renters and their orders, listed devices and their leases, and the money between them.

mod changes;
mod checks;
mod credit;
mod disputes;
mod ends;
mod held;
mod leases;
mod money;
mod offers;
mod orders;
mod receipts;

use iog_client::market::{OrderArgs, Part, PartArgs};
use iog_client::pda;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{iosd_ata, PubkeyOf, Supplier, World, CLASS_TEST};

pub use offers::{price_book_args, ALL_CURRENCIES, NEUTRAL};
pub use orders::with_classes;
pub use receipts::{receipt_key, Receipt, GENESIS_HASH};

/// What a renter's wallet is given: 20,000 IO and 20,000 US dollars.
const RENTER_IO: u64 = 2_000_000_000_000;
const RENTER_USD: u64 = 20_000_000_000;

/// What an order is paid in; its number is the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Currency {
    Io = 0,
    Usd = 1,
    Iosd = 2,
}

/// All of them.
pub const CURRENCIES: [Currency; 3] = [Currency::Io, Currency::Usd, Currency::Iosd];

/// A wallet that books GPUs.
pub struct Renter {
    pub wallet: Keypair,
    /// The wallet's account for IO.
    pub token: Pubkey,
    /// The wallet's account for US dollars.
    pub usd: Pubkey,
    /// The wallet's account for IOSD, once it has any.
    pub iosd: Pubkey,
    pub stats: Pubkey,
}

impl Clone for Renter {
    fn clone(&self) -> Self {
        Self {
            wallet: self.wallet.insecure_clone(),
            ..*self
        }
    }
}

impl Renter {
    /// The wallet's account for a currency.
    pub fn token_of(&self, currency: Currency) -> Pubkey {
        match currency {
            Currency::Io => self.token,
            Currency::Usd => self.usd,
            Currency::Iosd => self.iosd,
        }
    }
}

/// A part of an order: class, GPUs on each machine, and GPUs.
type Wish = (u16, u16, u32);

/// The parts of an order; those behind the last are none.
pub fn parts_of(wishes: &[Wish]) -> [PartArgs; 4] {
    let mut parts = [PartArgs {
        class_id: 0,
        per_machine: 0,
        gpus: 0,
    }; 4];
    for (part, (class_id, per_machine, gpus)) in parts.iter_mut().zip(wishes) {
        *part = PartArgs {
            class_id: *class_id,
            per_machine: *per_machine,
            gpus: *gpus,
        };
    }
    parts
}

/// A number of all parts of an order together.
pub fn all_of(parts: &[Part], number: impl Fn(&Part) -> u32) -> u32 {
    parts.iter().map(number).sum()
}

/// An order that any device of class 1 meets, at any price.
pub fn order_args(id: u64, gpus: u32, hours: u32) -> OrderArgs {
    OrderArgs {
        id,
        parts: parts_of(&[(CLASS_TEST, 0, gpus)]),
        hours,
        max_total: u64::MAX,
        kind: 0,
        min_tier: 0,
        platform: 0,
        min_reputation_bps: 0,
        secure_only: false,
        countries: [[0; 2]; 8],
        engineer_key: Pubkey::new_from_array([7; 32]),
        receipt_key: receipt_key().pubkey_of(),
        owner: Pubkey::default(),
        image_hash: [8; 32],
        command_hash: [9; 32],
    }
}

impl World {
    /// The mint of a currency.
    pub fn mint_of(&self, currency: Currency) -> Pubkey {
        match currency {
            Currency::Io => self.io,
            Currency::Usd => self.usd,
            Currency::Iosd => pda::token::iosd_mint(),
        }
    }

    /// The currency of a mint.
    pub fn currency_of(&self, mint: &Pubkey) -> Currency {
        CURRENCIES
            .into_iter()
            .find(|currency| self.mint_of(*currency) == *mint)
            .unwrap_or_else(|| panic!("{mint} is no currency of the market"))
    }

    /// The books of a currency.
    pub fn escrow_of(&self, currency: Currency) -> Pubkey {
        pda::market::escrow(&self.mint_of(currency))
    }

    /// What a supplier has earned in a currency.
    pub fn earnings_of(&self, supplier: &Supplier, currency: Currency) -> Pubkey {
        pda::market::earnings(&self.mint_of(currency), &supplier.owner.pubkey_of())
    }

    /// A wallet with 20,000 IO, 20,000 US dollars and its statistics.
    pub fn renter(&mut self) -> Renter {
        let wallet = self.wallet();
        self.renter_with(wallet)
    }

    /// The same for a key that exists, a supplier's for instance.
    pub fn renter_with(&mut self, wallet: Keypair) -> Renter {
        let address = wallet.pubkey_of();
        let renter = Renter {
            token: self.give_io(&address, RENTER_IO),
            usd: self.give_usd(&address, RENTER_USD),
            iosd: iosd_ata(&address),
            stats: pda::market::renter(&address),
            wallet,
        };
        self.govern(self.open_renter_ix(&address).instruction());
        renter
    }

    /// Mints US dollars to the wallet's associated account.
    pub fn give_usd(&mut self, wallet: &Pubkey, amount: u64) -> Pubkey {
        let (mint, authority) = (self.usd, self.authority.insecure_clone());
        self.mint_to(&mint, &authority, wallet, amount)
    }
}
