use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{emission, pda, token};

/// The bit of `Minter.rights`.
const RIGHT_EMISSION: u8 = 1;

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let minter_authority = pda::emission::minter_authority();
    let initialize = emission::instructions::Initialize {
        authority: context.authority,
        program_data: pda::program_data(&emission::ID),
        io_mint: context.plan.io_mint()?,
        args: context.plan.emission_args()?,
    };
    let register = token::instructions::RegisterMinter {
        authority: context.authority,
        minter_authority,
        minter: pda::token::minter(&minter_authority),
        rights: RIGHT_EMISSION,
        cap_per_hour: context.plan.emission_cap()?,
    };
    let page = emission::instructions::OpenPage {
        payer: context.authority,
        page: pda::emission::page(0),
        index: 0,
    };
    Ok(vec![
        Step::new(
            "emission",
            pda::emission::config(),
            initialize.instruction(),
        ),
        Step::new(
            "emission as a minter",
            register.minter,
            register.instruction(),
        ),
        Step::new(
            "ledger page of hours 1 to 128",
            page.page,
            page.instruction(),
        ),
    ])
}
