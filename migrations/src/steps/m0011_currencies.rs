use super::{
    m0006_market::{add_escrow, USD},
    Context, Step,
};
use crate::plan::PlanError;
use iog_client::{market, pda};

/// What orders may be paid in besides IO.
pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let credit = market::instructions::AddCreditEscrow {
        authority: context.authority,
        token_config: pda::token::config(),
        escrow: pda::market::escrow(&pda::token::iosd_mint()),
        io_mint: context.plan.io_mint()?,
    };
    let mut steps = vec![Step::new(
        "escrow of IOSD and its suppliers' line",
        credit.escrow,
        credit.instruction(),
    )];
    if let Some(mint) = context.plan.usdc_mint()? {
        steps.push(add_escrow(context, "escrow of USDC", mint, USD));
    }
    Ok(steps)
}
