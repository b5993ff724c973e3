use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, token};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let (authority, plan) = (context.authority, context.plan);
    let program_data = pda::program_data(&token::ID);
    let genesis_ts = plan.genesis_ts.unwrap_or(context.now);
    let limits = plan.limits()?;
    let instruction = if plan.io_mint.is_some() {
        let existing = token::instructions::InitializeExisting {
            authority,
            program_data,
            io_mint: plan.io_mint()?,
            genesis_ts,
            limits,
        };
        existing.instruction()
    } else {
        let new = token::instructions::Initialize {
            authority,
            program_data,
            genesis_ts,
            limits,
        };
        new.instruction()
    };
    Ok(vec![Step::new(
        "mint the genesis supply into the vesting vault",
        pda::token::config(),
        instruction,
    )])
}
