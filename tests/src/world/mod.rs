//! A chain in one process.

mod accounts;
mod clock;
mod costake;
mod court;
mod fees;
mod genesis;
mod iosd;
mod limits;
mod market;
mod price;
mod programs;
mod proof;
mod reporters;
mod rewards;
mod send;
mod supply;
mod token;

use std::collections::BTreeMap;

use iog_client::{market::ConfigArgs, pda};
use litesvm::LiteSVM;
use sha2::{Digest, Sha256};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

pub use costake::CoStaker;
pub use court::Court;
pub use genesis::{
    class_args, CASE_CAP_BPS, CLASS_COMMUNITY, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS,
    MIN_AGE_SECS, MONTH_CAP_BPS,
};
pub use iosd::{iosd_ata, spl_2022};
pub use limits::{
    emission_args, limit_args, market_args, source_args, treasury_args, RIGHT_EMISSION, RIGHT_IOSD,
    RIGHT_NET_EMISSION, RIGHT_REFUND,
};
pub use market::{
    all_of, order_args, parts_of, price_book_args, receipt_key, with_classes, Currency, Receipt,
    Renter, ALL_CURRENCIES, CURRENCIES, GENESIS_HASH, NEUTRAL,
};
pub use programs::so_path;
pub use proof::{
    commit_ix, finalize_ix, opening, prover, reveal_ix, seed, shape, shape_of, try_commit,
    CHALLENGE_SLOTS,
};
pub use reporters::{signed, signed_for};
pub use rewards::page_of;
pub use send::{expect_code, packet_len, Code, Failure, Meta, Outcome};
pub use supply::{set_state_ix, Supplier};
pub use token::{ata, spl, TOKEN_2022, TOKEN_PROGRAM};

/// Lamports of a fresh wallet: 100 SOL.
const FUNDS: u64 = 100_000_000_000;

/// The chain, the keys that run the network, and a generator of keys that gives the same ones in every run.
pub struct World {
    pub svm: LiteSVM,
    /// Upgrade authority of every program, and so the authority of every config.
    pub authority: Keypair,
    /// Holds the IO that was released at genesis.
    pub bank: Keypair,
    /// Signs connectivity tiers.
    pub attestor: Keypair,
    /// Decides disputes of the market.
    pub resolver: Keypair,
    /// The IO mint.
    pub io: Pubkey,
    /// The mint of a US dollar token that the market takes; the network's authority mints it.
    pub usd: Pubkey,
    /// Pyth's IO/USD account.
    pub price: Pubkey,
    hashes: Vec<(u64, [u8; 32])>,
    keys: u64,
    /// Numbers of the keys that were made, by address.
    keyring: BTreeMap<Pubkey, u64>,
    costs: BTreeMap<String, u64>,
}

impl World {
    /// Programs and clock only: nothing is initialised. The clock stands one hour before the network's start.
    pub fn new() -> Self {
        let mut world = Self {
            svm: LiteSVM::new().with_log_bytes_limit(None),
            authority: seeded("authority", 0),
            bank: seeded("bank", 0),
            attestor: seeded("attestor", 0),
            resolver: seeded("resolver", 0),
            io: pda::token::io_mint(),
            usd: seeded("usd", 0).pubkey_of(),
            price: seeded("price", 0).pubkey_of(),
            hashes: Vec::new(),
            keys: 0,
            keyring: BTreeMap::new(),
            costs: BTreeMap::new(),
        };
        world.start_clock(GENESIS_TS - 3_600);
        let authority = world.authority.pubkey_of();
        world.load_programs(&authority);
        for wallet in [
            authority,
            world.bank.pubkey_of(),
            world.attestor.pubkey_of(),
            world.resolver.pubkey_of(),
        ] {
            world.fund(&wallet, FUNDS);
        }
        world
    }

    /// Every program initialised and the first hour begun; see [`World::bootstrap`].
    pub fn ready() -> Self {
        let mut world = Self::new();
        world.bootstrap();
        world
    }

    /// As [`World::ready`], but what is settled can be disputed for so long before it is earned.
    pub fn with_disputes(dispute_secs: u32) -> Self {
        let mut world = Self::new();
        world.bootstrap_with(ConfigArgs {
            dispute_secs,
            ..market_args(&world.resolver.pubkey_of())
        });
        world
    }

    /// A new key without an account.
    pub fn key(&mut self) -> Keypair {
        self.keys += 1;
        let key = seeded("key", self.keys);
        self.keyring.insert(key.pubkey_of(), self.keys);
        key
    }

    /// The key of an address that this world made or runs with.
    pub fn key_of(&self, address: &Pubkey) -> Keypair {
        let known = [&self.authority, &self.bank, &self.attestor, &self.resolver];
        if let Some(key) = known.into_iter().find(|key| key.pubkey_of() == *address) {
            return key.insecure_clone();
        }
        let number = self
            .keyring
            .get(address)
            .unwrap_or_else(|| panic!("this world made no key of {address}"));
        seeded("key", *number)
    }

    /// A new wallet with 100 SOL.
    pub fn wallet(&mut self) -> Keypair {
        let wallet = self.key();
        self.fund(&wallet.pubkey_of(), FUNDS);
        wallet
    }

    /// A new address without an account.
    pub fn address(&mut self) -> Pubkey {
        self.key().pubkey_of()
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for World {
    fn clone(&self) -> Self {
        Self {
            svm: self.svm.clone(),
            authority: self.authority.insecure_clone(),
            bank: self.bank.insecure_clone(),
            attestor: self.attestor.insecure_clone(),
            resolver: self.resolver.insecure_clone(),
            io: self.io,
            usd: self.usd,
            price: self.price,
            hashes: self.hashes.clone(),
            keys: self.keys,
            keyring: self.keyring.clone(),
            costs: self.costs.clone(),
        }
    }
}

/// The public half, without importing the signer's trait everywhere.
pub trait PubkeyOf {
    fn pubkey_of(&self) -> Pubkey;
}

impl PubkeyOf for Keypair {
    fn pubkey_of(&self) -> Pubkey {
        solana_signer::Signer::pubkey(self)
    }
}

/// The same key in every run, so that addresses, bumps and compute units are the same too.
fn seeded(role: &str, number: u64) -> Keypair {
    let digest = Sha256::new()
        .chain_update(role)
        .chain_update(number.to_le_bytes())
        .finalize();
    Keypair::new_from_array(digest.into())
}
