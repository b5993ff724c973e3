mod roles;
mod update;

use super::text;
use crate::{
    context::Context,
    error::Result,
    output::{Record, Time},
    waiting::LAPSE_SECS,
};
use clap::Subcommand;
use iog_client::{
    pda,
    registry::{accounts::HardwareClass, types::ClassTerms},
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
    /// Move a class's price, or open or close it for new devices, at once; the catalogue's authority or the registry's signs
    #[command(
        after_help = "The price moves once in 24 hours, by at most a fifth. What is still 0, only the registry's authority sets. A closed class takes no new devices and no new orders.\n\nExamples:\n  iog class update 121 --base-price 0.12 -k catalog.json --yes\n  iog class update 121 --close -k catalog.json --yes"
    )]
    Update(update::Rates),
    /// Announce other terms of a class, multiplier and proof, 7 days ahead; the catalogue's authority or the registry's signs
    #[command(
        after_help = "What is not named stays. Another change replaces what waits and waits 7 days anew; naming nothing drops it. The multiplier moves by at most a fifth a change; minimum stakes fall at once and rise with the change. Whether a class is proved never changes.\n\nExamples:\n  iog class schedule 121 --multiplier-x100 80 -k catalog.json --yes\n  iog class schedule 121 --waves 20148 --commit-slots 432 -k catalog.json --yes"
    )]
    Schedule(update::Terms),
    /// Apply announced terms whose time has come, before the hour's window opens; anyone may
    #[command(
        after_help = "What nobody applied for 7 further days has lapsed.\n\nExample:\n  iog class apply 121"
    )]
    Apply {
        /// Number of the class
        id: u16,
    },
    /// Drop the terms that a class has announced; the registry's guardian and its authority may
    #[command(
        after_help = "A minimum stake that fell with the announcement stays down until the present terms are announced and applied.\n\nExample:\n  iog class drop 121 -k guardian.json --yes"
    )]
    Drop {
        /// Number of the class
        id: u16,
    },
    /// Name who attests devices or who moves the catalogue's numbers, 24 hours ahead, or nobody at once; without a name: who holds the roles
    #[command(
        after_help = "The registry's authority signs. While the network is set up a name holds at once. Speed tests are the measurers': see iog measurer.\n\nExamples:\n  iog class roles -o json\n  iog class roles --attestor 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json --yes\n  iog class roles --catalog-authority none -k authority.json --yes"
    )]
    Roles(roles::Named),
    /// Give a role of the registry to who was named for it, when 24 hours are over; anyone may
    #[command(after_help = "Example:\n  iog class apply-role attestor")]
    ApplyRole { role: roles::Role },
    /// Drop who was named for a role of the registry; its guardian and its authority may
    #[command(after_help = "Example:\n  iog class drop-role attestor -k guardian.json --yes")]
    DropRole { role: roles::Role },
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
        Verb::Drop { id } => update::drop_terms(context, id).await,
        Verb::Roles(named) => roles::name(context, &named).await,
        Verb::ApplyRole { role } => roles::apply(context, role).await,
        Verb::DropRole { role } => roles::drop_named(context, role).await,
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
    let waits = class.pending_ts != 0;
    let from = waits.then_some(class.pending_ts);
    Ok(summary(address, class)
        .put("stake_multiplier_x100", class.stake_multiplier_x100)
        .put(
            "minimum_stake_per_gpu",
            Io(stake::minimum(class.stake_multiplier_x100, 1)?),
        )
        .put("is_proved", class.proof_valid_hours > 0)
        .extend(proof(&update::terms_of(class)))
        .put("price_changed_ts", Time(class.price_ts))
        .put("pending_from", from.map(Time))
        .put(
            "pending_lapses",
            from.map(|ts| Time(ts.saturating_add(LAPSE_SECS))),
        )
        .put("pending", waits.then(|| vec![terms(&class.pending)])))
}

fn terms(terms: &ClassTerms) -> Record {
    Record::new()
        .put("multiplier_x100", terms.multiplier_x100)
        .extend(proof(terms))
}

fn proof(terms: &ClassTerms) -> Record {
    Record::new()
        .put("proof_valid_hours", terms.proof_valid_hours)
        .put("rows", terms.rows)
        .put("tiles", terms.tiles)
        .put("waves", terms.waves)
        .put("max_cards", terms.max_cards)
        .put("commit_slots", terms.commit_slots)
        .put("reveal_slots", terms.reveal_slots)
}

pub fn pool(pool: u8) -> &'static str {
    if pool == 0 {
        "enterprise"
    } else {
        "community"
    }
}
