mod register;

use crate::{
    args, confirm,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::registry::{accounts::Device, instructions, types::DeviceArgs};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::path::PathBuf;

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
        after_help = "Example:\n  iog device register --device-key device.json --class 1 --quantity 8 --country DE"
    )]
    Register {
        /// File of the machine's key, which signs too
        #[arg(long, value_name = "FILE")]
        device_key: PathBuf,
        /// Number of the hardware class
        #[arg(long, value_name = "ID")]
        class: u16,
        /// GPUs, 1 to 4096
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
        quantity: u32,
        /// Two letters (ISO 3166-1)
        #[arg(long, value_name = "CC", value_parser = args::country)]
        country: [u8; 2],
        /// Public key of the machine's tunnel endpoint
        #[arg(long, value_name = "PUBKEY", value_parser = args::key_bytes)]
        tunnel_key: Option<[u8; 32]>,
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
    /// Attest a connectivity tier; the attestor signs
    #[command(
        after_help = "Example:\n  iog device set-tier 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 3 -k attestor.json"
    )]
    SetTier {
        #[command(flatten)]
        device: Named,
        /// 1 Low, 2 Medium, 3 High, 4 Ultra High, 0 none
        #[arg(value_parser = clap::value_parser!(u8).range(0..=4))]
        tier: u8,
    },
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
        } => {
            let args = DeviceArgs {
                tunnel_key: tunnel_key.map(Pubkey::from).unwrap_or_default(),
                quantity,
                country,
            };
            register::register(context, &device_key, class, args).await
        }
        Verb::List { owner } => list(context, owner).await,
        Verb::Show(named) => {
            let (address, device) = context.device(&named.device).await?;
            context.out.one(&details(&address, &device));
            Ok(())
        }
        Verb::Pause(named) => set_state(context, &named, 1).await,
        Verb::Resume(named) => set_state(context, &named, 0).await,
        Verb::Terminate(named) => set_state(context, &named, 2).await,
        Verb::SetTier { device, tier } => set_tier(context, &device, tier).await,
    }
}

async fn list(context: &Context, owner: Option<Pubkey>) -> Result<()> {
    let owner = owner.map(|owner| owner.to_bytes());
    let filters: Vec<(usize, &[u8])> = owner
        .iter()
        .map(|owner| (Device::OWNER_AT, owner.as_slice()))
        .collect();
    let devices = context.list::<Device>(&filters).await?;
    let records: Vec<Record> = devices
        .iter()
        .map(|(address, device)| summary(address, device))
        .collect();
    context.out.many(&records, "no devices");
    Ok(())
}

fn summary(address: &Pubkey, device: &Device) -> Record {
    Record::new()
        .put("device", *address)
        .put("owner", device.owner)
        .put("class_id", device.class_id)
        .put("quantity", device.quantity)
        .put("country", super::text(&device.country))
        .put("tier", device.tier)
        .put("state", state(device.state))
}

pub fn state(state: u8) -> &'static str {
    STATES.get(usize::from(state)).copied().unwrap_or("unknown")
}

fn details(address: &Pubkey, device: &Device) -> Record {
    let tunnel = (device.tunnel_key != Pubkey::default()).then_some(device.tunnel_key);
    let beat = (device.beat_head > 0).then(|| Time(device.beat_head.saturating_mul(600)));
    summary(address, device)
        .put("device_key", device.device_key)
        .put("tunnel_key", tunnel)
        .put("registered_ts", Time(device.registered_ts))
        .put("last_heartbeat_ts", beat)
        .put("last_pass_epoch", device.last_pass_epoch)
        .put("last_fail_epoch", device.last_fail_epoch)
        .put("pass_streak", device.pass_streak)
}

async fn set_state(context: &Context, named: &Named, to: u8) -> Result<()> {
    let for_good = to == 2;
    if for_good {
        confirm::allowed(context, "a termination")?;
    }
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    if for_good {
        confirm::ask(context, &format!("Terminate device {address}, for good?"))?;
    }
    let set = instructions::SetDeviceState {
        owner: signer.pubkey(),
        device: address,
        state: to,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("state_before", state(device.state))
        .put("state", state(to));
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn set_tier(context: &Context, named: &Named, tier: u8) -> Result<()> {
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    let set = instructions::SetConnectivity {
        attestor: signer.pubkey(),
        device: address,
        tier,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", address)
        .put("tier_before", device.tier)
        .put("tier", tier);
    context.out.one(&record.extend(receipt));
    Ok(())
}
