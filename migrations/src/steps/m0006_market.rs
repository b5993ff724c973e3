use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{market, pda};
use solana_pubkey::Pubkey;

/// What an escrow may be of, as `add_escrow` takes it.
const IO: u8 = 0;
pub(super) const USD: u8 = 1;

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let initialize = market::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&market::ID),
        args: context.plan.market_args(context.genesis_hash)?,
    };
    Ok(vec![
        Step::new("market", pda::market::config(), initialize.instruction()),
        add_escrow(context, "escrow of IO", context.plan.io_mint()?, IO),
    ])
}

pub(super) fn add_escrow(context: &Context<'_>, label: &str, mint: Pubkey, currency: u8) -> Step {
    let add = market::instructions::AddEscrow {
        authority: context.authority,
        mint,
        escrow: pda::market::escrow(&mint),
        vault: pda::market::vault(&mint),
        currency,
    };
    Step::new(label, add.escrow, add.instruction())
}
