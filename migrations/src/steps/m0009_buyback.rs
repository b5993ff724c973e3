use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, treasury};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let Some(mint) = context.plan.usdc_mint()? else {
        return Ok(Vec::new());
    };
    let fees = pda::treasury::fees(&mint);
    let add = treasury::instructions::AddFeeVault {
        authority: context.authority,
        mint,
        fees,
        vault: pda::treasury::vault(&mint),
    };
    let auction = treasury::instructions::AddAuction {
        authority: context.authority,
        fees,
        auction: pda::treasury::auction(&mint),
    };
    Ok(vec![
        Step::new("fee vault of USDC", fees, add.instruction()),
        Step::new(
            "auction of USDC for IO",
            auction.auction,
            auction.instruction(),
        ),
    ])
}
