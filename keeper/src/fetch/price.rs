//! Where the network reads its price, and what is reported there.

use super::{chain::Chain, market, Scope};
use crate::{
    error::Result,
    price::pyth,
    snapshot::{PriceAt, PriceState, PythAccount, Reported},
};
use iog_client::{
    pda,
    token::{self, PriceFeed, PriceSource},
};
use solana_pubkey::Pubkey;

/// What a reporter looks at.
pub(super) async fn fetch(chain: &Chain<'_>, scope: &Scope<'_>) -> Result<PriceState> {
    let feed: Option<PriceFeed> = market::one(chain, pda::token::price_feed()).await?;
    let reporters = feed.iter().flat_map(|feed| feed.feed.reporters);
    let named = reporters.filter(|reporter| reporter.role.key != Pubkey::default());
    let reporters = named.map(|reporter| {
        let last = Reported {
            price: reporter.price,
            ts: reporter.ts,
        };
        (reporter.role.key, last)
    });
    let pyth = match scope.shard {
        Some(shard) => pyth(chain, scope, shard).await?,
        None => None,
    };
    Ok(PriceState {
        reporters: reporters.collect(),
        pyth,
    })
}

/// Pyth's account, where the network's price is Pyth's.
async fn pyth(chain: &Chain<'_>, scope: &Scope<'_>, shard: u16) -> Result<Option<PythAccount>> {
    let source = market::price_source(chain).await?;
    let Some(source) = source.filter(|source| source.receiver == pyth::RECEIVER) else {
        return Ok(None);
    };
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
    Ok(Some(PythAccount {
        address,
        shard,
        feed: source.feed,
        posted: posted.and_then(|posted| pyth::posted(&posted.data)),
        staged: staged.map(|staged| staged.data),
    }))
}

/// The account that the price of IO is read from, as far as a plan needs it.
pub(super) async fn account(chain: &Chain<'_>, scope: &Scope<'_>) -> Result<Option<PriceAt>> {
    let Some(source) = market::price_source(chain).await? else {
        return Ok(None);
    };
    let pinned = Some(source.account).filter(|account| *account != Pubkey::default());
    let Some(address) = pinned.or(scope.price_account) else {
        return Ok(None);
    };
    let publish_ts = if source.receiver == token::ID {
        let feed: Option<PriceFeed> = market::one(chain, address).await?;
        feed.map(|feed| feed.feed.feed_ts)
    } else {
        published(chain, &source, &address).await?
    };
    Ok(Some(PriceAt {
        address,
        publish_ts,
    }))
}

async fn published(
    chain: &Chain<'_>,
    source: &PriceSource,
    address: &Pubkey,
) -> Result<Option<i64>> {
    let account = chain.raw(&[*address]).await?.into_iter().next().flatten();
    let account = account.filter(|account| account.owner == source.receiver);
    let posted = account.and_then(|account| pyth::posted(&account.data));
    Ok(posted.map(|(_, _, publish_ts)| publish_ts))
}
