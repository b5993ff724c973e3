//! Prices, and the books of what the market owes.

use super::chain::Chain;
use crate::{
    error::Result,
    snapshot::{CreditView, Snapshot},
};
use iog_client::{
    market::{self, CreditLine, Earnings, Escrow, PriceBook},
    pda,
    token::{self, NetEmission},
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
    Ok(())
}

/// What the market owes, and who decides its disputes.
pub(super) async fn books(chain: &Chain<'_>, snapshot: &mut Snapshot) -> Result<()> {
    let config: Option<market::Config> = one(chain, pda::market::config()).await?;
    let resolver = config.map(|config| config.resolver);
    snapshot.market.resolver = resolver.filter(|resolver| *resolver != Pubkey::default());
    let escrows: BTreeMap<Pubkey, Escrow> = chain.all(Escrow::SIZE).await?;
    let escrows = escrows.into_values().map(|escrow| (escrow.mint, escrow));
    snapshot.market.escrows = escrows.collect();
    let line: Option<CreditLine> = one(chain, pda::market::credit_line()).await?;
    let net_emission: Option<NetEmission> = one(chain, pda::token::net_emission()).await?;
    let token: Option<token::Config> = one(chain, pda::token::config()).await?;
    let credit = line.zip(net_emission).zip(token);
    snapshot.market.credit = credit.map(|((line, net_emission), token)| CreditView {
        line,
        net_emission,
        token,
    });
    Ok(())
}

async fn one<T: iog_client::AccountData>(chain: &Chain<'_>, address: Pubkey) -> Result<Option<T>> {
    Ok(chain.some([address]).await?.into_values().next())
}
