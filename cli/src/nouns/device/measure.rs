//! Speed tests of devices, and the tier that follows from them.

use super::{
    life::{tier_at, tier_until},
    Named,
};
use crate::{
    context::Context,
    error::Result,
    nouns::{evidence_hash, measurer},
    output::{Record, Time},
};
use clap::Args;
use iog_client::{
    pda,
    registry::{
        accounts::{Config, Device, Measurements},
        instructions,
        types::SpeedTest,
    },
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Tests that are older count no more: 30 days (`MEASUREMENT_SECS` of the registry's constants.rs).
const MEASUREMENT_SECS: i64 = 2_592_000;

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

pub async fn speed(context: &Context, given: &Speed) -> Result<()> {
    let report_hash = evidence_hash(&given.report)?;
    let signer = context.signer()?;
    let (address, device) = context.device(&given.device.device).await?;
    let measured_ts = match given.measured_ts {
        Some(measured) => measured,
        None => context.time().await?.now,
    };
    let measurements = pda::registry::measurements(&address);
    let mut sent: Vec<Instruction> = Vec::new();
    if context.find::<Measurements>(&measurements).await?.is_none() {
        let open = instructions::OpenMeasurements {
            payer: signer.pubkey(),
            device: address,
            measurements,
        };
        sent.push(open.instruction());
    }
    let measure = instructions::Measure {
        measurer: signer.pubkey(),
        device: address,
        measurements,
        test: SpeedTest {
            download_mbps: given.download,
            upload_mbps: given.upload,
            measured_ts,
            report_hash,
        },
    };
    sent.push(measure.instruction());
    let receipt = context.submit(&sent, &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("measurer", signer.pubkey())
        .put("report_sha256", hex::encode(report_hash));
    after(context, &address, &device, record, receipt).await
}

pub async fn refresh(context: &Context, named: &Named) -> Result<()> {
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    let refresh = instructions::RefreshTier {
        device: address,
        measurements: pda::registry::measurements(&address),
    };
    let receipt = context
        .submit(&[refresh.instruction()], &signer, &[])
        .await?;
    let record = Record::new().put("device", address);
    after(context, &address, &device, record, receipt).await
}

/// The tier as it is now, and the tests that made it.
async fn after(
    context: &Context,
    address: &Pubkey,
    before: &Device,
    record: Record,
    receipt: Record,
) -> Result<()> {
    let (_, device) = context.device(address).await?;
    let now = context.time().await?.now;
    let shown = record
        .put("tier_before", tier_at(before, now))
        .put("tier", tier_at(&device, now))
        .put("tier_until_ts", tier_until(&device).map(Time))
        .put("measurements", records(context, address, now).await?);
    context.out.one(&shown.extend(receipt));
    Ok(())
}

/// The tests of a device by whoever is named still; none where nobody has measured.
pub async fn records(context: &Context, device: &Pubkey, now: i64) -> Result<Vec<Record>> {
    let found: Option<Measurements> = context.find(&pda::registry::measurements(device)).await?;
    let Some(found) = found else {
        return Ok(Vec::new());
    };
    let config: Config = context.config(&pda::registry::config()).await?;
    let tests = measurer::named(&config).filter_map(|(place, measurer)| {
        let test = found.entries.get(usize::from(place))?;
        let age = now.saturating_sub(test.measured_ts);
        let counts = age <= MEASUREMENT_SECS && test.measured_ts >= measurer.since_ts;
        (test.measured_ts != 0).then(|| {
            Record::new()
                .put("place", place)
                .put("measurer", measurer.role.key)
                .put("measured_ts", Time(test.measured_ts))
                .put("download_mbps", test.download_mbps)
                .put("upload_mbps", test.upload_mbps)
                // In the median: at most 30 days old, by who measured already.
                .put("counts", counts)
        })
    });
    Ok(tests.collect())
}
