//! Who decides disputes.

use crate::{
    confirm,
    context::Context,
    error::Result,
    output::Record,
    waiting::{holder, somebody, Moment},
};
use iog_client::{
    market::{
        accounts::Config,
        instructions::{ApplyResolver, DropResolver, SetResolver},
    },
    pda,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub async fn run(context: &Context, resolver: Pubkey) -> Result<()> {
    confirm::allowed(context, "a change of governance")?;
    let signer = context.signer()?;
    let before: Config = context.config(&pda::market::config()).await?;
    let now = context.time().await?.now;
    let what = match somebody(resolver) {
        None => {
            "Let nobody decide disputes from now on? Open ones go to the rule, and none can be opened."
                .to_string()
        }
        Some(key) if now < before.setup_until_ts => format!("Let {key} decide disputes from now on?"),
        Some(key) => format!(
            "Let {key} decide disputes 24 hours from now, once applied? It decides those that are opened then."
        ),
    };
    confirm::ask(context, &what)?;
    let set = SetResolver {
        authority: signer.pubkey(),
        resolver,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    show(context, receipt).await
}

/// Gives the role to who was named for it; anyone may.
pub async fn apply(context: &Context) -> Result<()> {
    let signer = context.signer()?;
    let apply = ApplyResolver {};
    let receipt = context.submit(&[apply.instruction()], &signer, &[]).await?;
    show(context, receipt).await
}

/// Guardian and authority may.
pub fn drop_instruction(signer: Pubkey) -> Instruction {
    DropResolver { signer }.instruction()
}

async fn show(context: &Context, receipt: Record) -> Result<()> {
    let config: Config = context.config(&pda::market::config()).await?;
    let moment = Moment {
        now: context.time().await?.now,
        since_ts: config.authority_since_ts,
    };
    let role = moment.role("resolver", &holder!(config.resolver));
    context.out.one(&role.extend(receipt));
    Ok(())
}
