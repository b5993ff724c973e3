use crate::{
    confirm,
    context::Context,
    error::Result,
    nouns::dispute::resolver_at,
    output::{Record, Time},
};
use iog_client::{
    events::Event,
    market::{self, accounts::Config, instructions::SetResolver},
    pda,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub async fn run(context: &Context, resolver: Pubkey) -> Result<()> {
    confirm::allowed(context, "a change of governance")?;
    let signer = context.signer()?;
    let before: Config = context.config(&pda::market::config()).await?;
    let now = context.time().await?.now;
    let name = |key: Pubkey| (key != Pubkey::default()).then_some(key);
    let what = match name(resolver) {
        None => {
            "Let nobody decide disputes from now on? Open ones go to the rule, and none can be opened."
                .to_string()
        }
        Some(key) if now < before.setup_until_ts => format!("Let {key} decide disputes from now on?"),
        Some(key) => format!(
            "Let {key} decide disputes from 24 hours on? It decides those that are opened then."
        ),
    };
    confirm::ask(context, &what)?;
    let set = SetResolver {
        authority: signer.pubkey(),
        resolver,
    };
    let (receipt, events) = context
        .submit_with_events(&[set.instruction()], &signer)
        .await?;
    let from = events.into_iter().find_map(|event| match event {
        Event::Market(market::Event::ResolverChanged(change)) => Some(change.from_ts),
        _ => None,
    });
    let record = Record::new()
        .put("resolver_before", resolver_at(&before, now))
        .put("resolver", name(resolver))
        .put("from_ts", from.map(Time));
    context.out.one(&record.extend(receipt));
    Ok(())
}
