use super::{Context, Step};
use crate::plan::PlanError;
use iog_client::{pda, token};

/// Bits of `Minter.rights`: net emission and IOSD.
const RIGHTS: u8 = 2 | 4;

pub fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlanError> {
    let create = token::instructions::CreateIosd {
        authority: context.authority,
        source: context.plan.price.source()?,
    };
    let minter_authority = pda::market::escrow_authority();
    let register = token::instructions::RegisterMinter {
        authority: context.authority,
        minter_authority,
        minter: pda::token::minter(&minter_authority),
        rights: RIGHTS,
        cap_per_hour: 0,
    };
    Ok(vec![
        Step::new(
            "IOSD, net emission and the source of prices",
            pda::token::net_emission(),
            create.instruction(),
        ),
        Step::new(
            "market as a minter of net emission and IOSD",
            register.minter,
            register.instruction(),
        ),
    ])
}
