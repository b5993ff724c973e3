//! What a plan is made from: the chain as it was read, and what this machine has in hand. Plain data, so that a test can
//! write any situation down.

use crate::{price::PythUpdate, rules};
use iog_client::{
    emission::{self, DeviceRewards},
    market::{CreditLine, Earnings, Escrow, Lease, Occupancy, Order, PriceBook, Verdict},
    pda,
    price_report::SignedReport,
    registry::{self, Attestation, Device, HardwareClass, Measurements, Windows},
    staking::DeviceStake,
    token::{self, Minter, NetEmission},
    treasury::{self, Auction, FeeVault},
};
use iog_job::Signed;
use iog_node::{board::LeaseReport, policy::Ability};
use iog_pow::Node;
use solana_pubkey::Pubkey;
use std::collections::{BTreeMap, BTreeSet};

/// SPL Token, which holds IO and dollars, and its successor, which holds IOSD.
pub const TOKEN_PROGRAM: Pubkey =
    Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const TOKEN_2022_PROGRAM: Pubkey =
    Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// The Clock sysvar. The machine's clock has no say in a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainTime {
    pub slot: u64,
    pub now: i64,
}

/// A device with the accounts that hang on it.
#[derive(Clone, Debug)]
pub struct DeviceView {
    pub device: Device,
    pub attestation: Option<Attestation>,
    pub stake: Option<DeviceStake>,
    /// `None`: never listed.
    pub occupancy: Option<Occupancy>,
    pub rewards: Option<DeviceRewards>,
    /// Speed tests that its tier follows from.
    pub measurements: Option<Measurements>,
}

impl DeviceView {
    /// The lease that the device is in.
    pub fn lease(&self) -> Option<Pubkey> {
        self.occupancy
            .as_ref()
            .filter(|occupancy| rules::is_hired(occupancy))
            .map(|occupancy| occupancy.lease)
    }
}

/// What is collected in a currency, and the auction that spends it.
#[derive(Clone, Debug)]
pub struct AuctionView {
    pub auction: Auction,
    pub fees: FeeVault,
}

/// The line of suppliers that wait for IO, and what can fund it.
#[derive(Clone, Debug)]
pub struct CreditView {
    pub line: CreditLine,
    pub net_emission: NetEmission,
}

/// An account with a price of IO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceAt {
    pub address: Pubkey,
    /// When that price was published; `None` for no price.
    pub publish_ts: Option<i64>,
}

/// Prices and books of the market.
#[derive(Clone, Debug, Default)]
pub struct MarketView {
    /// By class.
    pub books: BTreeMap<u16, PriceBook>,
    /// By mint of the currency.
    pub escrows: BTreeMap<Pubkey, Escrow>,
    /// By mint of the currency and owner.
    pub earnings: BTreeMap<(Pubkey, Pubkey), Earnings>,
    pub credit: Option<CreditView>,
    /// What resolvers decided, by address.
    pub verdicts: BTreeMap<Pubkey, Verdict>,
    /// Where the price of IO is read, if that is known.
    pub price: Option<PriceAt>,
}

impl MarketView {
    /// Whether a supplier can be paid in a currency.
    pub fn pays(&self, owner: &Pubkey, mint: &Pubkey) -> bool {
        self.earnings.contains_key(&(*mint, *owner))
    }
}

/// What a reporter of the price last reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    /// 10^-10 USD for one IO; 0 for nothing yet.
    pub price: u64,
    pub ts: i64,
}

/// Pyth's price on this chain, and what of an update is on its way there.
#[derive(Clone, Debug, Default)]
pub struct PythAccount {
    /// Where the network's price is read; the push oracle's account of the feed.
    pub address: Pubkey,
    pub shard: u16,
    pub feed: [u8; 32],
    /// What stands there: price, exponent and time.
    pub posted: Option<(u64, i32, i64)>,
    /// The account that an update is staged in, as it stands.
    pub staged: Option<Vec<u8>>,
}

/// What the role `price` looks at.
#[derive(Clone, Debug, Default)]
pub struct PriceState {
    /// Reporters that are named, if the network has a feed of its own.
    pub reporters: BTreeMap<Pubkey, Reported>,
    /// Where the network's price is Pyth's, and this keeper posts it.
    pub pyth: Option<PythAccount>,
}

impl PriceState {
    /// The feed whose updates are posted.
    pub fn pyth_feed(&self) -> Option<[u8; 32]> {
        self.pyth.as_ref().map(|pyth| pyth.feed)
    }
}

/// The chain, as far as the keeper's roles look at it. Maps are by address.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub time: ChainTime,
    /// The running hour, 1 for the first; the epoch of proofs. 0 before genesis.
    pub hour: u32,
    pub genesis_ts: i64,
    pub registry: registry::Config,
    pub windows: Windows,
    pub emission: emission::Config,
    /// The emission's right to mint.
    pub minter: Option<Minter>,
    pub token: Option<token::Config>,
    /// Ledger pages that were looked for and exist.
    pub pages: BTreeSet<u32>,
    pub classes: BTreeMap<Pubkey, HardwareClass>,
    pub devices: BTreeMap<Pubkey, DeviceView>,
    pub orders: BTreeMap<Pubkey, Order>,
    pub leases: BTreeMap<Pubkey, Lease>,
    pub market: MarketView,
    pub price: PriceState,
    /// The fees in IO.
    pub fees: Option<FeeVault>,
    pub treasury: Option<treasury::Config>,
    /// By mint of the currency.
    pub auctions: BTreeMap<Pubkey, AuctionView>,
    /// What the fee payer has.
    pub payer_lamports: u64,
    /// Associated token accounts that were looked for, exist, and still belong to whom they are associated with.
    pub token_accounts: BTreeSet<Pubkey>,
}

/// The program that keeps a mint's token accounts.
pub fn token_program(mint: &Pubkey) -> Pubkey {
    match *mint == pda::token::iosd_mint() {
        true => TOKEN_2022_PROGRAM,
        false => TOKEN_PROGRAM,
    }
}

/// The associated token account of a wallet.
pub fn token_account(wallet: &Pubkey, mint: &Pubkey) -> Pubkey {
    pda::token_account(wallet, mint, &token_program(mint))
}

impl Snapshot {
    pub fn epoch(&self) -> u64 {
        u64::from(self.hour)
    }

    /// Whether the wallet has its associated token account, the one that strangers pay into.
    pub fn can_pay(&self, wallet: &Pubkey, mint: &Pubkey) -> bool {
        self.token_accounts.contains(&token_account(wallet, mint))
    }

    pub fn class_of(&self, device: &Device) -> Option<&HardwareClass> {
        self.classes.get(&device.class)
    }

    /// A lease with its order.
    pub fn lease(&self, address: &Pubkey) -> Option<(&Lease, &Order)> {
        let lease = self.leases.get(address)?;
        Some((lease, self.orders.get(&lease.order)?))
    }

    /// The lease in which a device serves a started order, with that order: its memory is the renter's.
    pub fn serving(&self, device: &DeviceView) -> Option<(&Lease, &Order)> {
        let (lease, order) = self.lease(&device.lease()?)?;
        rules::serves(lease, order, self.time.now).then_some((lease, order))
    }

    /// Whether serving an order stands for the hour's proof of work: for some hours after the last one that passed, two for each that passed
    /// in a row.
    pub fn is_exempt(&self, view: &DeviceView) -> bool {
        let earned =
            u64::from(view.device.pass_streak).saturating_mul(rules::EXEMPT_HOURS_PER_PASS);
        let hours = self.emission.exempt_hours.value.min(earned);
        self.serving(view).is_some() && rules::proved_within(&view.device, self.epoch(), hours)
    }

    pub fn is_staked(&self, view: &DeviceView) -> bool {
        let pair = view.stake.as_ref().zip(self.class_of(&view.device));
        pair.is_some_and(|(stake, class)| {
            rules::is_staked(stake, class, &view.device, self.time.now)
        })
    }
}

/// How far a proof is on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Under way, or waiting for memory.
    Walking,
    /// Finished.
    Walked { commit: Node },
    /// The openings of a challenge are being computed.
    Opening { commit: Node },
    /// They are there.
    Opened { commit: Node, challenge: [u8; 32] },
    /// It cannot be done on this machine; only another seed is tried.
    Failed,
}

/// A proof in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofView {
    pub seed: [u8; 32],
    pub stage: Stage,
    /// It takes the memory of its cards.
    pub table: bool,
}

impl ProofView {
    /// What the walk came to, if it is finished.
    pub fn commit(&self) -> Option<Node> {
        match self.stage {
            Stage::Walking | Stage::Failed => None,
            Stage::Walked { commit } | Stage::Opening { commit } | Stage::Opened { commit, .. } => {
                Some(commit)
            }
        }
    }
}

/// A renter whose orders were not whole in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// How many, one after the other.
    pub orders: u32,
    /// The last of them, unix seconds.
    pub last_ts: i64,
}

/// What the last look at the price came to.
#[derive(Clone, Debug, Default)]
pub struct PriceView {
    /// What this keeper signed.
    pub own: Option<SignedReport>,
    /// What its peers signed.
    pub others: Vec<SignedReport>,
    /// Pyth's updates, the newest last.
    pub updates: Vec<PythUpdate>,
    /// What the role has spent in the last day of chain time.
    pub spent_lamports: u64,
}

/// What this machine has in hand.
#[derive(Clone, Debug, Default)]
pub struct Local {
    pub price: PriceView,
    /// Accounts of the devices whose keys are here.
    pub own: BTreeSet<Pubkey>,
    /// By device.
    pub proofs: BTreeMap<Pubkey, ProofView>,
    /// What the job side says of its engine.
    pub ability: Ability,
    /// And of leases: by lease and match.
    pub reports: BTreeMap<(Pubkey, i64), LeaseReport>,
    /// What renters have signed of leases that ended, likewise.
    pub receipts: BTreeMap<(Pubkey, i64), Vec<Signed>>,
    /// The operator takes no new leases.
    pub draining: bool,
    /// Orders that a renter let lapse here within a day.
    pub lapses: BTreeMap<Pubkey, u32>,
    /// Leases of these devices that are not closed, over or not.
    pub leases: BTreeSet<Pubkey>,
    /// By renter.
    pub doubts: BTreeMap<Pubkey, Doubt>,
}
