//! What an order's terms are, in words and numbers: what is held, forgiven, bonded and deposited, and what an end costs.

use crate::{
    error::Result,
    market::{
        currency::Amount,
        order::{held_at_most, MATCH_LAMPORTS, MAX_HELD_SECS},
        quote::Quote,
    },
    output::Record,
};
use iog_math::{slots::FORGIVEN_PER_DAY, units::HOUR};

/// Deposit of a dispute (`DISPUTE_DEPOSIT_BPS` of the program's constants.rs).
pub const DISPUTE_DEPOSIT_BPS: u16 = 500;
/// Of orders made off line: the default of the market's `dispute_secs`.
pub const DEFAULT_DISPUTE_SECS: u32 = 86_400;
const LAMPORTS_PER_SOL: u64 = 1_000_000_000;

/// What the terms of an order depend on.
pub struct Terms<'a> {
    pub quote: &'a Quote,
    pub dispute_secs: u32,
    /// What is escrowed: the total, or all that may be paid where later prices are paid from it.
    pub deposit: Amount,
    pub deposits_limit: bool,
}

impl Terms<'_> {
    fn gpus(&self) -> u32 {
        let gpus = self.quote.parts.iter().map(|part| part.gpus);
        gpus.fold(0, u32::saturating_add)
    }

    fn match_lamports(&self) -> u64 {
        MATCH_LAMPORTS.saturating_mul(u64::from(self.gpus()))
    }

    /// What devices that had accepted are owed at most by an order that never starts.
    fn cancel_cost(&self) -> Result<Amount> {
        let fees = self.quote.fees;
        let most = held_at_most(self.quote.hourly, fees.reservation_bps, fees.network_bps)?;
        Ok(self.quote.pay.amount(most))
    }

    fn held(&self) -> String {
        let window = match self.dispute_secs {
            0 => "is paid at once".to_string(),
            secs => format!(
                "is held for {} from its own end, in which you may dispute it, and then the supplier's",
                span(secs)
            ),
        };
        format!("each hour's unproved ten-minute slots come back when it is judged; what was proved {window}")
    }

    fn bonded() -> &'static str {
        "a supplier that falls silent or proves less than half of an hour forfeits its newest held hour to you, and one that pauses, terminates or leaves before the end it agreed to everything held, 24 h at most; it agrees to 720 h at most"
    }

    fn forgiven() -> String {
        format!(
            "one missing slot of an hour whose others are all proved is paid all the same, {FORGIVEN_PER_DAY} in a day of a lease"
        )
    }

    fn deposited(&self) -> String {
        let what = match self.deposits_limit {
            true => format!(
                "{}: all of --max-total, from which a lower IO is paid every 168 h; what no hour needs comes back at the end, and where it does not reach the order ends 24 h after the step",
                self.deposit
            ),
            false => self.deposit.to_string(),
        };
        format!(
            "{what}; and {} lamports ({} SOL, 20,000 a GPU) for who matches the devices, back where the order does not start; a dispute takes 5 % of what is disputed, of an hour at least, and the discount of a length that is not reached, back unless the supplier gets all of it",
            self.match_lamports(),
            sol(self.match_lamports())
        )
    }

    fn cancelling(&self) -> Result<String> {
        Ok(format!(
            "before the start costs the rent of the seconds for which every place was matched, to devices that had accepted or, where one of them kept the order from starting, to the treasury: 5 minutes, {}, at most; else nothing",
            self.cancel_cost()?
        ))
    }

    fn ending() -> &'static str {
        "after the start gives whole unused minutes back with their fees, but for the first hour where no device left in it; used hours are billed at the discount of the length that was reached"
    }

    fn all(&self) -> Result<[(&'static str, String); 6]> {
        Ok([
            ("terms_held", self.held()),
            ("terms_forgiven", Self::forgiven()),
            ("terms_bonded", Self::bonded().to_string()),
            ("terms_deposited", self.deposited()),
            ("terms_cancelling", self.cancelling()?),
            ("terms_ending", Self::ending().to_string()),
        ])
    }

    /// For standard error, before money moves.
    pub fn words(&self) -> Result<String> {
        let lines = self.all()?.map(|(name, text)| {
            let name = name.trim_start_matches("terms_");
            format!("  {name:<11}{text}")
        });
        Ok(lines.join("\n"))
    }

    pub fn record(&self) -> Result<Record> {
        let numbers = Record::new()
            .put("deposit", self.deposit)
            .put("deposits_max_total", self.deposits_limit)
            .put("match_deposit_lamports", self.match_lamports())
            .put("dispute_secs", self.dispute_secs)
            .put("dispute_deposit_bps", DISPUTE_DEPOSIT_BPS)
            .put("forgiven_slots_per_hour", 1u8)
            .put("forgiven_slots_per_day", FORGIVEN_PER_DAY)
            .put("cancel_cost_max", self.cancel_cost()?)
            .put("cancel_cost_max_secs", MAX_HELD_SECS);
        let texts = self.all()?.into_iter();
        Ok(texts.fold(numbers, |record, (name, text)| record.put(name, text)))
    }
}

/// `24 h`, `90 min` or `45 s`: whole units only.
pub fn span(secs: u32) -> String {
    let hour = u32::try_from(HOUR).unwrap_or(1);
    match secs {
        secs if secs % hour == 0 => format!("{} h", secs / hour),
        secs if secs % 60 == 0 => format!("{} min", secs / 60),
        secs => format!("{secs} s"),
    }
}

/// Whole SOL with what is left of them, without zeros at the end.
fn sol(lamports: u64) -> String {
    let (whole, rest) = (lamports / LAMPORTS_PER_SOL, lamports % LAMPORTS_PER_SOL);
    let rest = format!("{rest:09}");
    match rest.trim_end_matches('0') {
        "" => whole.to_string(),
        rest => format!("{whole}.{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{
        currency::Pay,
        quote::{Fees, Priced},
    };
    use iog_math::units::Usd6;

    fn quote() -> Quote {
        let parts = [Priced {
            gpus: 8,
            price: Usd6(1_520_000),
        }];
        let fees = Fees {
            reservation_bps: 225,
            network_bps: 0,
        };
        Quote::of(&parts, Pay::Usdc, None, 10, fees).unwrap()
    }

    #[test]
    fn terms_say_what_is_held_deposited_and_lost() {
        let quote = quote();
        let terms = Terms {
            quote: &quote,
            dispute_secs: 86_400,
            deposit: quote.total(),
            deposits_limit: false,
        };
        let words = terms.words().unwrap();
        // 8 GPUs at 1.52 USD for 300 s: 1.013333 USD, and 225 basis points of it, rounded up
        assert!(
            words.contains("5 minutes, 1.036133 USDC, at most"),
            "{words}"
        );
        assert!(words.contains("held for 24 h from its own end"), "{words}");
        assert!(words.contains("160000 lamports (0.00016 SOL"), "{words}");
        assert!(words.contains("4 in a day"), "{words}");
        let record = serde_json::to_value(terms.record().unwrap()).unwrap();
        assert_eq!(record["cancel_cost_max"], "1036133");
        assert_eq!(record["match_deposit_lamports"], 160_000);
        assert_eq!(record["deposit_ui"], "124.336");
    }

    #[test]
    fn without_a_window_hours_are_paid_at_once() {
        let quote = quote();
        let terms = Terms {
            quote: &quote,
            dispute_secs: 0,
            deposit: Pay::Io.amount(100),
            deposits_limit: true,
        };
        let words = terms.words().unwrap();
        assert!(words.contains("is paid at once"), "{words}");
        assert!(words.contains("all of --max-total"), "{words}");
    }

    #[test]
    fn times_and_lamports_are_told_in_whole_units() {
        assert_eq!(
            [span(86_400), span(5_400), span(45)],
            ["24 h", "90 min", "45 s"]
        );
        assert_eq!(
            [sol(0), sol(20_000), sol(1_500_000_000)],
            ["0", "0.00002", "1.5"]
        );
    }
}
