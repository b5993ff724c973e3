//! Everything about one device's stake.

use super::{rules, HOW_TO_OPEN};
use crate::{
    context::Context,
    error::Result,
    nouns::device::Named,
    output::{Record, Time},
};
use iog_client::{pda, staking::accounts::DeviceStake};
use iog_math::units::Io;

pub async fn run(context: &Context, named: &Named) -> Result<()> {
    let (address, device) = context.device(&named.device).await?;
    let class = context.class(&device.class).await?;
    let minimum = rules::minimum(&device, &class)?;
    let stake: DeviceStake = context
        .get(&pda::staking::stake(&address), HOW_TO_OPEN)
        .await?;
    let now = context.time().await?.now;
    let record = Record::new()
        .put("device", address)
        .put("stake", pda::staking::stake(&address))
        .extend(parts(&stake))
        .put("minimum", Io(minimum))
        .put("counts", Io(rules::counted(&stake, now)))
        .put("covers_minimum", rules::counted(&stake, now) >= minimum)
        .put("free_overflow", Io(rules::overflow(&stake, minimum, now)))
        .extend(times(&stake));
    context.out.one(&record);
    Ok(())
}

fn parts(stake: &DeviceStake) -> Record {
    let co_staker = rules::co_staker(stake);
    Record::new()
        .put("owner", stake.owner)
        .put("amount", Io(stake.amount_units))
        .put("held", Io(stake.held_units))
        .put("co_staker", co_staker)
        .put("co_amount", Io(stake.co_amount_units))
        .put("co_held", Io(stake.co_held_units))
        .put("co_share_bps", co_staker.map(|_| stake.co_share_bps))
        .put("co_shares_now", rules::shares(stake))
        .put("open_cases", stake.open_cases)
        .extend(caps(stake))
}

/// No higher than when the part came, whatever the parameters have become.
fn caps(stake: &DeviceStake) -> Record {
    let co = rules::co_staker(stake).map(|_| &stake.co_caps);
    Record::new()
        .put("case_cap_bps_at_most", stake.caps.case_bps)
        .put("month_cap_bps_at_most", stake.caps.month_bps)
        .put("co_case_cap_bps_at_most", co.map(|caps| caps.case_bps))
        .put("co_month_cap_bps_at_most", co.map(|caps| caps.month_bps))
}

fn times(stake: &DeviceStake) -> Record {
    let set = |ts: i64| (ts != 0).then_some(Time(ts));
    let co_unlock = rules::co_staker(stake).and_then(|_| rules::co_unlock_ts(stake));
    let co_since = rules::co_staker(stake).map(|_| Time(stake.co_since_ts));
    Record::new()
        .put("opened_ts", Time(stake.opened_ts))
        // It bears no offence from before.
        .put("co_since_ts", co_since)
        .put("unlock_ts", set(stake.unlock_ts))
        .put("co_counts_until_ts", set(stake.co_leave_ts))
        .put("co_unlock_ts", co_unlock.map(Time))
}
