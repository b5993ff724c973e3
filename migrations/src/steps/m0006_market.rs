use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{market, pda};

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let mint = context.plan.io_mint()?;
    let fees = &context.plan.fees;
    let initialize = market::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&market::ID),
        args: market::types::ConfigArgs {
            reservation_fee_bps: fees.reservation_bps,
            supplier_fee_bps: fees.supplier_bps,
            network_fee_bps: fees.network_bps,
        },
    };
    let add = market::instructions::AddEscrow {
        authority: context.authority,
        mint,
        escrow: pda::market::escrow(&mint),
        vault: pda::market::vault(&mint),
    };
    Ok(vec![
        Step::new("market", pda::market::config(), initialize.instruction()),
        Step::new(
            "escrow of IO",
            pda::market::escrow(&mint),
            add.instruction(),
        ),
    ])
}
