use crate::{
    args,
    chain::{mint_supply, open_token_account, token_account, token_amount, TOKEN_PROGRAM},
    confirm,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Subcommand;
use iog_client::{pda, token};
use iog_math::units::{Io, CAP_IO};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use spl_token_2022_interface::instruction::transfer_checked;

const DECIMALS: u8 = 8;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// IO of a wallet
    #[command(
        after_help = "Example:\n  iog token balance 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    Balance {
        /// Wallet [default: the signer's]
        #[arg(value_parser = args::pubkey)]
        owner: Option<Pubkey>,
    },
    /// Compare the mint's supply with the books: genesis + emitted + reminted - burned
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
    }
}

async fn balance(context: &Context, owner: Option<Pubkey>) -> Result<()> {
    let owner = context.wallet(owner)?;
    let address = token_account(&owner, &context.io_mint().await?);
    let accounts = context.accounts(&[address]).await?;
    let account = accounts.into_iter().next().flatten();
    let amount = account.as_ref().and_then(token_amount).unwrap_or(0);
    context.out.one(
        &Record::new()
            .put("owner", owner)
            .put("token_account", address)
            .put("exists", account.is_some())
            .put("balance", Io(amount)),
    );
    Ok(())
}

/// Books and mint of one moment, so that the law is not judged over a mint in between.
pub async fn supply(context: &Context) -> Result<Record> {
    let (config, mint) = (pda::token::config(), context.io_mint().await?);
    let accounts = context.accounts(&[config, mint]).await?;
    let books: Option<token::accounts::Config> = accounts
        .first()
        .and_then(Option::as_ref)
        .and_then(|account| iog_client::decode(&account.data).ok());
    let Some(books) = books else {
        return Err(CliError::usage(format!(
            "there is no IOG network at {}: check --url, or start one with iog network up",
            context.url
        )));
    };
    let minted = accounts
        .get(1)
        .and_then(Option::as_ref)
        .and_then(mint_supply);
    let minted = minted.ok_or_else(|| CliError::Refused(format!("the mint {mint} is missing")))?;
    let booked = books
        .genesis_units
        .saturating_add(books.emitted_units)
        .saturating_add(books.reminted_units)
        .saturating_sub(books.burned_units);
    Ok(Record::new()
        .put("mint", mint)
        .put("genesis", Io(books.genesis_units))
        .put("emitted", Io(books.emitted_units))
        .put("reminted", Io(books.reminted_units))
        .put("burned", Io(books.burned_units))
        .put("booked_supply", Io(booked))
        .put("mint_supply", Io(minted))
        .put("burned_outside", Io(booked.saturating_sub(minted)))
        .put("cap", Io(CAP_IO))
        .put("law", minted == booked)
        .put("explanation", explain(booked, minted)))
}

fn explain(booked: u64, minted: u64) -> String {
    match minted.cmp(&booked) {
        std::cmp::Ordering::Equal => "the mint holds exactly what the books say".into(),
        std::cmp::Ordering::Less => format!(
            "holders burned {} IO through SPL Token directly, which no program can book; the supply is lower than the books, never higher",
            Io(booked.saturating_sub(minted))
        ),
        std::cmp::Ordering::Greater => {
            "THE MINT HOLDS MORE THAN WAS BOOKED: stop and report this (SECURITY.md)".into()
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_the_supply_differs() {
        assert!(explain(10, 10).contains("exactly"));
        assert!(explain(300_000_000, 100_000_000).contains("burned 2 IO"));
        assert!(explain(1, 2).contains("MORE"));
    }
}
