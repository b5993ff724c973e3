use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{market, pda};

/// Pyth's feed of IO/USD, from its public list.
const IO_USD_FEED: [u8; 32] = [
    0x82, 0x59, 0x5d, 0x15, 0x09, 0xb7, 0x70, 0xfa, 0x52, 0x68, 0x1e, 0x26, 0x0a, 0xf4, 0xdd, 0xa9,
    0x75, 0x2b, 0x87, 0x31, 0x6d, 0x7c, 0x04, 0x85, 0x35, 0xd8, 0xea, 0xd3, 0xfa, 0x85, 0x6e, 0xb1,
];

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let mint = pda::token::io_mint();
    let fees = &context.plan.fees;
    let initialize = market::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&market::ID),
        args: market::types::ConfigArgs {
            io_feed: IO_USD_FEED,
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
