use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, treasury};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let mint = context.plan.io_mint()?;
    let initialize = treasury::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&treasury::ID),
        args: context.plan.treasury_args()?,
    };
    let add = treasury::instructions::AddFeeVault {
        authority: context.authority,
        mint,
        fees: pda::treasury::fees(&mint),
        vault: pda::treasury::vault(&mint),
    };
    Ok(vec![
        Step::new(
            "treasury",
            pda::treasury::config(),
            initialize.instruction(),
        ),
        Step::new(
            "fee vault of IO",
            pda::treasury::fees(&mint),
            add.instruction(),
        ),
    ])
}
