use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, token};
use iog_math::vesting;

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    (0u8..)
        .zip(vesting::genesis())
        .map(|(id, allocation)| {
            let schedule = allocation.schedule;
            let create = token::instructions::CreateVesting {
                authority: context.authority,
                vesting: pda::token::vesting(id),
                args: token::types::VestingArgs {
                    id,
                    beneficiary: context
                        .plan
                        .beneficiary_or(allocation.name, context.authority)?,
                    total: schedule.total,
                    at_start_bps: schedule.at_start_bps,
                    first_release_secs: schedule.first_release_secs,
                    periods: schedule.periods,
                    period_secs: schedule.period_secs,
                    per_second: schedule.per_second,
                },
            };
            Ok(Step::new(
                format!("vesting of {}", allocation.name),
                pda::token::vesting(id),
                create.instruction(),
            ))
        })
        .collect()
}
