//! What may be paid at most, and whether the wallet has it.

use crate::{
    args,
    chain::token_amount,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::{Amount, Currency, Pay},
        offer::Offer,
    },
};
use clap::Args;
use solana_pubkey::Pubkey;

/// One percent more than quoted, where nothing is named.
const DEFAULT_SLIPPAGE_BPS: u64 = 100;

#[derive(Args, Debug)]
pub struct Limit {
    /// What the total, fees included, may not pass, in whole units of the currency; in IO for more than 168 hours all of it is deposited
    #[arg(long, value_name = "AMOUNT", conflicts_with = "slippage_bps")]
    max_total: Option<String>,
    /// How much more than quoted the total may be, in basis points [default: 100]
    #[arg(long, value_name = "BPS", value_parser = args::slippage)]
    slippage_bps: Option<u64>,
}

impl Limit {
    /// What can be refused without asking the chain.
    pub fn check(&self, pay: Pay) -> Result<()> {
        match &self.max_total {
            Some(text) => pay.parse(text).map(|_| ()),
            None => Ok(()),
        }
    }

    pub fn of(&self, offer: &Offer) -> Result<Amount> {
        if offer.deposits_limit() && self.max_total.is_none() && self.slippage_bps.is_none() {
            return Err(CliError::usage(format!(
                "hours in IO beyond the first 168 are paid at later prices, out of what is deposited now: name it with --max-total, {} or more",
                offer.quote.total()
            )));
        }
        let slippage = self.slippage_bps.unwrap_or(DEFAULT_SLIPPAGE_BPS);
        offer.quote.limit(self.max_total.as_deref(), slippage)
    }
}

/// The program would refuse too, but it does not say how much is missing.
pub async fn require_funds(
    context: &Context,
    currency: &Currency,
    wallet: &Pubkey,
    needed: Amount,
) -> Result<()> {
    let account = currency.account(wallet);
    let accounts = context.accounts(&[account]).await?;
    let held = accounts.first().and_then(Option::as_ref);
    let held = held.and_then(token_amount).unwrap_or(0);
    if held >= needed.units {
        return Ok(());
    }
    Err(CliError::Refused(format!(
        "the total is {needed}, and {wallet} holds {}",
        currency.amount(held)
    )))
}
