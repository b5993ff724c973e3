//! The suppliers' side of the market, and its books.

mod credit;
mod devices;
mod earnings;
mod listing;
mod show;

use super::device::Named;
use crate::{args, context::Context, error::Result, market::currency::Payment};
use clap::{Args, Subcommand};
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The books of each currency, the line of suppliers that wait for IO, and who decides disputes
    #[command(after_help = "Example:\n  iog market show -o json")]
    Show,
    /// Devices that have a place in the market: floor, lease, record and reputation
    #[command(after_help = "Example:\n  iog market devices --class \"RTX 4090\" --idle")]
    Devices(devices::Filter),
    /// Offer a staked device for hire, or change its floor or currencies; its owner signs
    #[command(
        after_help = "It takes orders in these currencies where its owner has opened earnings of them, that pay at least the floor. The floor is a filter: it is paid the order's price. With a floor above the class's base price it counts as online, for the price of others, only while it serves.\n\nExamples:\n  iog market list-device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --floor 0.35\n  iog market list-device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --pay io,usdc"
    )]
    ListDevice(listing::Listing),
    /// Put a device back on the market as its owner had listed it; the device's key signs
    #[command(
        after_help = "For a device that was silent or unproved, was taken off, and can be hired again: not resting, with a sign of life in 6 hours and a proof in 24. One whose owner took it off stays off.\n\nExample:\n  iog market relist 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --device-key device.json"
    )]
    Relist(listing::ByKey),
    /// Take a device off the market; a lease goes on. Its owner, or anyone when it may no longer be listed
    #[command(
        after_help = "Anyone may where it is not active or not staked, or idle and rests, has shown no sign of life for 6 hours or passed no proof for 24.\n\nExample:\n  iog market delist-device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    DelistDevice(Named),
    /// Refuse the match that a device is in; the device's key signs. Free until 30 seconds after it was asked
    #[command(
        after_help = "Example:\n  iog market decline 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --device-key device.json"
    )]
    Decline(listing::ByKey),
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
        after_help = "The price is the higher of spot and average, with twice the confidence on top; all claims share what was burned for IOSD pro rata, so that no claim is ever owed in vain. Claims are paid in their order, as net emission and the treasury fund them.\n\nExample:\n  iog market claim --min-io 40"
    )]
    Claim(credit::Terms),
    /// Say anew what a dollar of IOSD is worth to suppliers, which matches compare with floors; anyone may
    #[command(
        after_help = "The share of its IO, at the price of now, that was burned for IOSD and is not claimed. It counts for 6 hours; keepers call it.\n\nExample:\n  iog market update-cover"
    )]
    UpdateCover {
        /// Price account of IO/USD [default: the network's, else the newest found]
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        price_account: Option<Pubkey>,
    },
    /// Close a supplier's account for what it earns in a currency, when nothing is due and no lease pays in; the supplier signs
    #[command(after_help = "Example:\n  iog market close-earnings --pay usdc --yes")]
    CloseEarnings(Payment),
    /// Close a renter's statistics, when none of its orders is open; the renter signs
    #[command(after_help = "Example:\n  iog market close-renter --yes")]
    CloseRenter,
    /// Close a terminated device's place in the market, when none of its leases is open; its owner signs
    #[command(
        after_help = "Example:\n  iog market close-occupancy 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    CloseOccupancy(Named),
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
        Verb::ListDevice(listing) => listing::list(context, &listing).await,
        Verb::Relist(given) => listing::relist(context, &given).await,
        Verb::DelistDevice(device) => listing::delist(context, &device).await,
        Verb::Decline(given) => listing::decline_match(context, &given).await,
        Verb::OpenEarnings(payment) => earnings::open(context, &payment).await,
        Verb::Earnings(given) => earnings::show(context, given.wallet).await,
        Verb::Withdraw(withdrawal) => earnings::withdraw(context, &withdrawal).await,
        Verb::Claim(terms) => credit::claim(context, &terms).await,
        Verb::UpdateCover { price_account } => credit::update_cover(context, price_account).await,
        Verb::CloseEarnings(payment) => earnings::close(context, &payment).await,
        Verb::CloseRenter => show::close_renter(context).await,
        Verb::CloseOccupancy(device) => listing::close_occupancy(context, &device).await,
        Verb::Stats(given) => show::stats(context, given.wallet).await,
    }
}
