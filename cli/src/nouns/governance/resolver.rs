use crate::{confirm, context::Context, error::Result, output::Record};
use iog_client::{
    market::{accounts::Config, instructions::SetResolver},
    pda,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub async fn run(context: &Context, resolver: Pubkey) -> Result<()> {
    confirm::allowed(context, "a change of governance")?;
    let signer = context.signer()?;
    let before: Config = context.config(&pda::market::config()).await?;
    let name = |key: Pubkey| (key != Pubkey::default()).then_some(key);
    let who = name(resolver).map_or_else(|| "nobody".to_string(), |key| key.to_string());
    confirm::ask(context, &format!("Let {who} decide disputes?"))?;
    let set = SetResolver {
        authority: signer.pubkey(),
        resolver,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("resolver_before", name(before.resolver))
        .put("resolver", name(resolver));
    context.out.one(&record.extend(receipt));
    Ok(())
}
