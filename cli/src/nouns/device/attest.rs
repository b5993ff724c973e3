//! What the attestor says about devices.

use super::Named;
use crate::{context::Context, error::Result, nouns::evidence_hash, output::Record};
use clap::Args;
use iog_client::registry::{instructions, types::SpeedTest};
use iog_math::score;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Speed {
    #[command(flatten)]
    device: Named,
    /// MB/s that the device receives
    #[arg(long, value_name = "MB_PER_S")]
    download: u32,
    /// MB/s that it sends
    #[arg(long, value_name = "MB_PER_S")]
    upload: u32,
    /// File of the speed test's report, or its SHA-256 in 64 hexadecimal digits
    #[arg(long, value_name = "FILE_OR_HEX")]
    report: String,
    /// When it was measured, unix seconds, at most an hour ago [default: now]
    #[arg(long, value_name = "UNIX_SECONDS")]
    measured_ts: Option<i64>,
}

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

pub async fn speed(context: &Context, given: &Speed) -> Result<()> {
    let report_hash = evidence_hash(&given.report)?;
    let signer = context.signer()?;
    let (address, device) = context.device(&given.device.device).await?;
    let measured_ts = match given.measured_ts {
        Some(measured) => measured,
        None => context.time().await?.now,
    };
    let set = instructions::SetConnectivity {
        attestor: signer.pubkey(),
        device: address,
        test: SpeedTest {
            download_mbps: given.download,
            upload_mbps: given.upload,
            measured_ts,
            report_hash,
        },
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("tier_before", device.tier)
        .put("tier", score::tier(given.download, given.upload))
        .put("report_sha256", hex::encode(report_hash));
    context.out.one(&record.extend(receipt));
    Ok(())
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
