//! What a keeper can do, and the name that each single doing has for good.

use crate::config::Role;
use iog_pow::Root;
use solana_pubkey::Pubkey;

/// Kind of [`Action::Prove`].
pub const PROVE: &str = "prove";

/// Every kind, to name an action again by its key.
pub const KINDS: [&str; 26] = [
    PROVE,
    "commit",
    "record_challenge",
    "reveal",
    "finalize",
    "open_rewards",
    "check_in",
    "heartbeat",
    "accept",
    "start_job",
    "stop_job",
    "collect_job",
    "match",
    "anchor_window",
    "open_window",
    "open_page",
    "close_hour",
    "settle_lease",
    "expire_order",
    "close_lease",
    "close_order",
    "settle_rewards",
    "claim",
    "claim_co",
    "burn_fees",
    "open_auction",
];

/// One thing to do. Every transaction-bearing action is idempotent on chain: doing it twice is refused as already done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Walk the memory for a seed; no transaction.
    Prove {
        device: Pubkey,
        seed: [u8; 32],
    },
    Commit {
        device: Pubkey,
        epoch: u64,
        roots: Vec<Root>,
    },
    RecordChallenge {
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
    /// Submit the order's job to the engine, or find it there; no transaction.
    StartJob {
        lease: Pubkey,
        order: Pubkey,
        job: [u8; 32],
    },
    /// The order is over, the job is not; no transaction.
    StopJob {
        lease: Pubkey,
    },
    /// Fetch what an ended job left; no transaction.
    CollectJob {
        lease: Pubkey,
        order: Pubkey,
    },
    Match {
        order: Pubkey,
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
    SettleLease {
        lease: Pubkey,
        from_ts: i64,
    },
    ExpireOrder {
        order: Pubkey,
        created_ts: i64,
    },
    CloseLease {
        lease: Pubkey,
        matched_ts: i64,
    },
    CloseOrder {
        order: Pubkey,
        created_ts: i64,
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
    ClaimCo {
        device: Pubkey,
        co_claimed_units: u64,
    },
    BurnFees {
        burned_units: u64,
    },
    /// Begin the round after `round` of the auction that spends a currency.
    OpenAuction {
        mint: Pubkey,
        round: u64,
    },
}

impl Action {
    /// The key's first part.
    pub fn kind(&self) -> &'static str {
        match self {
            Action::Prove { .. } => PROVE,
            Action::Commit { .. } => "commit",
            Action::RecordChallenge { .. } => "record_challenge",
            Action::Reveal { .. } => "reveal",
            Action::Finalize { .. } => "finalize",
            Action::OpenRewards { .. } => "open_rewards",
            Action::CheckIn { .. } => "check_in",
            Action::Heartbeat { .. } => "heartbeat",
            Action::Accept { .. } => "accept",
            Action::StartJob { .. } => "start_job",
            Action::StopJob { .. } => "stop_job",
            Action::CollectJob { .. } => "collect_job",
            Action::Match { .. } => "match",
            Action::AnchorWindow { .. } => "anchor_window",
            Action::OpenWindow { .. } => "open_window",
            Action::OpenPage { .. } => "open_page",
            Action::CloseHour { .. } => "close_hour",
            Action::SettleLease { .. } => "settle_lease",
            Action::ExpireOrder { .. } => "expire_order",
            Action::CloseLease { .. } => "close_lease",
            Action::CloseOrder { .. } => "close_order",
            Action::SettleRewards { .. } => "settle_rewards",
            Action::Claim { .. } => "claim",
            Action::ClaimCo { .. } => "claim_co",
            Action::BurnFees { .. } => "burn_fees",
            Action::OpenAuction { .. } => "open_auction",
        }
    }

    /// Stable over restarts, and different for every single doing: an order's address may come again, its time of creation
    /// does not.
    pub fn key(&self) -> String {
        let kind = self.kind();
        match self {
            Action::Prove { device, seed } => format!("{kind}/{device}/{}", hex::encode(seed)),
            Action::Commit { device, epoch, .. }
            | Action::RecordChallenge { device, epoch }
            | Action::Finalize { device, epoch } => format!("{kind}/{device}/{epoch}"),
            Action::Reveal { device, epoch, n } => format!("{kind}/{device}/{epoch}/{n}"),
            Action::OpenRewards { device } => format!("{kind}/{device}"),
            Action::CheckIn { device, hour, .. } => format!("{kind}/{device}/{hour}"),
            Action::Heartbeat { device, interval } => format!("{kind}/{device}/{interval}"),
            Action::Accept { lease, matched_ts } | Action::CloseLease { lease, matched_ts } => {
                format!("{kind}/{lease}/{matched_ts}")
            }
            Action::StartJob { lease, .. }
            | Action::StopJob { lease }
            | Action::CollectJob { lease, .. } => format!("{kind}/{lease}"),
            Action::Match {
                order,
                device,
                created_ts,
            } => format!("{kind}/{order}/{device}/{created_ts}"),
            Action::AnchorWindow { epoch } | Action::OpenWindow { epoch } => {
                format!("{kind}/{epoch}")
            }
            Action::OpenPage { index } => format!("{kind}/{index}"),
            Action::CloseHour { first, .. } => format!("{kind}/{first}"),
            Action::SettleLease { lease, from_ts } => format!("{kind}/{lease}/{from_ts}"),
            Action::ExpireOrder { order, created_ts }
            | Action::CloseOrder { order, created_ts } => {
                format!("{kind}/{order}/{created_ts}")
            }
            Action::SettleRewards {
                device, first_hour, ..
            } => format!("{kind}/{device}/{first_hour}"),
            Action::Claim {
                device,
                claimed_units,
            } => format!("{kind}/{device}/{claimed_units}"),
            Action::ClaimCo {
                device,
                co_claimed_units,
            } => format!("{kind}/{device}/{co_claimed_units}"),
            Action::BurnFees { burned_units } => format!("{kind}/{burned_units}"),
            Action::OpenAuction { mint, round } => format!("{kind}/{mint}/{round}"),
        }
    }
}

/// An action, and the role that wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub role: Role,
    pub action: Action,
}
