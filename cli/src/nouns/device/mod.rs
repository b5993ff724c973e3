mod attest;
pub mod life;
mod measure;
mod owner;
pub mod platform;
mod register;

use crate::{
    args,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::registry::{accounts::Device, types::DeviceArgs};
use solana_pubkey::Pubkey;
use std::path::PathBuf;

/// Hours before the running one that a device's heartbeats tell of.
const UPTIME_HOURS: u64 = 127;
const STATES: [&str; 3] = ["active", "paused", "terminated"];

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a key for a machine, in a file that only its owner reads
    #[command(after_help = "Example:\n  iog device keygen device.json")]
    Keygen {
        /// New file
        file: PathBuf,
    },
    /// Register a machine of the signer and open its rewards account
    #[command(
        after_help = "A device of a class that is proved stands for as many equal cards of one machine as the class allows (max_cards of iog class show, 8 at most): they walk together, each with a table of its own, and one proof an hour covers them all. A machine with more takes a key for each group.\n\nExamples:\n  iog device register --device-key device.json --class 1 --country DE\n  iog device register --device-key host.json --class 103 --quantity 8 --country DE --platform linux/amd64"
    )]
    Register {
        /// File of the machine's key, which signs too
        #[arg(long, value_name = "FILE")]
        device_key: PathBuf,
        /// Number of the hardware class
        #[arg(long, value_name = "ID")]
        class: u16,
        /// GPUs: up to the class's max_cards, and up to 4096 in a class that is never proved
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
        quantity: u32,
        /// Two letters (ISO 3166-1)
        #[arg(long, value_name = "CC", value_parser = args::country)]
        country: [u8; 2],
        /// Public key of the machine's tunnel endpoint
        #[arg(long, value_name = "PUBKEY", value_parser = args::key_bytes)]
        tunnel_key: Option<[u8; 32]>,
        /// What the machine runs on: linux/amd64, linux/arm64 or unknown, which no order that asks for a platform takes
        #[arg(long, value_name = "PLATFORM", default_value = "unknown", value_parser = platform::parse)]
        platform: u8,
    },
    /// Devices, all or one wallet's
    #[command(
        after_help = "Example:\n  iog device list --owner 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    List {
        /// Only this wallet's
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        owner: Option<Pubkey>,
    },
    /// One device
    #[command(
        after_help = "Example:\n  iog device show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Show(Named),
    /// Take no work and earn nothing for a while
    #[command(
        after_help = "Example:\n  iog device pause 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Pause(Named),
    /// Serve again after a pause
    #[command(
        after_help = "Example:\n  iog device resume 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Resume(Named),
    /// Take a device out of service, for good
    #[command(
        after_help = "Example:\n  iog device terminate 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Terminate(Named),
    /// Replace the public key of a machine's tunnel endpoint; its owner signs
    #[command(
        after_help = "Examples:\n  iog device set-tunnel-key 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q\n  iog device set-tunnel-key 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk none"
    )]
    SetTunnelKey {
        #[command(flatten)]
        device: Named,
        /// Public key of the endpoint, in base58 or hexadecimal, or none
        #[arg(value_name = "PUBKEY", value_parser = args::key_or_none)]
        key: [u8; 32],
    },
    /// Say what a machine runs on; its owner signs
    #[command(
        after_help = "Orders may ask for a platform, because images are built for one. Leases that run are not touched.\n\nExample:\n  iog device set-platform 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk linux/arm64"
    )]
    SetPlatform {
        #[command(flatten)]
        device: Named,
        /// linux/amd64, linux/arm64 or unknown
        #[arg(value_name = "PLATFORM", value_parser = platform::parse)]
        platform: u8,
    },
    /// Get the rent of a terminated device's proof account back
    #[command(
        after_help = "Example:\n  iog device close-proof 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    CloseProof(Named),
    /// Post a speed test, from which the connectivity tier follows; a measurer signs
    #[command(
        after_help = "The tier is that of the median of the fresh tests, once a quorum of measurers has posted some: see iog measurer list. Of a file its SHA-256 is stored; keep the report. Tiers, in MB/s down and up: 1 Low without asking, 2 Medium 400/300, 3 High 800/600, 4 Ultra High 1600/1200.\n\nExample:\n  iog device measure 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --download 950 --upload 640 --report speed.json -k measurer.json"
    )]
    Measure(measure::Speed),
    /// Reckon a device's tier anew from the tests that there are, after a measurer was removed or with age; anyone may
    #[command(
        after_help = "Example:\n  iog device refresh-tier 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    RefreshTier(Named),
    /// Attest that a machine meets the security terms, or no longer does; the attestor signs
    #[command(
        after_help = "Example:\n  iog device attest-security 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --secure --evidence audit.pdf -k attestor.json"
    )]
    AttestSecurity(attest::Security),
}

/// A device on the command line.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Named {
    /// Address of the device, or its key
    #[arg(value_parser = args::pubkey)]
    pub device: Pubkey,
}

/// A device named by an option, where amounts and shares are options too.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct ByOption {
    /// Address of the device, or its key
    #[arg(long, value_name = "DEVICE", value_parser = args::pubkey)]
    pub device: Pubkey,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Keygen { file } => register::keygen(context, &file),
        Verb::Register {
            device_key,
            class,
            quantity,
            country,
            tunnel_key,
            platform,
        } => {
            let args = DeviceArgs {
                tunnel_key: tunnel_key.map(Pubkey::from).unwrap_or_default(),
                quantity,
                country,
                platform,
            };
            register::register(context, &device_key, class, args).await
        }
        Verb::List { owner } => list(context, owner).await,
        Verb::Show(named) => {
            let (address, device) = context.device(&named.device).await?;
            let now = context.time().await?.now;
            let tests = measure::records(context, &address, now).await?;
            context
                .out
                .one(&details(&address, &device, now).put("measurements", tests));
            Ok(())
        }
        Verb::Pause(named) => owner::set_state(context, &named, 1).await,
        Verb::Resume(named) => owner::set_state(context, &named, 0).await,
        Verb::Terminate(named) => owner::set_state(context, &named, 2).await,
        Verb::SetTunnelKey { device, key } => owner::set_tunnel_key(context, &device, key).await,
        Verb::SetPlatform { device, platform } => {
            owner::set_platform(context, &device, platform).await
        }
        Verb::CloseProof(named) => owner::close_proof(context, &named).await,
        Verb::Measure(speed) => measure::speed(context, &speed).await,
        Verb::RefreshTier(named) => measure::refresh(context, &named).await,
        Verb::AttestSecurity(security) => attest::security(context, &security).await,
    }
}

async fn list(context: &Context, owner: Option<Pubkey>) -> Result<()> {
    let owner = owner.map(|owner| owner.to_bytes());
    let filters: Vec<(usize, &[u8])> = owner
        .iter()
        .map(|owner| (Device::OWNER_AT, owner.as_slice()))
        .collect();
    let devices = context.list::<Device>(&filters).await?;
    let now = context.time().await?.now;
    let records: Vec<Record> = devices
        .iter()
        .map(|(address, device)| summary(address, device, now))
        .collect();
    context.out.many(&records, "no devices");
    Ok(())
}

/// The tier is the one that counts now.
fn summary(address: &Pubkey, device: &Device, now: i64) -> Record {
    Record::new()
        .put("device", *address)
        .put("owner", device.owner)
        .put("class_id", device.class_id)
        .put("quantity", device.quantity)
        .put("country", super::text(&device.country))
        .put("tier", life::tier_at(device, now))
        .put("state", state(device.state))
}

pub fn state(state: u8) -> &'static str {
    STATES.get(usize::from(state)).copied().unwrap_or("unknown")
}

fn details(address: &Pubkey, device: &Device, now: i64) -> Record {
    let tunnel = (device.tunnel_key != Pubkey::default()).then_some(device.tunnel_key);
    let beat = (device.beat_head > 0).then(|| Time(device.beat_head.saturating_mul(600)));
    let moment = |seconds: i64| (seconds != 0).then_some(Time(seconds));
    let up = life::past(device, now, UPTIME_HOURS);
    let up = up.iter().filter(|hour| hour.alive).count();
    summary(address, device, now)
        .put("tier_recorded", device.tier)
        .put("tier_ts", moment(device.tier_ts))
        // Without another quorum by then the device is back at 1.
        .put("tier_until_ts", life::tier_until(device).map(Time))
        .put("secure", device.secure == 1)
        .put("device_key", device.device_key)
        .put("tunnel_key", tunnel)
        .put("platform", platform::name(device.platform))
        .put("registered_ts", Time(device.registered_ts))
        .put("last_sign_ts", moment(device.last_sign_ts))
        .put("last_sign_slot", device.last_sign_slot)
        .put("alive", life::sign_in_last_hours(device, now))
        .put("last_heartbeat_ts", beat)
        .put("heartbeats", device.beats_total)
        .put("uptime_hours", u64::try_from(up).unwrap_or(0))
        .put("uptime_hours_of", UPTIME_HOURS)
        .put("last_pass_epoch", device.last_pass_epoch)
        .put("last_fail_epoch", device.last_fail_epoch)
        .put("pass_streak", device.pass_streak)
        .put("proofs_passed", device.proofs_passed)
        .put("proofs_failed", device.proofs_failed)
}
