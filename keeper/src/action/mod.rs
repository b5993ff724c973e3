//! What a keeper can do, and the name that each single doing has for good.

mod name;

pub use name::{KINDS, OPEN, PROVE};

use crate::{config::Role, price::PythUpdate};
use iog_client::price_report::SignedReport;
use iog_job::Signed;
use iog_pow::Node;
use solana_pubkey::Pubkey;

/// One thing to do. Every transaction-bearing action is idempotent on chain: doing it twice is refused as already done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Walk the memory for a seed; no transaction.
    Prove {
        device: Pubkey,
        seed: [u8; 32],
        /// What it came to the first time, where it is committed already.
        commit: Option<Node>,
    },
    Commit {
        device: Pubkey,
        epoch: u64,
        root: Node,
    },
    RecordChallenge {
        device: Pubkey,
        epoch: u64,
    },
    /// Compute what a challenge asks for; no transaction.
    Open {
        device: Pubkey,
        epoch: u64,
    },
    Reveal {
        device: Pubkey,
        epoch: u64,
        n: u8,
    },
    Finalize {
        device: Pubkey,
        epoch: u64,
    },
    /// Finalize a proof whose openings are all there and check in for its hour, in one transaction.
    Finish {
        device: Pubkey,
        epoch: u64,
        hour: u32,
        previous_page: Option<u32>,
    },
    OpenRewards {
        device: Pubkey,
    },
    CheckIn {
        device: Pubkey,
        hour: u32,
        previous_page: Option<u32>,
    },
    Heartbeat {
        device: Pubkey,
        interval: i64,
    },
    Accept {
        lease: Pubkey,
        matched_ts: i64,
    },
    /// Refuse a match, for good.
    Decline {
        lease: Pubkey,
        matched_ts: i64,
        why: Why,
    },
    /// Leave an order that does not start, or one beyond what was agreed to.
    LeaveLease {
        lease: Pubkey,
        matched_ts: i64,
    },
    /// List the device as its owner had, when somebody took it off the market.
    Relist {
        device: Pubkey,
    },
    Match {
        order: Pubkey,
        part: u8,
        device: Pubkey,
        created_ts: i64,
    },
    /// Draw when the hour's window opens.
    AnchorWindow {
        epoch: u64,
    },
    OpenWindow {
        epoch: u64,
    },
    OpenPage {
        index: u32,
    },
    CloseHour {
        first: u32,
        count: u8,
    },
    /// Mint what closed hours have shared out.
    MintDue {
        minted_units: u64,
    },
    /// Apply a class's terms that have waited long enough.
    ApplyClass {
        class: Pubkey,
        pending_ts: i64,
    },
    /// Reckon a device's tier anew.
    RefreshTier {
        device: Pubkey,
        tier: u8,
    },
    /// Free the place of a device that was asked and let its time to accept pass.
    SkipDevice {
        lease: Pubkey,
        matched_ts: i64,
    },
    /// Take a device off the market that may no longer be on it.
    Delist {
        device: Pubkey,
    },
    SettleLease {
        lease: Pubkey,
        settled: Settled,
    },
    /// Several leases of one order in one transaction, each with what [`Action::SettleLease`] has.
    SettleLeases {
        order: Pubkey,
        leases: Vec<(Pubkey, Settled)>,
    },
    /// End the lease of a device that has fallen silent, or hardly serves.
    ReportTimeout {
        lease: Pubkey,
        matched_ts: i64,
    },
    /// Answer a dispute with a receipt of its renter: once with each.
    AnswerDispute {
        lease: Pubkey,
        opened_ts: i64,
        receipt: Signed,
    },
    /// Decide a dispute by the rule.
    ResolveByRule {
        lease: Pubkey,
        opened_ts: i64,
    },
    CloseVerdict {
        verdict: Pubkey,
    },
    /// Take IO for a dollar anew for an order's further hours.
    PriceAnew {
        order: Pubkey,
        step_ts: i64,
        price: Pubkey,
    },
    ExpireOrder {
        order: Pubkey,
        created_ts: i64,
    },
    /// Pay the renter what is due, in whatever currency.
    Refund {
        order: Pubkey,
        refunded_units: u64,
    },
    CloseLease {
        lease: Pubkey,
        matched_ts: i64,
    },
    CloseOrder {
        order: Pubkey,
        created_ts: i64,
    },
    /// Pay a supplier what it has earned in a currency.
    WithdrawEarnings {
        mint: Pubkey,
        owner: Pubkey,
        withdrawn_units: u64,
    },
    /// Hand a currency's fees to the treasury; of IOSD, say how much is earned.
    CollectFees {
        mint: Pubkey,
        fee_units: u64,
    },
    /// Mint net emission for suppliers that wait for IO.
    FundCredit {
        funded_units: u64,
        max_units: u64,
    },
    /// Pay them from what the treasury keeps.
    FundFromTreasury {
        funded_units: u64,
        max_units: u64,
    },
    /// Pay a supplier what of its claim the line has come to.
    PayCredit {
        owner: Pubkey,
        paid_to_units: u64,
    },
    SettleRewards {
        device: Pubkey,
        first_hour: u32,
        page: u32,
        second_page: Option<u32>,
    },
    Claim {
        device: Pubkey,
        claimed_units: u64,
    },
    /// Of the present co-staker or the one before.
    ClaimCo {
        device: Pubkey,
        co_staker: Pubkey,
        co_claimed_units: u64,
    },
    BurnFees {
        burned_units: u64,
    },
    /// Report what IO costs: what this keeper signed first, then what it carries for others.
    ReportPrice {
        reports: Vec<SignedReport>,
    },
    /// Write the first part of Pyth's signed message into an account of ours.
    StageVaa {
        update: PythUpdate,
    },
    /// Write the rest, have it verified, post the price, and take the account's rent back.
    PostPyth {
        update: PythUpdate,
    },
    /// Take back the rent of a message that is of no more use.
    DropVaa {
        /// Names what was written.
        digest: [u8; 8],
    },
    /// Show the token program the price, once an hour of unix time.
    ObservePrice {
        hour: u64,
        price: Pubkey,
    },
    /// Show the market what a dollar of IOSD is worth to suppliers.
    UpdateCover {
        hour: u64,
        price: Pubkey,
    },
    /// Have what is kept for suppliers burned: none of them waits.
    ReleaseKept {
        funded_units: u64,
        kept_units: u64,
    },
    /// Begin the round after `round` of the auction that spends a currency.
    OpenAuction {
        mint: Pubkey,
        round: u64,
    },
}

/// Why a match is declined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The device is paused, or the order takes nobody any more.
    Closed,
    /// The time to accept is over.
    Late,
    /// Its order did not become whole in time.
    NeverWhole,
    /// The operator does not take it, or the engine cannot.
    Policy(String),
}

impl Why {
    /// For the operator.
    pub fn reason(&self) -> &str {
        match self {
            Why::Closed => "the device is paused, or the order takes nobody any more",
            Why::Late => "the time to accept is over",
            Why::NeverWhole => "its order did not become whole in time",
            Why::Policy(reason) => reason,
        }
    }
}

/// How far a lease is settled: names each of its settlements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Hours before this are judged.
    pub until_ts: i64,
    /// Hours released, and one if the device is counted as hired.
    pub steps: u32,
}

/// An action, and the role that wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub role: Role,
    pub action: Action,
}
