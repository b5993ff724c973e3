use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, staking};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let initialize = staking::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&staking::ID),
        io_mint: context.plan.io_mint()?,
        case_cap_bps: context.plan.slashing.case_cap_bps,
        month_cap_bps: context.plan.slashing.month_cap_bps,
    };
    Ok(vec![Step::new(
        "staking",
        pda::staking::config(),
        initialize.instruction(),
    )])
}
