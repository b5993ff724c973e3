use super::text;
use crate::{context::Context, error::Result, output::Record};
use clap::Subcommand;
use iog_client::{pda, registry::accounts::HardwareClass};
use iog_math::{
    stake,
    units::{Io, Usd6},
};
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Every kind of hardware
    #[command(after_help = "Example:\n  iog class list -o json")]
    List,
    /// One kind, with the shape of its proof and its stake
    #[command(after_help = "Example:\n  iog class show 1")]
    Show {
        /// Number of the class
        id: u16,
    },
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::List => list(context).await,
        Verb::Show { id } => {
            let address = pda::registry::class(id);
            let class = context.class(&address).await?;
            context.out.one(&details(&address, &class)?);
            Ok(())
        }
    }
}

async fn list(context: &Context) -> Result<()> {
    let mut classes = context.list::<HardwareClass>(&[]).await?;
    classes.sort_by_key(|(_, class)| class.id);
    let records: Vec<Record> = classes
        .iter()
        .map(|(address, class)| summary(address, class))
        .collect();
    context.out.many(&records, "no classes");
    Ok(())
}

fn summary(address: &Pubkey, class: &HardwareClass) -> Record {
    Record::new()
        .put("id", class.id)
        .put("name", text(&class.name))
        .put("pool", pool(class.pool))
        .put("multiplier_x100", class.multiplier_x100)
        .put("base_price_usd", Usd6(class.base_price_usd6))
        .put("vram_gb", class.vram_gb)
        .put("devices", class.devices)
        .put("enabled", class.enabled == 1)
        .put("class", *address)
}

fn details(address: &Pubkey, class: &HardwareClass) -> Result<Record> {
    Ok(summary(address, class)
        .put(
            "minimum_stake_per_gpu",
            Io(stake::minimum(class.multiplier_x100, 1)?),
        )
        .put("rows", class.rows)
        .put("lanes", class.lanes)
        .put("waves", class.waves)
        .put("commit_slots", class.commit_slots)
        .put("reveal_slots", class.reveal_slots)
        .put("audit_modulus", class.audit_modulus))
}

pub fn pool(pool: u8) -> &'static str {
    if pool == 0 {
        "enterprise"
    } else {
        "community"
    }
}
