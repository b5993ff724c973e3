use crate::{
    constants::*,
    events::{IosdCreated, PriceSourceChanged},
    state::{Config, NetEmission, PriceSource, PriceSourceArgs},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::token_2022::{
    initialize_mint2, initialize_non_transferable_mint, spl_token_2022::state::Mint, ExtensionType,
    InitializeMint2, InitializeNonTransferableMint,
};

#[derive(Accounts)]
pub struct CreateIosd {
    #[account(mut, address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// CHECK: created here, with an extension that Anchor's constraints do not know; the seeds fix the address.
    #[account(mut, seeds = [b"iosd_mint"], bump)]
    pub iosd_mint: UncheckedAccount,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"iosd_authority"], bump)]
    pub iosd_authority: UncheckedAccount,
    #[account(init, payer = authority, seeds = [b"net_emission"], bump)]
    pub net_emission: Account<NetEmission>,
    #[account(init, payer = authority, seeds = [b"price_source"], bump)]
    pub price_source: Account<PriceSource>,
    pub token_2022_program: Program<Token2022>,
    pub system_program: Program<System>,
}

pub fn create_iosd(ctx: &mut Context<CreateIosd>, source: PriceSourceArgs) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let bump = [ctx.bumps.iosd_mint];
    let program = accounts.token_2022_program.address();
    let space =
        ExtensionType::try_calculate_account_len::<Mint>(&[ExtensionType::NonTransferable])?;
    anchor_lang::create_account_with_signers(
        accounts.authority.account(),
        accounts.iosd_mint.account(),
        space,
        program,
        Some(&[IOSD_MINT_SEED, &bump]),
        None,
    )?;
    let mint = accounts.iosd_mint.cpi_handle_mut();
    initialize_non_transferable_mint(CpiContext::new(
        program,
        InitializeNonTransferableMint { mint },
    ))?;
    let mint = accounts.iosd_mint.cpi_handle_mut();
    initialize_mint2(
        CpiContext::new(program, InitializeMint2 { mint }),
        IOSD_DECIMALS,
        accounts.iosd_authority.address(),
        None,
    )?;
    accounts.config.iosd_mint = *accounts.iosd_mint.address();
    accounts.config.iosd_authority_bump = ctx.bumps.iosd_authority;
    accounts.net_emission.version = 1;
    accounts.net_emission.bump = ctx.bumps.net_emission;
    accounts.price_source.version = 1;
    accounts.price_source.bump = ctx.bumps.price_source;
    accounts.price_source.start(&source)?;
    emit!(IosdCreated {
        mint: accounts.config.iosd_mint,
    });
    emit!(PriceSourceChanged {
        receiver: source.receiver,
        feed: source.feed,
        account: source.account,
    });
    Ok(())
}
