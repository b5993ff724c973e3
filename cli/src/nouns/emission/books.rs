//! The emission's books, and the two acts that move them: closing hours, and minting what they shared out.

use super::place;
use crate::{
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use iog_client::{
    emission::{
        self,
        accounts::{Config, LedgerPage},
        instructions::{CloseHour, MintDue, OpenPage},
    },
    events::Event,
    pda,
};
use iog_math::units::Io;
use solana_signer::Signer;

/// Shared out by closed hours, and not minted.
pub fn due(config: &Config) -> Io {
    Io(config.shared_units.saturating_sub(config.minted_units))
}

/// Minted and not claimed: what can be paid.
pub fn payable(config: &Config) -> Io {
    Io(config.minted_units.saturating_sub(config.claimed_units))
}

fn record(config: &Config) -> Record {
    let carried = [
        config.enterprise_carry_units,
        config.community_carry_units,
        config.shared_units,
    ];
    let sum = carried
        .iter()
        .try_fold(0u64, |sum, part| sum.checked_add(*part));
    Record::new()
        .put("scheduled", Io(config.scheduled_units))
        .put("shared", Io(config.shared_units))
        .put("minted", Io(config.minted_units))
        .put("due_to_mint", due(config))
        .put("booked", Io(config.booked_units))
        .put("claimed", Io(config.claimed_units))
        .put("payable", payable(config))
        .put("enterprise_carry", Io(config.enterprise_carry_units))
        .put("community_carry", Io(config.community_carry_units))
        // What the schedule gave is shared out or carried.
        .put("law", sum == Some(config.scheduled_units))
        .put("exempt_hours", config.exempt_hours.value)
        .put("max_per_score", Io(config.max_per_score_units.value))
        .put("next_hour_to_close", config.next_hour)
}

async fn config(context: &Context) -> Result<Config> {
    context.config(&pda::emission::config()).await
}

pub async fn show(context: &Context) -> Result<()> {
    let config = config(context).await?;
    let running = context.hour(config.genesis_ts).await?;
    context.out.one(
        &record(&config)
            .put("running_hour", running)
            .put("hours_to_close", running.saturating_sub(config.next_hour)),
    );
    Ok(())
}

pub async fn close(context: &Context, max_hours: u8) -> Result<()> {
    let signer = context.signer()?;
    let before = config(context).await?;
    let running = context.hour(before.genesis_ts).await?;
    if before.next_hour >= running {
        return Err(CliError::Refused(format!(
            "nothing to close: hour {running} runs, and all before are closed"
        )));
    }
    let (index, _) = place(before.next_hour);
    let page = pda::emission::page(index);
    let mut instructions = Vec::new();
    // Hours in which nobody checked in may lie on a page that nobody opened.
    if context.find::<LedgerPage>(&page).await?.is_none() {
        let open = OpenPage {
            payer: signer.pubkey(),
            page,
            index,
        };
        instructions.push(open.instruction());
    }
    instructions.push(CloseHour { page, max_hours }.instruction());
    let receipt = context.submit(&instructions, &signer, &[]).await?;
    let after = config(context).await?;
    let closed = after.next_hour.saturating_sub(before.next_hour);
    let shared = after.shared_units.saturating_sub(before.shared_units);
    let record = Record::new()
        .put("hours_closed", closed)
        .put("shared_by_them", Io(shared))
        .extend(record(&after));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn mint_due(context: &Context) -> Result<()> {
    let signer = context.signer()?;
    let before = config(context).await?;
    let owed = due(&before);
    if owed.0 == 0 {
        return Err(CliError::Refused(
            "nothing is due: all that closed hours have shared out is minted (iog emission books)"
                .into(),
        ));
    }
    let mint = MintDue {
        minter: pda::token::minter(&pda::emission::minter_authority()),
        token_config: pda::token::config(),
        io_mint: before.io_mint,
        mint_authority: pda::token::mint_authority(),
    };
    let (receipt, events) = context
        .submit_with_events(&[mint.instruction()], &signer)
        .await?;
    let minted = events.into_iter().find_map(|event| match event {
        Event::Emission(emission::Event::DueMinted(minted)) => Some(minted),
        _ => None,
    });
    let minted = minted.as_ref();
    let record = Record::new()
        .put("due_before", owed)
        .put("minted", minted.map(|minted| Io(minted.amount)))
        // Cap or breaker let no more pass now.
        .put("due_after", minted.map(|minted| Io(minted.due_after)));
    context.out.one(&record.extend(receipt));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    #[test]
    fn what_is_due_and_what_can_be_paid() {
        let mut config: Config = blank();
        (config.scheduled_units, config.shared_units) = (1_000, 900);
        (config.enterprise_carry_units, config.community_carry_units) = (70, 30);
        (config.minted_units, config.claimed_units) = (600, 150);
        assert_eq!((due(&config), payable(&config)), (Io(300), Io(450)));
        let shown = serde_json::to_value(record(&config)).unwrap();
        assert_eq!(shown["law"], true);
        config.community_carry_units = 31;
        let shown = serde_json::to_value(record(&config)).unwrap();
        assert_eq!(shown["law"], false);
    }
}
