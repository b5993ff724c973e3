//! What the treasury buys IO with.

use super::chain::Chain;
use crate::{
    error::Result,
    snapshot::{AuctionView, Snapshot},
};
use iog_client::{
    pda,
    treasury::{Auction, FeeVault},
};
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// Reads the treasury's parameters, and the auctions with the fees that they spend.
pub(super) async fn fetch(chain: &Chain<'_>, snapshot: &mut Snapshot) -> Result<()> {
    let configs = chain.some([pda::treasury::config()]).await?;
    snapshot.treasury = configs.into_values().next();
    let auctions: BTreeMap<Pubkey, Auction> = chain.all(Auction::SIZE).await?;
    let mints: Vec<Pubkey> = auctions.values().map(|auction| auction.mint).collect();
    let fees = chain.some::<FeeVault>(mints.iter().map(pda::treasury::fees));
    let mut fees: BTreeMap<Pubkey, FeeVault> = fees
        .await?
        .into_values()
        .map(|fees| (fees.mint, fees))
        .collect();
    let views = auctions.into_values().filter_map(|auction| {
        let fees = fees.remove(&auction.mint)?;
        Some((auction.mint, AuctionView { auction, fees }))
    });
    snapshot.auctions = views.collect();
    Ok(())
}
