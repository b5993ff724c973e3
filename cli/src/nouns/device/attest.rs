//! What the attestor says about devices.

use super::Named;
use crate::{context::Context, error::Result, nouns::evidence_hash, output::Record};
use clap::Args;
use iog_client::registry::instructions;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Security {
    #[command(flatten)]
    device: Named,
    #[command(flatten)]
    finding: Finding,
    /// File of the evidence, or its SHA-256 in 64 hexadecimal digits
    #[arg(long, value_name = "FILE_OR_HEX")]
    evidence: String,
}

#[derive(Args, Clone, Copy, Debug)]
#[group(required = true, multiple = false)]
pub struct Finding {
    /// It meets the terms
    #[arg(long)]
    secure: bool,
    /// It does not
    #[arg(long)]
    insecure: bool,
}

pub async fn security(context: &Context, given: &Security) -> Result<()> {
    let hash = evidence_hash(&given.evidence)?;
    let signer = context.signer()?;
    let (address, device) = context.device(&given.device.device).await?;
    let set = instructions::SetSecurity {
        attestor: signer.pubkey(),
        device: address,
        secure: given.finding.secure,
        evidence_hash: hash,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("secure_before", device.secure == 1)
        .put("secure", given.finding.secure)
        .put("evidence_sha256", hex::encode(hash));
    context.out.one(&record.extend(receipt));
    Ok(())
}
