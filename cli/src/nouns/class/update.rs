//! Changing the catalogue.

use super::details;
use crate::{args, confirm, context::Context, error::Result, output::Record};
use clap::Args;
use iog_client::{
    pda,
    registry::{
        accounts::{Config, HardwareClass},
        instructions,
        types::{ClassRates, ProofTerms},
    },
};
use iog_math::units::Usd6;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Rates {
    /// Number of the class
    id: u16,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub struct Change {
    /// Weight in the emission in hundredths, 5 to 10000
    #[arg(long, value_name = "HUNDREDTHS")]
    multiplier_x100: Option<u32>,
    /// US dollars for a GPU-hour, 0.001 to 1000
    #[arg(long, value_name = "USD", value_parser = args::usd)]
    base_price: Option<Usd6>,
    /// Take new devices
    #[arg(long, conflicts_with = "close")]
    open: bool,
    /// Take no new devices
    #[arg(long)]
    close: bool,
}

#[derive(Args, Debug)]
pub struct Terms {
    /// Number of the class
    id: u16,
    /// Rows of 512 bytes, a multiple of 32
    #[arg(long)]
    rows: Option<u32>,
    /// A power of two, at most 4194304
    #[arg(long)]
    lanes: Option<u32>,
    /// 1 to 24
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=24))]
    waves: Option<u32>,
    /// Slots from the window to the commit, 1 to 9000
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9_000))]
    commit_slots: Option<u32>,
    /// Slots from the challenge to the last opening, 1 to 9000
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9_000))]
    reveal_slots: Option<u32>,
    /// One proof in this many is opened, 1 to 64
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=64))]
    audit_modulus: Option<u32>,
}

/// The terms of a class's proof as it stands.
pub fn proof(class: &HardwareClass) -> ProofTerms {
    ProofTerms {
        rows: class.rows,
        lanes: class.lanes,
        waves: class.waves,
        commit_slots: class.commit_slots,
        reveal_slots: class.reveal_slots,
        audit_modulus: class.audit_modulus,
    }
}

pub async fn rates(context: &Context, given: &Rates) -> Result<()> {
    confirm::allowed(context, "a change of the catalogue")?;
    let signer = context.signer()?;
    let class = pda::registry::class(given.id);
    let found = context.class(&class).await?;
    let change = &given.change;
    let rates = ClassRates {
        multiplier_x100: change.multiplier_x100.unwrap_or(found.multiplier_x100),
        base_price_usd6: change
            .base_price
            .map_or(found.base_price_usd6, |price| price.0),
        enabled: change.open || (found.enabled == 1 && !change.close),
    };
    let says = format!(
        "Set class {} from multiplier {} and {} USD to {} and {} USD, {} for new devices?",
        given.id,
        found.multiplier_x100,
        Usd6(found.base_price_usd6),
        rates.multiplier_x100,
        Usd6(rates.base_price_usd6),
        if rates.enabled { "open" } else { "closed" }
    );
    confirm::ask(context, &says)?;
    let update = instructions::UpdateClass {
        authority: signer.pubkey(),
        class,
        rates,
    };
    send(context, &class, update.instruction()).await
}

pub async fn schedule(context: &Context, given: &Terms) -> Result<()> {
    confirm::allowed(context, "a change of the catalogue")?;
    let signer = context.signer()?;
    let class = pda::registry::class(given.id);
    let now = proof(&context.class(&class).await?);
    let terms = ProofTerms {
        rows: given.rows.unwrap_or(now.rows),
        lanes: given.lanes.unwrap_or(now.lanes),
        waves: given.waves.unwrap_or(now.waves),
        commit_slots: given.commit_slots.unwrap_or(now.commit_slots),
        reveal_slots: given.reveal_slots.unwrap_or(now.reveal_slots),
        audit_modulus: given.audit_modulus.unwrap_or(now.audit_modulus),
    };
    let what = if terms == now {
        format!("Drop the change of class {}'s proof that waits?", given.id)
    } else {
        format!("Announce other terms of class {}'s proof?", given.id)
    };
    confirm::ask(context, &what)?;
    let schedule = instructions::ScheduleClass {
        authority: signer.pubkey(),
        class,
        proof: terms,
    };
    send(context, &class, schedule.instruction()).await
}

pub async fn apply(context: &Context, id: u16) -> Result<()> {
    let class = pda::registry::class(id);
    context.class(&class).await?;
    let apply = instructions::ApplyClass { class };
    send(context, &class, apply.instruction()).await
}

pub async fn roles(context: &Context, attestor: Pubkey, catalog_authority: Pubkey) -> Result<()> {
    confirm::allowed(context, "a change of roles")?;
    let signer = context.signer()?;
    let before: Config = context.config(&pda::registry::config()).await?;
    let name = |key: Pubkey| (key != Pubkey::default()).then_some(key);
    let said = |key: Pubkey| name(key).map_or_else(|| "nobody".to_string(), |key| key.to_string());
    confirm::ask(
        context,
        &format!(
            "Let {} attest devices and {} move the catalogue's numbers?",
            said(attestor),
            said(catalog_authority)
        ),
    )?;
    let set = instructions::SetRoles {
        authority: signer.pubkey(),
        attestor,
        catalog_authority,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("attestor_before", name(before.attestor))
        .put("attestor", name(attestor))
        .put("catalog_authority_before", name(before.catalog_authority))
        .put("catalog_authority", name(catalog_authority));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// Sends, and shows the class as it is afterwards.
async fn send(context: &Context, class: &Pubkey, instruction: Instruction) -> Result<()> {
    let signer = context.signer()?;
    let receipt = context.submit(&[instruction], &signer, &[]).await?;
    let after = context.class(class).await?;
    context.out.one(&details(class, &after)?.extend(receipt));
    Ok(())
}
