mod booking;
mod close;
mod create;
mod dispute;
mod end;
mod extend;
mod files;
mod job;
mod quote;
mod show;
mod wait;

use crate::{args, context::Context, error::Result, market::order::STATES};
use clap::{Args, Subcommand};
use solana_pubkey::Pubkey;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Book GPU-hours and escrow their total
    #[command(
        after_help = "Without --max-total the total may be 1 % above the quote.\n\nExamples:\n  iog order create --class 1 --gpus 2 --hours 3 --job job.json --jobs-dir jobs --wait\n  iog order create --class \"RTX 4090,RTX A6000\" --gpus 8 --hours 24 --kind inference --country DE,FR --pay usdc --max-total 80\n  iog order create --class 1 --gpus 1 --hours 1 --pay iosd --secure --min-reputation 7000 --yes"
    )]
    Create(create::Terms),
    /// What a booking would cost, by the program's own arithmetic
    #[command(
        after_help = "Examples:\n  iog order quote --class 1 --gpus 2 --hours 3\n  iog order quote --class \"RTX 4090,RTX A6000\" --gpus 8 --hours 24 --kind inference --pay usdc\n  iog order quote --base-price 0.76 --io-price 0.25 --gpus 2 --hours 3   (off line)"
    )]
    Quote(quote::Terms),
    /// Orders, all or one renter's
    #[command(
        after_help = "Example:\n  iog order list --renter 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --state active"
    )]
    List {
        /// Only this wallet's
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        renter: Option<Pubkey>,
        /// Only in this state
        #[arg(long, value_parser = STATES)]
        state: Option<String>,
    },
    /// One order with its leases
    #[command(
        after_help = "Example:\n  iog order show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -o json"
    )]
    Show(Named),
    /// Book further hours of a running order, at the price of now
    #[command(
        after_help = "Example:\n  iog order extend 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --hours 12 --max-total 40"
    )]
    Extend(extend::Terms),
    /// End a running order early; whole unused minutes after the first hour come back
    #[command(
        after_help = "Example:\n  iog order end 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    End(Named),
    /// Take an order back before any device has accepted; everything is refunded
    #[command(
        after_help = "Example:\n  iog order cancel 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Cancel(Named),
    /// Dispute what a device was or will be paid for its last hours, and end its lease; the renter signs
    #[command(
        after_help = "Disputed is what is settled and still held, and the hour that runs; in the order's first hour all of that. The resolver decides within 72 hours, else the rule: proved time is paid, the rest refunded.\n\nExample:\n  iog order dispute 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --device 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    Dispute(dispute::Terms),
    /// Pay an order's refund to its renter; anyone may
    #[command(
        after_help = "Example:\n  iog order refund 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Refund(Named),
    /// Close a finished order and its leases, or refund one that never started; anyone may
    #[command(
        after_help = "Example:\n  iog order close 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Close(Named),
    /// What an order's jobs wrote to their streams, as a keeper kept it; works off line
    #[command(
        after_help = "Example:\n  iog order logs 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --dir keeper/outputs"
    )]
    Logs(Kept),
    /// What a keeper kept of the order's jobs: files with their hashes, exit codes; works off line
    #[command(
        after_help = "Example:\n  iog order output 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --dir keeper/outputs"
    )]
    Output(Kept),
}

/// An order on the command line.
#[derive(Args, Clone, Copy, Debug)]
pub struct Named {
    /// Address of the order
    #[arg(value_parser = args::pubkey)]
    pub order: Pubkey,
}

/// An order, and where its keeper kept what came of it.
#[derive(Args, Debug)]
pub struct Kept {
    #[command(flatten)]
    order: Named,
    /// The keeper's folder of outputs
    #[arg(long)]
    dir: PathBuf,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Create(terms) => create::run(context, terms).await,
        Verb::Quote(terms) => quote::run(context, &terms).await,
        Verb::List { renter, state } => show::list(context, renter, state).await,
        Verb::Show(named) => show::show(context, &named.order).await,
        Verb::Extend(terms) => extend::run(context, &terms).await,
        Verb::End(named) => end::end(context, &named.order).await,
        Verb::Cancel(named) => end::cancel(context, &named.order).await,
        Verb::Dispute(terms) => dispute::run(context, &terms).await,
        Verb::Refund(named) => close::refund(context, &named.order).await,
        Verb::Close(named) => close::close(context, &named.order).await,
        Verb::Logs(kept) => files::logs(context, &kept.order.order, &kept.dir),
        Verb::Output(kept) => files::output(context, &kept.order.order, &kept.dir),
    }
}
