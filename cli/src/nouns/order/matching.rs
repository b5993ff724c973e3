//! Giving devices to an order: its renter in the first 30 seconds, anyone afterwards.

use super::Named;
use crate::{
    context::Context,
    error::{CliError, Result},
    market::matching,
    output::Record,
};
use solana_pubkey::Pubkey;

pub async fn run(context: &Context, named: &Named) -> Result<()> {
    let signer = context.signer()?;
    let outcome = matching::run(context, &signer, &named.order).await?;
    if outcome.devices.is_empty() {
        return Err(CliError::Refused(format!(
            "order {}: {}",
            named.order,
            outcome.words()
        )));
    }
    let devices: Vec<String> = outcome.devices.iter().map(Pubkey::to_string).collect();
    context.out.one(
        &Record::new()
            .put("order", named.order)
            .put("devices", devices)
            .put("missing_gpus", outcome.missing)
            .put("dry_run", context.dry_run),
    );
    Ok(())
}
