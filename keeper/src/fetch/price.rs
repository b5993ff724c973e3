//! Where the network reads its price, and what is reported there.

use super::{chain::Chain, market, Scope};
use crate::{
    error::Result,
    price::pyth,
    snapshot::{PriceState, PythAccount},
};
use iog_client::token::PriceSource;
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

pub(super) async fn fetch(chain: &Chain<'_>, scope: &Scope<'_>) -> Result<PriceState> {
    let source = market::price_source(chain).await?;
    let pyth = match scope.shard.zip(source) {
        Some((shard, source)) if source.receiver == pyth::RECEIVER => {
            Some(account(chain, scope, shard, &source).await?)
        }
        _ => None,
    };
    Ok(PriceState {
        reporters: BTreeMap::new(),
        pyth,
    })
}

async fn account(
    chain: &Chain<'_>,
    scope: &Scope<'_>,
    shard: u16,
    source: &PriceSource,
) -> Result<PythAccount> {
    let address = pyth::feed_account(shard, &source.feed);
    if ![Pubkey::default(), address].contains(&source.account) {
        tracing::warn!(
            posted = %address,
            read = %source.account,
            "the network reads another account than the one that is posted to; see price.hermes.shard"
        );
    }
    let staging = pyth::staging(&scope.payer);
    let addresses: Vec<Pubkey> = [address].into_iter().chain(staging).collect();
    let mut accounts = chain.raw(&addresses).await?.into_iter();
    let posted = accounts.next().flatten();
    let posted = posted.filter(|posted| posted.owner == pyth::RECEIVER);
    let staged = accounts.next().flatten();
    let staged = staged.filter(|staged| staged.owner == pyth::WORMHOLE);
    Ok(PythAccount {
        address,
        shard,
        feed: source.feed,
        posted: posted.and_then(|posted| pyth::posted(&posted.data)),
        staged: staged.map(|staged| staged.data),
    })
}
