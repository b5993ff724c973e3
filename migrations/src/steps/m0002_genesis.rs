use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, token};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let plan = context.plan;
    (0u8..)
        .zip(plan.schedules()?)
        .map(|(id, vesting)| {
            let schedule = vesting.schedule()?;
            let create = token::instructions::CreateVesting {
                authority: context.authority,
                vesting: pda::token::vesting(id),
                args: token::types::VestingArgs {
                    id,
                    beneficiary: plan.beneficiary_or(&vesting.name, context.authority)?,
                    total: schedule.total,
                    at_start_bps: schedule.at_start_bps,
                    first_release_secs: schedule.first_release_secs,
                    periods: schedule.periods,
                    period_secs: schedule.period_secs,
                    per_second: schedule.per_second,
                },
            };
            Ok(Step::new(
                format!("vesting of {}", vesting.name),
                pda::token::vesting(id),
                create.instruction(),
            ))
        })
        .collect()
}
