//! Another engineer key for an order whose key was lost or stolen.

use super::Named;
use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    market::order,
    output::Record,
    waiting::somebody,
};
use clap::Args;
use iog_client::{
    market::{accounts::Lease, instructions},
    registry::accounts::Device,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    named: Named,
    /// The new public key, in base58 or hexadecimal, or none for no access
    #[arg(value_name = "KEY", value_parser = args::key_or_none)]
    key: [u8; 32],
}

/// Nodes close what the old key opened as soon as they see it.
pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    let signer = context.signer()?;
    let address = terms.named.order;
    let order = order::find(context, &address).await?;
    let engineer_key = Pubkey::from(terms.key);
    if engineer_key != Pubkey::default() {
        require_own(context, &address, &order.receipt_key, &engineer_key).await?;
    }
    let set = instructions::SetEngineerKey {
        renter: signer.pubkey(),
        order: address,
        engineer_key,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("order", address)
        .put("engineer_key_before", somebody(order.engineer_key))
        .put("engineer_key", somebody(engineer_key));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// The program sees renter and receipt key only: the keys of the order's devices are compared here.
async fn require_own(
    context: &Context,
    order: &Pubkey,
    receipt_key: &Pubkey,
    key: &Pubkey,
) -> Result<()> {
    let leases: Vec<(Pubkey, Lease)> = order::leases(context, order).await?;
    let devices: Vec<Pubkey> = leases.iter().map(|(_, lease)| lease.device).collect();
    let found = context.find_all::<Device>(&devices).await?;
    let tunnels = leases.iter().map(|(_, lease)| lease.tunnel_key);
    let others = found
        .iter()
        .flatten()
        .flat_map(|device| [device.device_key, device.tunnel_key, device.owner]);
    let mut taken = tunnels.chain(others).chain([*receipt_key]);
    if taken.any(|other| other == *key) {
        return Err(CliError::Refused(format!(
            "{key} is another key of this order already, of a device or for receipts: make a new one"
        )));
    }
    Ok(())
}
