mod update;

use super::text;
use crate::{
    args,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::{
    pda,
    registry::{accounts::HardwareClass, types::ProofTerms},
};
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
    /// Move a class's multiplier or price, or open or close it for new devices; the catalogue's authority or the registry's signs
    #[command(
        after_help = "Multiplier and price move once in 24 hours, by at most a fifth. What is still 0, only the registry's authority sets.\n\nExamples:\n  iog class update 121 --multiplier-x100 80 --base-price 0.12 -k catalog.json --yes\n  iog class update 121 --close -k catalog.json --yes"
    )]
    Update(update::Rates),
    /// Announce other terms of a class's proof, 24 hours ahead; the catalogue's authority or the registry's signs
    #[command(
        after_help = "What is not named stays. Naming nothing drops a change that waits.\n\nExample:\n  iog class schedule 121 --commit-slots 450 -k catalog.json --yes"
    )]
    Schedule(update::Terms),
    /// Apply announced terms whose time has come; anyone may
    #[command(after_help = "Example:\n  iog class apply 121")]
    Apply {
        /// Number of the class
        id: u16,
    },
    /// Name who attests devices and who moves the catalogue's numbers; the registry's authority signs
    #[command(
        after_help = "Example:\n  iog class roles --attestor 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --catalog-authority none -k authority.json --yes"
    )]
    Roles {
        /// Address of who signs speed tests and security attestations, or none
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey_or_none)]
        attestor: Pubkey,
        /// Address of who moves multipliers and prices, or none
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey_or_none)]
        catalog_authority: Pubkey,
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
        Verb::Update(rates) => update::rates(context, &rates).await,
        Verb::Schedule(terms) => update::schedule(context, &terms).await,
        Verb::Apply { id } => update::apply(context, id).await,
        Verb::Roles {
            attestor,
            catalog_authority,
        } => update::roles(context, attestor, catalog_authority).await,
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
        .put("gpus_active", class.gpus_active)
        .put("enabled", class.enabled == 1)
        .put("class", *address)
}

fn details(address: &Pubkey, class: &HardwareClass) -> Result<Record> {
    Ok(summary(address, class)
        .put(
            "minimum_stake_per_gpu",
            Io(stake::minimum(class.multiplier_x100, 1)?),
        )
        .extend(terms(&update::proof(class)))
        .put(
            "pending_from",
            waits(class).then_some(Time(class.pending_ts)),
        )
        .put("pending", waits(class).then(|| vec![terms(&class.pending)])))
}

fn waits(class: &HardwareClass) -> bool {
    class.pending_ts != 0
}

fn terms(proof: &ProofTerms) -> Record {
    Record::new()
        .put("rows", proof.rows)
        .put("lanes", proof.lanes)
        .put("waves", proof.waves)
        .put("commit_slots", proof.commit_slots)
        .put("reveal_slots", proof.reveal_slots)
        .put("audit_modulus", proof.audit_modulus)
}

pub fn pool(pool: u8) -> &'static str {
    if pool == 0 {
        "enterprise"
    } else {
        "community"
    }
}
