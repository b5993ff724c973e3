use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, token};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let initialize = token::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&token::ID),
        genesis_ts: context.plan.genesis_ts.unwrap_or(context.now),
    };
    Ok(vec![Step::new(
        "mint the genesis supply into the vesting vault",
        pda::token::config(),
        initialize.instruction(),
    )])
}
