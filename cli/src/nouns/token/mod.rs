mod iosd;
mod limits;
mod minters;
mod observe;
mod supply;

pub use minters::Right;
pub use supply::{outstanding_iosd, supply};

use crate::{
    args,
    chain::{iosd_account, open_token_account, token_account, token_amount, TOKEN_PROGRAM},
    confirm,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Subcommand;
use iog_client::token;
use iog_math::units::{Io, Iosd};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use spl_token_2022_interface::instruction::transfer_checked;

const DECIMALS: u8 = 8;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// IO and IOSD of a wallet
    #[command(
        after_help = "Example:\n  iog token balance 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    Balance {
        /// Wallet [default: the signer's]
        #[arg(value_parser = args::pubkey)]
        owner: Option<Pubkey>,
    },
    /// Prove the supplies: IO genesis + emitted + re-minted - burned, IOSD minted + refunded - spent
    #[command(after_help = "Example:\n  iog token supply -o json")]
    Supply,
    /// Send IO to a wallet
    #[command(
        after_help = "Example:\n  iog token transfer 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q 12.5"
    )]
    Transfer {
        /// Wallet that receives; its token account is made if it has none
        #[arg(value_parser = args::pubkey)]
        to: Pubkey,
        /// IO
        #[arg(value_parser = args::io)]
        amount: Io,
        /// Send to an address that is no wallet's key, such as a multisig's vault
        #[arg(long)]
        allow_off_curve: bool,
    },
    /// Burn IO of the signer, for good
    #[command(after_help = "Example:\n  iog token burn 100 --yes")]
    Burn {
        /// IO
        #[arg(value_parser = args::io)]
        amount: Io,
    },
    /// Burn IO of the signer for IOSD, worth a US dollar of GPU time each and not transferable
    #[command(
        after_help = "The price is the lower of spot and average, less twice the confidence, and at most 1.2 times the lowest average that the token program has seen in 24 hours. Only the IO that the IOSD needs burns.\n\nExamples:\n  iog token burn-for-iosd --amount 100\n  iog token burn-for-iosd --amount 100 --min-iosd 24.5 --yes"
    )]
    BurnForIosd(iosd::Terms),
    /// Show the price of IO to the token program, which makes IOSD at no more than 1.2 times the lowest average of 24 hours; anyone may
    #[command(
        after_help = "Where nothing was seen an hour ago or more, no IOSD is made: call it, and come back in an hour. Keepers call it hourly.\n\nExample:\n  iog token observe-price"
    )]
    ObservePrice {
        /// Price account of IO/USD [default: the network's, else the newest found]
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        price_account: Option<Pubkey>,
    },
    /// Give a minter that was removed its rights back, 24 hours ahead; the token's authority signs
    #[command(
        after_help = "What it gives back, it gave back all along.\n\nExample:\n  iog token restore-minter 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --rights net-emission,iosd -k authority.json --yes"
    )]
    RestoreMinter(minters::Restored),
    /// Drop what waits of a minter, its rights or a higher cap; the token's guardian and its authority may
    #[command(
        after_help = "Example:\n  iog token drop-minter 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k guardian.json --yes"
    )]
    DropMinter {
        /// Who signs for the minter, as iog token limits has it
        #[arg(value_parser = args::pubkey)]
        minter: Pubkey,
    },
    /// What may still be minted: the breaker's windows, net emission, minters
    #[command(after_help = "Example:\n  iog token limits -o json")]
    Limits,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Balance { owner } => balance(context, owner).await,
        Verb::Supply => {
            context.out.one(&supply(context).await?);
            Ok(())
        }
        Verb::Transfer {
            to,
            amount,
            allow_off_curve,
        } => transfer(context, to, amount, allow_off_curve).await,
        Verb::Burn { amount } => burn(context, amount).await,
        Verb::BurnForIosd(terms) => iosd::run(context, &terms).await,
        Verb::ObservePrice { price_account } => observe::run(context, price_account).await,
        Verb::RestoreMinter(given) => minters::restore(context, &given).await,
        Verb::DropMinter { minter } => minters::drop_waiting(context, minter).await,
        Verb::Limits => limits::run(context).await,
    }
}

async fn balance(context: &Context, owner: Option<Pubkey>) -> Result<()> {
    let owner = context.wallet(owner)?;
    let address = token_account(&owner, &context.io_mint().await?);
    let accounts = context.accounts(&[address, iosd_account(&owner)]).await?;
    let held = |index: usize| accounts.get(index).and_then(Option::as_ref);
    let amount = |index: usize| held(index).and_then(token_amount).unwrap_or(0);
    context.out.one(
        &Record::new()
            .put("owner", owner)
            .put("token_account", address)
            .put("exists", held(0).is_some())
            .put("balance", Io(amount(0)))
            .put("iosd_account", iosd_account(&owner))
            .put("iosd_balance", Iosd(amount(1))),
    );
    Ok(())
}

async fn transfer(context: &Context, to: Pubkey, amount: Io, off_curve: bool) -> Result<()> {
    confirm::allowed(context, "a transfer")?;
    if !off_curve && !to.is_on_curve() {
        return Err(CliError::usage(format!(
            "{to} is no wallet's key, and IO sent there may be lost: pass --allow-off-curve if it is a vault"
        )));
    }
    let signer = context.signer()?;
    let owner = signer.pubkey();
    confirm::ask(context, &format!("Send {amount} IO from {owner} to {to}?"))?;
    let mint = context.io_mint().await?;
    let destination = token_account(&to, &mint);
    let send = transfer_checked(
        &TOKEN_PROGRAM,
        &token_account(&owner, &mint),
        &mint,
        &destination,
        &owner,
        &[],
        amount.0,
        DECIMALS,
    )
    .map_err(|error| CliError::usage(error.to_string()))?;
    let receipt = context
        .submit(
            &[open_token_account(&owner, &to, &mint), send],
            &signer,
            &[],
        )
        .await?;
    let record = Record::new()
        .put("from", owner)
        .put("to", to)
        .put("token_account", destination)
        .put("amount", amount);
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn burn(context: &Context, amount: Io) -> Result<()> {
    confirm::allowed(context, "a burn")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    confirm::ask(context, &format!("Burn {amount} IO of {owner}, for good?"))?;
    let io_mint = context.io_mint().await?;
    let burn = token::instructions::BurnIo {
        owner,
        io_mint,
        from: token_account(&owner, &io_mint),
        amount: amount.0,
    };
    let receipt = context.submit(&[burn.instruction()], &signer, &[]).await?;
    let record = Record::new().put("owner", owner).put("burned", amount);
    context.out.one(&record.extend(receipt));
    Ok(())
}
