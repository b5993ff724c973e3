pub mod rules;
mod show;
mod withdraw;

use super::device::{ByOption, Named};
use crate::{args, chain::token_account, confirm, context::Context, error::Result, output::Record};
use clap::Subcommand;
use iog_client::{
    pda,
    staking::{accounts::DeviceStake, instructions},
};
use iog_math::{stake, units::Io};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub const HOW_TO_OPEN: &str = "open a stake with iog stake open DEVICE";

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open a device's stake
    #[command(
        after_help = "Example:\n  iog stake open 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 1000 --yes"
    )]
    Open {
        #[command(flatten)]
        device: Named,
        /// IO, at least half of the minimum: a co-staker may bring the rest [default: the minimum of the class and quantity]
        #[arg(value_parser = args::io)]
        amount: Option<Io>,
    },
    /// Add to a stake
    #[command(
        after_help = "Example:\n  iog stake add 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 50 --yes"
    )]
    Add {
        #[command(flatten)]
        device: Named,
        /// IO
        #[arg(value_parser = args::io)]
        amount: Io,
    },
    /// Start the cool-down of 14 days; the device earns nothing from now on
    #[command(
        after_help = "Example:\n  iog stake request-unstake 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    RequestUnstake(Named),
    /// Take the stake back after the cool-down
    #[command(
        after_help = "Example:\n  iog stake withdraw 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Withdraw(Named),
    /// Take out at once what lies above the minimum, above the co-staker's part and is not held by slash cases
    #[command(
        after_help = "Example:\n  iog stake withdraw-overflow --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --amount 50 --yes"
    )]
    WithdrawOverflow {
        #[command(flatten)]
        device: ByOption,
        /// IO
        #[arg(long, value_name = "IO", value_parser = args::io)]
        amount: Io,
    },
    /// A device's stake: owner's and co-staker's parts, what counts, what is held, when it is free
    #[command(
        after_help = "Example:\n  iog stake show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Show(Named),
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Open { device, amount } => open(context, &device, amount).await,
        Verb::Add { device, amount } => add(context, &device, amount).await,
        Verb::RequestUnstake(device) => request(context, &device).await,
        Verb::Withdraw(device) => withdraw::whole(context, &device).await,
        Verb::WithdrawOverflow { device, amount } => {
            withdraw::overflow(context, &device.device, amount).await
        }
        Verb::Show(device) => show::run(context, &device).await,
    }
}

async fn open(context: &Context, named: &Named, amount: Option<Io>) -> Result<()> {
    confirm::allowed(context, "a stake")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let (address, device) = context.device(&named.device).await?;
    let class = context.class(&device.class).await?;
    let minimum = Io(rules::minimum(&device, &class)?);
    let amount = amount.unwrap_or(minimum);
    confirm::ask(
        context,
        &format!("Stake {amount} IO (minimum {minimum}) on device {address}?"),
    )?;
    let io_mint = context.io_mint().await?;
    let open = instructions::Stake {
        owner,
        device: address,
        class: device.class,
        stake: pda::staking::stake(&address),
        owner_token: token_account(&owner, &io_mint),
        io_mint,
        amount: amount.0,
    };
    let receipt = context.submit(&[open.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("stake", pda::staking::stake(&address))
        .put("amount", amount)
        .put("minimum", minimum);
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// The device's address and its stake.
pub async fn find(context: &Context, given: &Pubkey) -> Result<(Pubkey, Pubkey, DeviceStake)> {
    let (device, _) = context.device(given).await?;
    let address = pda::staking::stake(&device);
    let stake = context.get(&address, HOW_TO_OPEN).await?;
    Ok((device, address, stake))
}

async fn add(context: &Context, named: &Named, amount: Io) -> Result<()> {
    confirm::allowed(context, "a stake")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let (device, address, stake) = find(context, &named.device).await?;
    confirm::ask(
        context,
        &format!("Add {amount} IO to the stake on device {device}?"),
    )?;
    let io_mint = context.io_mint().await?;
    let add = instructions::IncreaseStake {
        owner,
        stake: address,
        owner_token: token_account(&owner, &io_mint),
        io_mint,
        amount: amount.0,
    };
    let receipt = context.submit(&[add.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", device)
        .put("added", amount)
        .put("amount_before", Io(stake.amount_units));
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn request(context: &Context, named: &Named) -> Result<()> {
    confirm::allowed(context, "a request to unstake")?;
    let signer = context.signer()?;
    let (device, address, stake) = find(context, &named.device).await?;
    confirm::ask(
        context,
        &format!(
            "Start the cool-down of {} IO on device {device}? It earns nothing from now on, and this cannot be taken back.",
            Io(stake.amount_units)
        ),
    )?;
    let request = instructions::RequestUnstake {
        owner: signer.pubkey(),
        stake: address,
        occupancy: pda::market::occupancy(&device),
    };
    let receipt = context
        .submit(&[request.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("device", device)
        .put("amount", Io(stake.amount_units))
        .put(
            "cool_down_secs",
            stake::UNSTAKE_COOLDOWN_SECS.unsigned_abs(),
        );
    context.out.one(&record.extend(receipt));
    Ok(())
}
