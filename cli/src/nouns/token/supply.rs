//! The law of the supplies: what the books say is what the mints hold, but for what holders burn past the programs.

use crate::{
    chain::mint_supply,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use iog_client::{decode, pda, token::accounts::Config};
use iog_math::units::{Io, Iosd, CAP_IO};
use solana_pubkey::Pubkey;

/// A supply as the books and as the mint have it, in base units.
#[derive(Clone, Copy, Debug)]
struct Supply {
    booked: u64,
    minted: u64,
}

impl Supply {
    /// What holders burned through the token programs directly, which no program of ours can book.
    fn burned_elsewhere(&self) -> u64 {
        self.booked.saturating_sub(self.minted)
    }

    /// The mint never holds more than was booked.
    fn holds(&self) -> bool {
        self.minted <= self.booked
    }
}

/// IO's supply by the books.
pub fn booked_io(books: &Config) -> u64 {
    books
        .genesis_units
        .saturating_add(books.emitted_units)
        .saturating_add(books.reminted_units)
        .saturating_sub(books.burned_units)
}

/// IOSD's supply by the books.
pub fn booked_iosd(books: &Config) -> u64 {
    books
        .iosd_minted_units
        .saturating_add(books.iosd_refunded_units)
        .saturating_sub(books.iosd_spent_units)
}

/// IOSD that was spent and is neither earned nor given back.
pub fn outstanding_iosd(books: &Config) -> u64 {
    books
        .iosd_spent_units
        .saturating_sub(books.iosd_refunded_units)
        .saturating_sub(books.iosd_settled_units)
}

/// Books and mints of one moment, so that the law is not judged over a mint in between.
pub async fn supply(context: &Context) -> Result<Record> {
    let (mint, iosd_mint) = (context.io_mint().await?, pda::token::iosd_mint());
    let addresses = [pda::token::config(), mint, iosd_mint];
    let accounts = context.accounts(&addresses).await?;
    let account = |index: usize| accounts.get(index).and_then(Option::as_ref);
    let books: Option<Config> = account(0).and_then(|account| decode(&account.data).ok());
    let books = books.ok_or_else(|| CliError::rpc("reading the books", &"they are gone"))?;
    let io = Supply {
        booked: booked_io(&books),
        minted: account(1)
            .and_then(mint_supply)
            .ok_or_else(|| CliError::Refused(format!("the mint {mint} is missing")))?,
    };
    let iosd = Supply {
        booked: booked_iosd(&books),
        // Before IOSD is created there is no mint, and nothing in the books.
        minted: account(2).and_then(mint_supply).unwrap_or(0),
    };
    Ok(record(&books, &mint, &io, &iosd))
}

fn record(books: &Config, mint: &Pubkey, io: &Supply, iosd: &Supply) -> Record {
    let created = books.iosd_mint != Pubkey::default();
    Record::new()
        .put("mint", *mint)
        .put("genesis", Io(books.genesis_units))
        .put("emitted", Io(books.emitted_units))
        .put("reminted", Io(books.reminted_units))
        .put("burned", Io(books.burned_units))
        .put("booked_supply", Io(io.booked))
        .put("burned_elsewhere", Io(io.burned_elsewhere()))
        .put("mint_supply", Io(io.minted))
        .put("cap", Io(CAP_IO))
        .put("iosd_mint", created.then_some(books.iosd_mint))
        .put("iosd_minted", Iosd(books.iosd_minted_units))
        .put("iosd_refunded", Iosd(books.iosd_refunded_units))
        .put("iosd_spent", Iosd(books.iosd_spent_units))
        .put("iosd_settled", Iosd(books.iosd_settled_units))
        .put("iosd_outstanding", Iosd(outstanding_iosd(books)))
        .put("iosd_booked_supply", Iosd(iosd.booked))
        .put("iosd_burned_elsewhere", Iosd(iosd.burned_elsewhere()))
        .put("iosd_mint_supply", Iosd(iosd.minted))
        .put("holds", io.holds() && iosd.holds())
        .put("explanation", explain(io, iosd))
}

fn explain(io: &Supply, iosd: &Supply) -> String {
    if !io.holds() || !iosd.holds() {
        return "A MINT HOLDS MORE THAN WAS BOOKED: stop and report this (SECURITY.md)".into();
    }
    if io.burned_elsewhere() == 0 && iosd.burned_elsewhere() == 0 {
        return "both mints hold exactly what the books say".into();
    }
    format!(
        "holders burned {} IO and {} IOSD through the token programs directly, which no program can book; the rest is exactly what the mints hold",
        Io(io.burned_elsewhere()),
        Iosd(iosd.burned_elsewhere())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_a_supply_differs() {
        let supply = |booked, minted| Supply { booked, minted };
        let even = supply(10, 10);
        assert!(explain(&even, &even).contains("exactly what the books say"));
        let less = supply(300_000_000, 100_000_000);
        assert!(less.holds() && explain(&less, &even).contains("burned 2 IO and 0 IOSD"));
        let more = supply(1, 2);
        assert!(!more.holds() && explain(&even, &more).contains("MORE"));
    }
}
