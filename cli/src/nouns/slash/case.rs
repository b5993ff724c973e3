//! A case as it stands. Its times are the staking program's (`state/slash_case.rs`), which decides.

use crate::{
    context::Context,
    error::Result,
    output::{Record, Time},
};
use iog_client::{pda, staking::accounts::SlashCase};
use iog_math::units::{Io, Usd6};
use solana_pubkey::Pubkey;

/// 30 days to appeal, and 30 to decide or carry out (staking's `APPEAL_SECS`, `DECISION_SECS`).
const APPEAL_SECS: i64 = 2_592_000;
const DECISION_SECS: i64 = 2_592_000;
/// From the appeal until a case may be upheld at the earliest (`UPHOLD_AFTER_SECS`).
const UPHOLD_AFTER_SECS: i64 = 259_200;
const STATES: [&str; 5] = ["open", "appealed", "upheld", "rejected", "withdrawn"];
const OPEN: u8 = 0;
const APPEALED: u8 = 1;
const UPHELD: u8 = 2;

const HOW_TO_FIND: &str = "cases that were closed are gone: see iog slash list";

/// What closing a case would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Burn what it holds or, of a case that names a verdict, owe it to the renter.
    Take,
    Release,
    /// Nothing yet.
    Runs,
}

pub fn state(case: &SlashCase) -> &'static str {
    let name = STATES.get(usize::from(case.state));
    name.copied().unwrap_or("unknown")
}

/// The next moment at which something changes by itself; `None` once nothing does.
pub fn deadline(case: &SlashCase) -> Option<i64> {
    match case.state {
        OPEN => Some(case.proposed_ts.saturating_add(APPEAL_SECS)),
        APPEALED => Some(case.appealed_ts.saturating_add(DECISION_SECS)),
        UPHELD => Some(case.decided_ts.saturating_add(DECISION_SECS)),
        _ => None,
    }
}

/// A case that nobody decides or carries out in time lapses in the stakers' favour.
pub fn end(case: &SlashCase, now: i64) -> End {
    let over = deadline(case).is_none_or(|deadline| now >= deadline);
    match case.state {
        UPHELD if !over => End::Take,
        OPEN | APPEALED if !over => End::Runs,
        OPEN if now < lapse(case) => End::Take,
        _ => End::Release,
    }
}

/// When a case that nobody appealed can no longer take anything.
fn lapse(case: &SlashCase) -> i64 {
    let appeal = case.proposed_ts.saturating_add(APPEAL_SECS);
    appeal.saturating_add(DECISION_SECS)
}

/// From when on an appeal may be upheld.
fn uphold_from(case: &SlashCase) -> Option<i64> {
    (case.state == APPEALED).then(|| case.appealed_ts.saturating_add(UPHOLD_AFTER_SECS))
}

pub async fn find(context: &Context, number: u64) -> Result<(Pubkey, SlashCase)> {
    let address = pda::staking::slash_case(number);
    let case = context.get(&address, HOW_TO_FIND).await?;
    Ok((address, case))
}

pub async fn list(context: &Context, device: Option<Pubkey>) -> Result<()> {
    let device = match device {
        Some(given) => Some(context.device(&given).await?.0.to_bytes()),
        None => None,
    };
    let filters: Vec<(usize, &[u8])> = device
        .iter()
        .map(|device| (SlashCase::DEVICE_AT, device.as_slice()))
        .collect();
    let mut cases = context.list::<SlashCase>(&filters).await?;
    cases.sort_by_key(|(_, case)| case.number);
    let now = context.time().await?.now;
    let records: Vec<Record> = cases.iter().map(|(_, case)| record(case, now)).collect();
    context.out.many(&records, "no cases");
    Ok(())
}

pub fn record(case: &SlashCase, now: i64) -> Record {
    let co_staker = (case.co_units > 0).then_some(case.co_staker);
    Record::new()
        .put("case", case.number)
        .put("device", case.device)
        .put("state", state(case))
        .put("reason", case.reason)
        .put(
            "offence_ts",
            (!pays_renter(case)).then_some(Time(case.offence_ts)),
        )
        .put("proposer", case.proposer)
        .put("owner_amount", Io(case.owner_units))
        .put("co_staker", co_staker)
        .put("co_amount", Io(case.co_units))
        .put("evidence_sha256", hex::encode(case.evidence_hash))
        .put("proposed_ts", Time(case.proposed_ts))
        .put("deadline_ts", deadline(case).map(Time))
        .put("uphold_from_ts", uphold_from(case).map(Time))
        .put("finalize_would", said(end(case, now), case))
        .put("verdict", pays_renter(case).then_some(case.verdict))
        .put(
            "claim_usd",
            pays_renter(case).then_some(Usd6(case.claim_usd6)),
        )
}

/// Whether it pays the renter of a verdict; else it burns.
pub fn pays_renter(case: &SlashCase) -> bool {
    case.verdict != Pubkey::default()
}

pub fn said(end: End, case: &SlashCase) -> &'static str {
    match end {
        End::Take if pays_renter(case) => "owe to the renter",
        End::Take => "burn",
        End::Release => "release",
        End::Runs => "be too early",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_client::{decode, AccountData as _};

    fn case(state: u8, appealed_ts: i64) -> SlashCase {
        let mut data = SlashCase::DISCRIMINATOR.to_vec();
        data.resize(512, 0);
        let mut case: SlashCase = decode(&data).unwrap();
        (case.state, case.proposed_ts, case.appealed_ts) = (state, 1_000, appealed_ts);
        case
    }

    #[test]
    fn what_nobody_acts_on_is_released() {
        let appeal_until = 1_000 + 2_592_000;
        let open = case(0, 0);
        assert_eq!(end(&open, appeal_until - 1), End::Runs);
        assert_eq!(end(&open, appeal_until), End::Take);
        assert_eq!(end(&open, appeal_until + 2_592_000), End::Release);
        let appealed = case(1, 5_000);
        assert_eq!(deadline(&appealed), Some(5_000 + 2_592_000));
        assert_eq!(end(&appealed, appeal_until), End::Runs);
        assert_eq!(end(&appealed, 5_000 + 2_592_000), End::Release);
        let mut upheld = case(2, 5_000);
        upheld.decided_ts = 300_000;
        assert_eq!(end(&upheld, 300_000 + 2_591_999), End::Take);
        assert_eq!(end(&upheld, 300_000 + 2_592_000), End::Release);
        assert_eq!(end(&case(3, 5_000), 0), End::Release);
        assert_eq!(end(&case(4, 5_000), 0), End::Release);
        assert_eq!(uphold_from(&appealed), Some(5_000 + 259_200));
        assert_eq!(uphold_from(&open), None);
    }
}
