//! What orders are paid in.

use crate::{
    chain::{TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    context::Context,
    error::{CliError, Result},
    output::Cell,
};
use clap::{Args, ValueEnum};
use iog_client::{
    market::accounts::{Escrow, Order},
    pda,
};
use iog_math::units::{Io, Iosd, Usd6};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use std::fmt;

/// The kinds of currency, in the order of the program's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Pay {
    /// IO, at the oracle's price when the order is made
    #[default]
    Io,
    /// A US dollar token, at a higher fee
    Usdc,
    /// The network's credit
    Iosd,
}

/// A currency on the command line.
#[derive(Args, Clone, Copy, Debug)]
pub struct Payment {
    /// Currency
    #[arg(long, value_enum, default_value_t)]
    pub pay: Pay,
    /// Mint of the US dollar token, where the market takes several
    #[arg(long, value_name = "PUBKEY", value_parser = crate::args::pubkey)]
    pub mint: Option<Pubkey>,
}

/// An amount with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    pub pay: Pay,
    pub units: u64,
}

/// A set of currencies: bit c stands for the program's number c.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currencies(pub u8);

/// A currency that the market takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    pub pay: Pay,
    pub mint: Pubkey,
}

impl Pay {
    pub const ALL: [Self; 3] = [Self::Io, Self::Usdc, Self::Iosd];

    /// By the program's number.
    pub fn of(number: u8) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|pay| pay.number() == number);
        found.ok_or_else(|| {
            CliError::usage(format!(
                "currency {number} is not known to this version of iog: update it"
            ))
        })
    }

    pub fn number(self) -> u8 {
        match self {
            Self::Io => 0,
            Self::Usdc => 1,
            Self::Iosd => 2,
        }
    }

    pub fn unit(self) -> &'static str {
        match self {
            Self::Io => "IO",
            Self::Usdc => "USDC",
            Self::Iosd => "IOSD",
        }
    }

    pub fn amount(self, units: u64) -> Amount {
        Amount { pay: self, units }
    }

    /// Base units of an amount in whole units.
    pub fn parse(self, text: &str) -> Result<u64> {
        let (parsed, decimals) = match self {
            Self::Io => (Io::parse(text).map(|amount| amount.0), Io::DECIMALS),
            Self::Usdc => (Usd6::parse(text).map(|amount| amount.0), Usd6::DECIMALS),
            Self::Iosd => (Iosd::parse(text).map(|amount| amount.0), Iosd::DECIMALS),
        };
        parsed.map_err(|_| {
            CliError::usage(format!(
                "'{text}' is no amount of {}: use digits, a point and at most {decimals} decimals, such as 12.5",
                self.unit()
            ))
        })
    }
}

impl Currencies {
    pub fn of(list: &[Pay]) -> Self {
        let bits = list.iter().map(|pay| 1u8 << pay.number());
        Self(bits.fold(0, |all, bit| all | bit))
    }

    pub fn names(self) -> Vec<String> {
        let taken = Pay::ALL.iter();
        let taken = taken.filter(|pay| self.0 >> pay.number() & 1 == 1);
        taken.map(|pay| pay.unit().to_string()).collect()
    }
}

impl Amount {
    fn ui(&self) -> String {
        match self.pay {
            Pay::Io => Io(self.units).to_string(),
            Pay::Usdc => Usd6(self.units).to_string(),
            Pay::Iosd => Iosd(self.units).to_string(),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.ui(), self.pay.unit())
    }
}

impl From<Amount> for Cell {
    fn from(amount: Amount) -> Self {
        Self::Amount {
            units: amount.units,
            ui: amount.ui(),
            unit: amount.pay.unit(),
        }
    }
}

impl Currency {
    pub fn of(order: &Order) -> Result<Self> {
        Ok(Self {
            pay: Pay::of(order.currency)?,
            mint: order.mint,
        })
    }

    pub fn escrow(&self) -> Pubkey {
        pda::market::escrow(&self.mint)
    }

    pub fn amount(&self, units: u64) -> Amount {
        self.pay.amount(units)
    }

    fn token_program(&self) -> Pubkey {
        match self.pay {
            Pay::Io | Pay::Usdc => TOKEN_PROGRAM,
            Pay::Iosd => TOKEN_2022_PROGRAM,
        }
    }

    /// Where `wallet` holds it.
    pub fn account(&self, wallet: &Pubkey) -> Pubkey {
        pda::token_account(wallet, &self.mint, &self.token_program())
    }

    /// Makes sure that `wallet` can be paid; `payer` pays the rent if the account is new.
    pub fn open_account(&self, payer: &Pubkey, wallet: &Pubkey) -> Instruction {
        create_associated_token_account_idempotent(payer, wallet, &self.mint, &self.token_program())
    }
}

/// The currency, whose escrow must be open.
pub async fn find(context: &Context, payment: &Payment) -> Result<Currency> {
    let pay = payment.pay;
    if payment.mint.is_some() && pay != Pay::Usdc {
        return Err(CliError::usage(
            "--mint names a US dollar token: pass --pay usdc with it",
        ));
    }
    let number = [pay.number()];
    let mut open = context
        .list::<Escrow>(&[(Escrow::CURRENCY_AT, &number)])
        .await?;
    open.retain(|(_, escrow)| payment.mint.is_none_or(|mint| mint == escrow.mint));
    match open.as_slice() {
        [(_, escrow)] => Ok(Currency {
            pay,
            mint: escrow.mint,
        }),
        [] => Err(CliError::usage(format!(
            "this market takes no such {}: iog market show lists the currencies",
            pay.unit()
        ))),
        _ => Err(CliError::usage(
            "the market takes several US dollar tokens: name one with --mint (iog market show)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_their_units_decimals() {
        assert_eq!(Pay::Io.parse("1.5").unwrap(), 150_000_000);
        assert_eq!(Pay::Usdc.parse("1.5").unwrap(), 1_500_000);
        assert_eq!(Pay::Usdc.amount(1_500_000).to_string(), "1.5 USDC");
        assert_eq!(Pay::Iosd.amount(1).to_string(), "0.000001 IOSD");
        let long = Pay::Iosd.parse("1.1234567").unwrap_err();
        assert_eq!(long.exit_code(), 2);
        assert!(long.line().contains("at most 6 decimals"), "{long}");
    }

    #[test]
    fn sets_of_currencies_are_bits() {
        assert_eq!(Currencies::of(&Pay::ALL).0, 0b111);
        let two = Currencies::of(&[Pay::Iosd, Pay::Io, Pay::Io]);
        assert_eq!(
            (two.0, two.names()),
            (0b101, vec!["IO".to_string(), "IOSD".to_string()])
        );
    }

    #[test]
    fn numbers_are_the_programs() {
        for pay in Pay::ALL {
            assert_eq!(Pay::of(pay.number()).unwrap(), pay);
        }
        assert_eq!(Pay::of(3).unwrap_err().exit_code(), 2);
    }
}
