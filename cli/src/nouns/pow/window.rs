use crate::{context::Context, error::Result, output::Record};
use iog_client::{
    pda,
    registry::accounts::{Config, Windows},
};

pub async fn show(context: &Context, epoch: Option<u64>) -> Result<()> {
    let config: Config = context.config(&pda::registry::config()).await?;
    let running = u64::from(context.hour(config.genesis_ts).await?);
    let windows: Windows = context.config(&pda::registry::windows()).await?;
    let epoch = epoch.unwrap_or(running);
    let window = windows
        .ring
        .iter()
        .find(|window| window.epoch == epoch && window.slot > 0);
    context.out.one(
        &Record::new()
            .put("epoch", epoch)
            .put("running_epoch", running)
            .put("open", window.is_some())
            .put("slot", window.map(|window| window.slot))
            .put(
                "slot_hash",
                window.map(|window| hex::encode(window.slot_hash)),
            ),
    );
    Ok(())
}
