//! The suppliers' side of the market, and its books.

mod credit;
mod devices;
mod earnings;
mod show;

use super::device::Named;
use crate::{args, context::Context, error::Result, market::currency::Payment};
use clap::{Args, Subcommand};
use iog_math::units::Usd6;
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The books of each currency, the line of suppliers that wait for IO, and who decides disputes
    #[command(after_help = "Example:\n  iog market show -o json")]
    Show,
    /// Devices that have a place in the market: floor, lease, record and reputation
    #[command(after_help = "Example:\n  iog market devices --class \"RTX 4090\" --idle")]
    Devices(devices::Filter),
    /// Offer a staked device for hire, or change its floor; its owner signs
    #[command(
        after_help = "It takes orders of the currencies that its owner has opened earnings of.\n\nExample:\n  iog market list-device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --floor 0.35"
    )]
    ListDevice {
        #[command(flatten)]
        device: Named,
        /// Least USD for a GPU-hour that it serves for; 0 for any
        #[arg(long, value_name = "USD", default_value = "0", value_parser = args::dollars)]
        floor: Usd6,
    },
    /// Take a device off the market; a lease goes on. Its owner, or anyone when it may no longer be listed
    #[command(
        after_help = "Example:\n  iog market delist-device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    DelistDevice(Named),
    /// Take orders in a currency from now on; the supplier signs
    #[command(
        after_help = "Examples:\n  iog market open-earnings\n  iog market open-earnings --pay iosd"
    )]
    OpenEarnings(Payment),
    /// What a supplier has earned in each currency, and its claim on IO
    #[command(after_help = "Example:\n  iog market earnings -o json")]
    Earnings(Wallet),
    /// Pay a supplier what it has earned; of IOSD orders the IO that its claim has come to. Anyone may
    #[command(
        after_help = "Examples:\n  iog market withdraw --pay usdc --yes\n  iog market withdraw --pay iosd --owner 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --yes"
    )]
    Withdraw(earnings::Withdrawal),
    /// Turn what was earned in IOSD into a claim on IO at the price of now; the supplier signs
    #[command(
        after_help = "The price is the higher of spot and average, with twice the confidence on top. Claims are paid in their order, as net emission and the treasury fund them.\n\nExample:\n  iog market claim --min-io 40"
    )]
    Claim(credit::Terms),
    /// What a renter has rented: orders, GPU-hours, spend, loyalty points
    #[command(
        after_help = "Example:\n  iog market stats 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    Stats(Wallet),
}

/// A wallet on the command line.
#[derive(Args, Clone, Copy, Debug)]
pub struct Wallet {
    /// Wallet [default: the signer's]
    #[arg(value_parser = args::pubkey)]
    wallet: Option<Pubkey>,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Show => show::run(context).await,
        Verb::Devices(filter) => devices::devices(context, &filter).await,
        Verb::ListDevice { device, floor } => devices::list(context, &device, floor).await,
        Verb::DelistDevice(device) => devices::delist(context, &device).await,
        Verb::OpenEarnings(payment) => earnings::open(context, &payment).await,
        Verb::Earnings(given) => earnings::show(context, given.wallet).await,
        Verb::Withdraw(withdrawal) => earnings::withdraw(context, &withdrawal).await,
        Verb::Claim(terms) => credit::claim(context, &terms).await,
        Verb::Stats(given) => show::stats(context, given.wallet).await,
    }
}
