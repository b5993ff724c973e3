//! Prices, and the books of what the market owes.

use super::chain::Chain;
use crate::{
    error::Result,
    snapshot::{CreditView, Snapshot},
};
use iog_client::{
    market::{CreditLine, Earnings, Escrow, PriceBook, Verdict},
    pda,
    token::{NetEmission, PriceSource},
};
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// What a match depends on: prices, and who takes which currency.
pub(super) async fn places(chain: &Chain<'_>, snapshot: &mut Snapshot) -> Result<()> {
    let books: BTreeMap<Pubkey, PriceBook> = chain.all(PriceBook::SIZE).await?;
    let books = books.into_values().map(|book| (book.class_id, book));
    snapshot.market.books = books.collect();
    let earnings: BTreeMap<Pubkey, Earnings> = chain.all(Earnings::SIZE).await?;
    let earnings = earnings
        .into_values()
        .map(|earnings| ((earnings.mint, earnings.owner), earnings));
    snapshot.market.earnings = earnings.collect();
    let line: Option<CreditLine> = one(chain, pda::market::credit_line()).await?;
    let net_emission: Option<NetEmission> = one(chain, pda::token::net_emission()).await?;
    let credit = line.zip(net_emission);
    snapshot.market.credit = credit.map(|(line, net_emission)| CreditView { line, net_emission });
    Ok(())
}

/// What the market owes, what may be minted, and what was decided.
pub(super) async fn books(chain: &Chain<'_>, snapshot: &mut Snapshot) -> Result<()> {
    let escrows: BTreeMap<Pubkey, Escrow> = chain.all(Escrow::SIZE).await?;
    let escrows = escrows.into_values().map(|escrow| (escrow.mint, escrow));
    snapshot.market.escrows = escrows.collect();
    snapshot.token = one(chain, pda::token::config()).await?;
    snapshot.market.verdicts = chain.all(Verdict::SIZE).await?;
    Ok(())
}

/// Where the price of IO comes from.
pub(super) async fn price_source(chain: &Chain<'_>) -> Result<Option<PriceSource>> {
    one(chain, pda::token::price_source()).await
}

pub(super) async fn one<T: iog_client::AccountData>(
    chain: &Chain<'_>,
    address: Pubkey,
) -> Result<Option<T>> {
    Ok(chain.some([address]).await?.into_values().next())
}
