use super::{find, leases, state};
use crate::{
    chain::token_account,
    confirm,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use iog_client::{
    market::{
        accounts::{Lease, Order},
        instructions::{CloseLease, CloseOrder, ExpireOrder},
    },
    pda,
};
use iog_math::units::Io;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const ENDED: u8 = 4;
const EXPIRED: u8 = 5;
const LEASE_SETTLED: u8 = 2;
/// Leases that one transaction closes: three accounts each, and what the order needs besides, stay within 1,232 bytes.
const LEASES_AT_ONCE: usize = 5;

pub async fn run(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "closing an order")?;
    let signer = context.signer()?;
    let order = find(context, address).await?;
    let leases = leases(context, address).await?;
    let now = context.time().await?.now;
    let overdue = order.state < 2 && now >= order.expires_ts;
    refuse_unfinished(&order, overdue, &leases)?;
    confirm::ask(
        context,
        &format!(
            "Close order {address}? {} IO go back to {}.",
            Io(order.escrowed_units),
            order.renter
        ),
    )?;

    let batches = batches(address, &order, &leases, overdue);
    let mut receipt = Record::new();
    for batch in &batches {
        receipt = context.submit(batch, &signer, &[]).await?;
        // Each batch builds on the one before, so that only the first can be simulated.
        if context.dry_run {
            break;
        }
    }
    let record = Record::new()
        .put("order", *address)
        .put("closed_by", signer.pubkey())
        .put("returned", Io(order.escrowed_units))
        .put(
            "leases_closed",
            u32::try_from(leases.len()).unwrap_or(u32::MAX),
        )
        .put(
            "transactions",
            u32::try_from(batches.len()).unwrap_or(u32::MAX),
        );
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// The transactions: refund what never started, close the leases, and with the last of them the order.
fn batches(
    address: &Pubkey,
    order: &Order,
    leases: &[(Pubkey, Lease)],
    overdue: bool,
) -> Vec<Vec<Instruction>> {
    let closing: Vec<Instruction> = leases
        .iter()
        .map(|(lease_address, lease)| close_lease(address, lease_address, lease))
        .collect();
    let mut batches: Vec<Vec<Instruction>> =
        closing.chunks(LEASES_AT_ONCE).map(<[_]>::to_vec).collect();
    let mut last = batches.pop().unwrap_or_default();
    last.push(close_order(address, order));
    batches.push(last);
    if let Some(first) = batches.first_mut().filter(|_| overdue) {
        first.insert(0, expire(address, order));
    }
    batches
}

/// The program would refuse too, but it does not know what to wait for.
fn refuse_unfinished(order: &Order, overdue: bool, leases: &[(Pubkey, Lease)]) -> Result<()> {
    if overdue || order.state == EXPIRED {
        return Ok(());
    }
    if order.state < 2 {
        return Err(CliError::Refused(format!(
            "the order is {} and may still start: it can be closed from {} on",
            state(order.state),
            crate::output::rfc3339(order.expires_ts)
        )));
    }
    let unsettled = leases
        .iter()
        .filter(|(_, lease)| lease.state != LEASE_SETTLED)
        .count();
    if unsettled > 0 || order.state == 2 {
        let how = if order.state == ENDED {
            ""
        } else {
            " (end it early with iog order end)"
        };
        return Err(CliError::Refused(format!(
            "the order is {} and {unsettled} of its leases are not settled to the end: keepers settle each hour that is over{how}",
            state(order.state)
        )));
    }
    Ok(())
}

fn expire(address: &Pubkey, order: &Order) -> Instruction {
    ExpireOrder {
        order: *address,
        escrow: pda::market::escrow(&order.mint),
        vault: pda::market::vault(&order.mint),
        mint: order.mint,
        renter_token: token_account(&order.renter, &order.mint),
    }
    .instruction()
}

fn close_lease(order: &Pubkey, address: &Pubkey, lease: &Lease) -> Instruction {
    CloseLease {
        order: *order,
        lease: *address,
        occupancy: pda::market::occupancy(&lease.device),
        payer: lease.payer,
    }
    .instruction()
}

fn close_order(address: &Pubkey, order: &Order) -> Instruction {
    CloseOrder {
        order: *address,
        renter: order.renter,
        escrow: pda::market::escrow(&order.mint),
        vault: pda::market::vault(&order.mint),
        mint: order.mint,
        renter_token: token_account(&order.renter, &order.mint),
    }
    .instruction()
}
