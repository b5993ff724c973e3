//! Changing the catalogue.

use super::details;
use crate::{args, confirm, context::Context, error::Result};
use clap::Args;
use iog_client::{
    pda,
    registry::{
        accounts::HardwareClass,
        instructions,
        types::{ClassRates, ClassTerms},
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
    /// Weight in the emission in hundredths, 5 to 10000
    #[arg(long, value_name = "HUNDREDTHS")]
    multiplier_x100: Option<u32>,
    /// Hours for which a passed proof lets a device be hired and keeps its streak, 3 to 168
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(3..=168))]
    proof_valid_hours: Option<u32>,
    /// Rows of 512 bytes, a multiple of 32
    #[arg(long)]
    rows: Option<u32>,
    /// Tiles of a wave: a power of two, 32768 to 1048576, at most a 256th of the rows; fewer only below 65536 rows
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    tiles: Option<u32>,
    /// 1 to 131072
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=131_072))]
    waves: Option<u32>,
    /// Cards that one device key may stand for, 1 to 8
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=8))]
    max_cards: Option<u32>,
    /// Slots from the window to the commit, 1 to 9000
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9_000))]
    commit_slots: Option<u32>,
    /// Slots from the challenge to the last opening, 1 to 9000
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9_000))]
    reveal_slots: Option<u32>,
}

/// The terms of a class as it stands.
pub fn terms_of(class: &HardwareClass) -> ClassTerms {
    ClassTerms {
        multiplier_x100: class.multiplier_x100,
        proof_valid_hours: class.proof_valid_hours,
        rows: class.rows,
        tiles: class.tiles,
        waves: class.waves,
        max_cards: class.max_cards,
        commit_slots: class.commit_slots,
        reveal_slots: class.reveal_slots,
    }
}

impl Terms {
    /// The terms with what is named changed.
    fn of(&self, now: &ClassTerms) -> ClassTerms {
        ClassTerms {
            multiplier_x100: self.multiplier_x100.unwrap_or(now.multiplier_x100),
            proof_valid_hours: self.proof_valid_hours.unwrap_or(now.proof_valid_hours),
            rows: self.rows.unwrap_or(now.rows),
            tiles: self.tiles.unwrap_or(now.tiles),
            waves: self.waves.unwrap_or(now.waves),
            max_cards: self.max_cards.unwrap_or(now.max_cards),
            commit_slots: self.commit_slots.unwrap_or(now.commit_slots),
            reveal_slots: self.reveal_slots.unwrap_or(now.reveal_slots),
        }
    }
}

pub async fn rates(context: &Context, given: &Rates) -> Result<()> {
    confirm::allowed(context, "a change of the catalogue")?;
    let signer = context.signer()?;
    let class = pda::registry::class(given.id);
    let found = context.class(&class).await?;
    let change = &given.change;
    let rates = ClassRates {
        base_price_usd6: change
            .base_price
            .map_or(found.base_price_usd6, |price| price.0),
        enabled: change.open || (found.enabled == 1 && !change.close),
    };
    let says = format!(
        "Set class {} from {} USD to {} USD, {} for new devices and orders?",
        given.id,
        Usd6(found.base_price_usd6),
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
    let found = context.class(&class).await?;
    let now = terms_of(&found);
    let terms = given.of(&now);
    let what = match (terms == now, found.stake_multiplier_x100 < found.multiplier_x100) {
        (true, false) => format!("Drop the change of class {}'s terms that waits?", given.id),
        (true, true) => format!(
            "Take the change of class {} back? Its minimum stake rises again 7 days from now, when the present terms are applied.",
            given.id
        ),
        (false, _) => format!(
            "Announce other terms of class {}, to be applied 7 days from now?",
            given.id
        ),
    };
    confirm::ask(context, &what)?;
    let schedule = instructions::ScheduleClass {
        authority: signer.pubkey(),
        class,
        terms,
    };
    send(context, &class, schedule.instruction()).await
}

pub async fn apply(context: &Context, id: u16) -> Result<()> {
    let class = pda::registry::class(id);
    context.class(&class).await?;
    let apply = instructions::ApplyClass { class };
    send(context, &class, apply.instruction()).await
}

pub async fn drop_terms(context: &Context, id: u16) -> Result<()> {
    confirm::allowed(context, "a change of the catalogue")?;
    let signer = context.signer()?;
    let class = pda::registry::class(id);
    context.class(&class).await?;
    confirm::ask(
        context,
        &format!("Drop the terms that class {id} has announced?"),
    )?;
    let drop = instructions::DropClassTerms {
        signer: signer.pubkey(),
        class,
    };
    send(context, &class, drop.instruction()).await
}

/// Sends, and shows the class as it is afterwards.
async fn send(context: &Context, class: &Pubkey, instruction: Instruction) -> Result<()> {
    let signer = context.signer()?;
    let receipt = context.submit(&[instruction], &signer, &[]).await?;
    let after = context.class(class).await?;
    context.out.one(&details(class, &after)?.extend(receipt));
    Ok(())
}
