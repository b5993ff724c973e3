use super::{agreed_until, record};
use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Pay,
        lease::{self, find, free_ts, Leased, DISPUTED, SETTLED},
    },
    output::{rfc3339, Record},
};
use iog_client::market::accounts::{Lease, Order};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub async fn settle(context: &Context, address: &Pubkey) -> Result<()> {
    let signer = context.signer()?;
    let (leased, order) = find(context, address).await?;
    let now = context.time().await?.now;
    let instructions = leased.settle_all(&order, now);
    if instructions.is_empty() {
        return Err(nothing_to_settle(&leased, &order));
    }
    send(context, &leased, &order, &instructions, &signer).await
}

/// The program would refuse too, but it does not know what to wait for.
fn nothing_to_settle(leased: &Leased, order: &Order) -> CliError {
    let held = &leased.lease;
    let why = if held.state == DISPUTED {
        "it is in dispute: see iog dispute show".to_string()
    } else if held.held_units == 0 {
        "no hour of it has ended since the last settlement, and nothing is held".to_string()
    } else {
        let until = rfc3339(free_ts(order, held));
        format!("what it holds can be disputed until {until}")
    };
    CliError::Refused(format!(
        "lease {} has nothing to settle: {why}",
        leased.address
    ))
}

pub async fn leave(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "leaving an order")?;
    let signer = context.signer()?;
    let (leased, order) = find(context, address).await?;
    let now = context.time().await?.now;
    let agreed = agreed_until(&order, &leased.lease);
    if leased.lease.state == SETTLED || now < agreed {
        return Err(CliError::Refused(format!(
            "lease {address} is {}: it can be left from {} on, and only when the order was extended beyond that",
            lease::state(leased.lease.state),
            rfc3339(agreed)
        )));
    }
    confirm::ask(
        context,
        &format!(
            "Leave order {} now? The hour that runs is not paid.",
            leased.lease.order
        ),
    )?;
    let mut instructions = leased.settle_all(&order, now);
    instructions.push(leased.leave(signer.pubkey()));
    send(context, &leased, &order, &instructions, &signer).await
}

/// Sends, and shows the lease as it is afterwards.
async fn send(
    context: &Context,
    leased: &Leased,
    order: &Order,
    instructions: &[Instruction],
    signer: &Keypair,
) -> Result<()> {
    let receipt = context.submit(instructions, signer, &[]).await?;
    let after: Lease = context.get(&leased.address, "see iog lease list").await?;
    let shown: Record = record(&leased.address, &after, Pay::of(order.currency)?);
    context.out.one(&shown.extend(receipt));
    Ok(())
}
