//! The name that each single doing has for good.

use super::{Action, Settled};
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

/// Kind of [`Action::Prove`].
pub const PROVE: &str = "prove";
/// Kind of [`Action::Open`].
pub const OPEN: &str = "open";

/// Every kind, to name an action again by its key.
pub const KINDS: [&str; 52] = [
    PROVE,
    "commit",
    "record_challenge",
    OPEN,
    "reveal",
    "finalize",
    "finish",
    "open_rewards",
    "check_in",
    "heartbeat",
    "accept",
    "decline",
    "leave_lease",
    "relist",
    "match",
    "anchor_window",
    "open_window",
    "open_page",
    "close_hour",
    "mint_due",
    "apply_class",
    "refresh_tier",
    "skip_device",
    "delist",
    "settle_lease",
    "settle_leases",
    "report_timeout",
    "answer_dispute",
    "resolve_by_rule",
    "close_verdict",
    "price_anew",
    "expire_order",
    "refund",
    "close_lease",
    "close_order",
    "withdraw_earnings",
    "collect_fees",
    "fund_credit",
    "fund_from_treasury",
    "pay_credit",
    "settle_rewards",
    "claim",
    "claim_co",
    "burn_fees",
    "open_auction",
    "observe_price",
    "update_cover",
    "release_kept",
    "report_price",
    "stage_vaa",
    "post_pyth",
    "drop_vaa",
];

impl Action {
    /// The key's first part.
    pub fn kind(&self) -> &'static str {
        match self {
            Action::Prove { .. } => PROVE,
            Action::Commit { .. } => "commit",
            Action::RecordChallenge { .. } => "record_challenge",
            Action::Open { .. } => OPEN,
            Action::Reveal { .. } => "reveal",
            Action::Finalize { .. } => "finalize",
            Action::Finish { .. } => "finish",
            Action::OpenRewards { .. } => "open_rewards",
            Action::CheckIn { .. } => "check_in",
            Action::Heartbeat { .. } => "heartbeat",
            Action::Accept { .. } => "accept",
            Action::Decline { .. } => "decline",
            Action::LeaveLease { .. } => "leave_lease",
            Action::Relist { .. } => "relist",
            Action::Match { .. } => "match",
            Action::AnchorWindow { .. } => "anchor_window",
            Action::OpenWindow { .. } => "open_window",
            Action::OpenPage { .. } => "open_page",
            Action::CloseHour { .. } => "close_hour",
            Action::MintDue { .. } => "mint_due",
            Action::ApplyClass { .. } => "apply_class",
            Action::RefreshTier { .. } => "refresh_tier",
            Action::SkipDevice { .. } => "skip_device",
            Action::Delist { .. } => "delist",
            Action::SettleLease { .. } => "settle_lease",
            Action::SettleLeases { .. } => "settle_leases",
            Action::ReportTimeout { .. } => "report_timeout",
            Action::AnswerDispute { .. } => "answer_dispute",
            Action::ResolveByRule { .. } => "resolve_by_rule",
            Action::CloseVerdict { .. } => "close_verdict",
            Action::PriceAnew { .. } => "price_anew",
            Action::ExpireOrder { .. } => "expire_order",
            Action::Refund { .. } => "refund",
            Action::CloseLease { .. } => "close_lease",
            Action::CloseOrder { .. } => "close_order",
            Action::WithdrawEarnings { .. } => "withdraw_earnings",
            Action::CollectFees { .. } => "collect_fees",
            Action::FundCredit { .. } => "fund_credit",
            Action::FundFromTreasury { .. } => "fund_from_treasury",
            Action::PayCredit { .. } => "pay_credit",
            Action::SettleRewards { .. } => "settle_rewards",
            Action::Claim { .. } => "claim",
            Action::ClaimCo { .. } => "claim_co",
            Action::BurnFees { .. } => "burn_fees",
            Action::OpenAuction { .. } => "open_auction",
            Action::ObservePrice { .. } => "observe_price",
            Action::UpdateCover { .. } => "update_cover",
            Action::ReleaseKept { .. } => "release_kept",
            Action::ReportPrice { .. } => "report_price",
            Action::StageVaa { .. } => "stage_vaa",
            Action::PostPyth { .. } => "post_pyth",
            Action::DropVaa { .. } => "drop_vaa",
        }
    }

    /// Stable over restarts, and different for every single doing: an order's address may come again, its time of creation
    /// does not.
    pub fn key(&self) -> String {
        let kind = self.kind();
        match self {
            Action::Prove { device, seed, .. } => format!("{kind}/{device}/{}", hex::encode(seed)),
            Action::Commit { device, epoch, .. }
            | Action::RecordChallenge { device, epoch }
            | Action::Open { device, epoch }
            | Action::Finish { device, epoch, .. }
            | Action::Finalize { device, epoch } => format!("{kind}/{device}/{epoch}"),
            Action::Reveal { device, epoch, n } => format!("{kind}/{device}/{epoch}/{n}"),
            Action::OpenRewards { device }
            | Action::Delist { device }
            | Action::Relist { device } => {
                format!("{kind}/{device}")
            }
            Action::CheckIn { device, hour, .. } => format!("{kind}/{device}/{hour}"),
            Action::Heartbeat { device, interval } => format!("{kind}/{device}/{interval}"),
            Action::Accept { lease, matched_ts }
            | Action::Decline {
                lease, matched_ts, ..
            }
            | Action::LeaveLease { lease, matched_ts }
            | Action::SkipDevice { lease, matched_ts }
            | Action::ReportTimeout { lease, matched_ts }
            | Action::CloseLease { lease, matched_ts } => format!("{kind}/{lease}/{matched_ts}"),
            Action::Match {
                order,
                device,
                created_ts,
                ..
            } => format!("{kind}/{order}/{device}/{created_ts}"),
            Action::AnchorWindow { epoch } | Action::OpenWindow { epoch } => {
                format!("{kind}/{epoch}")
            }
            Action::OpenPage { index } => format!("{kind}/{index}"),
            Action::CloseHour { first, .. } => format!("{kind}/{first}"),
            Action::MintDue { minted_units } => format!("{kind}/{minted_units}"),
            Action::ApplyClass { class, pending_ts } => format!("{kind}/{class}/{pending_ts}"),
            Action::RefreshTier { device, tier } => format!("{kind}/{device}/{tier}"),
            Action::SettleLease { lease, settled } => {
                format!("{kind}/{lease}/{}/{}", settled.until_ts, settled.steps)
            }
            Action::SettleLeases { order, leases } => format!("{kind}/{order}/{}", digest(leases)),
            Action::AnswerDispute {
                lease,
                opened_ts,
                receipt,
            } => {
                let said = hex::encode(Sha256::digest(&receipt.message));
                format!("{kind}/{lease}/{opened_ts}/{said}")
            }
            Action::ResolveByRule { lease, opened_ts } => format!("{kind}/{lease}/{opened_ts}"),
            Action::CloseVerdict { verdict } => format!("{kind}/{verdict}"),
            Action::PriceAnew { order, step_ts, .. } => format!("{kind}/{order}/{step_ts}"),
            Action::Refund {
                order,
                refunded_units,
            } => format!("{kind}/{order}/{refunded_units}"),
            Action::WithdrawEarnings {
                mint,
                owner,
                withdrawn_units,
            } => format!("{kind}/{mint}/{owner}/{withdrawn_units}"),
            Action::CollectFees { mint, fee_units } => format!("{kind}/{mint}/{fee_units}"),
            Action::FundCredit { funded_units, .. }
            | Action::FundFromTreasury { funded_units, .. } => format!("{kind}/{funded_units}"),
            Action::PayCredit {
                owner,
                paid_to_units,
            } => format!("{kind}/{owner}/{paid_to_units}"),
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
                ..
            } => format!("{kind}/{device}/{co_claimed_units}"),
            Action::BurnFees { burned_units } => format!("{kind}/{burned_units}"),
            Action::OpenAuction { mint, round } => format!("{kind}/{mint}/{round}"),
            Action::ObservePrice { hour, .. } | Action::UpdateCover { hour, .. } => {
                format!("{kind}/{hour}")
            }
            Action::ReleaseKept {
                funded_units,
                kept_units,
            } => format!("{kind}/{funded_units}/{kept_units}"),
            Action::ReportPrice { reports } => match reports.first() {
                Some(first) => format!("{kind}/{}/{}/{}", first.key, first.ts, reports.len()),
                None => kind.into(),
            },
            Action::StageVaa { update } | Action::PostPyth { update } => {
                format!("{kind}/{}", update.publish_ts)
            }
            Action::DropVaa { digest } => format!("{kind}/{}", hex::encode(digest)),
        }
    }
    /// What the action is made of, each of it an action of its own, where it is more than one.
    pub fn parts(&self) -> Vec<Action> {
        match self {
            Action::SettleLeases { leases, .. } => leases
                .iter()
                .map(|(lease, settled)| Action::SettleLease {
                    lease: *lease,
                    settled: *settled,
                })
                .collect(),
            // A proof that passed counts also where the check-in is refused; that is then tried by itself.
            Action::Finish { device, epoch, .. } => vec![Action::Finalize {
                device: *device,
                epoch: *epoch,
            }],
            // A report that somebody else carried meanwhile, or that grew too old, must not hold up our own.
            Action::ReportPrice { reports } if reports.len() > 1 => {
                let alone = reports.iter().take(1).cloned().collect();
                vec![Action::ReportPrice { reports: alone }]
            }
            _ => Vec::new(),
        }
    }
}

/// Names a set of leases and how far each is settled.
fn digest(leases: &[(Pubkey, Settled)]) -> String {
    let hash = leases.iter().fold(Sha256::new(), |hash, (lease, settled)| {
        hash.chain_update(lease)
            .chain_update(settled.until_ts.to_le_bytes())
            .chain_update(settled.steps.to_le_bytes())
    });
    hex::encode(hash.finalize())
}
