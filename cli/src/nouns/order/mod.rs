pub mod booking;
mod check;
mod close;
mod compare;
pub mod create;
mod dispute;
mod download;
pub mod end;
mod engineer_key;
mod evidence;
mod exec;
mod extend;
mod forward;
mod funds;
pub mod job;
mod limit;
mod logs;
mod matching;
mod moves;
pub mod progress;
mod quote;
mod safe;
mod show;
mod ssh;
pub mod status;
mod stop;
mod terms;
mod text;
mod ticket;
pub mod wait;
mod which;
mod work;

pub use job::sha256;
pub use ticket::join;

use crate::{args, context::Context, error::Result, market::order::STATES};
use clap::{Args, Subcommand};
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Book GPU-hours and escrow their total
    #[command(
        after_help = "Without --max-total the total may be 1 % above the quote; in IO for more than 168 hours all of --max-total is deposited, and what no hour needs comes back. With --wait the signer chooses the devices in the first 30 seconds, afterwards keepers do, and the wait ends when the job runs. The order's keys are made and kept on this machine (iog agent list); an agent of its own sends job, inputs and secrets to the devices by the link. What is held, forgiven, bonded and deposited, and what taking it back costs, is told before it asks (terms_* in JSON).\n\nA part is CLASS[,CLASS]:GPUS[@PER_MACHINE]: the first class is quoted, the others will do at their own price, where that is not higher; @ asks for machines of exactly so many GPUs, in classes that are not proved GPU by GPU.\n\nExamples:\n  iog order create --class 1 --gpus 2 --hours 3 --job job.yaml --secret TOKEN=@token --witness-url https://rpc.example.com --wait\n  iog order create --class \"RTX 4090,RTX A6000\" --gpus 8 --hours 24 --kind inference --country DE,FR --pay usdc --max-total 80\n  iog order create --part \"H100 80GB HBM3,H100 PCIe:8\" --part \"CPU 64GB:2\" --hours 12 --wait --no-match\n  iog order create --part \"H100 cluster:16@8\" --hours 336 --max-total 90000 --yes\n  iog order create --class 1 --gpus 1 --hours 1 --pay iosd --secure --min-reputation 7000 --yes"
    )]
    Create(Box<create::Terms>),
    /// What a booking would cost, by the program's own arithmetic, and on which terms
    #[command(
        after_help = "Examples:\n  iog order quote --part \"RTX 4090,RTX A6000:8\" --part \"CPU 64GB:2\" --hours 24 --pay usdc\n  iog order quote --class 1 --gpus 2 --hours 3 --job job.yaml\n  iog order quote --class \"RTX 4090,RTX A6000\" --gpus 8 --hours 24 --kind inference --pay usdc\n  iog order quote --base-price 0.76 --io-price 0.25 --gpus 2 --hours 3   (off line)"
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
    /// Give the best devices to an order that lacks some: its renter in the first 30 seconds, anyone afterwards
    #[command(
        after_help = "Devices are ranked by what the lease would be paid, tier, country, reputation and idle time. An order that waits is matched as a whole or not at all. The signer pays the leases' rent and gets it back with 20,000 lamports a GPU when they are closed.\n\nExample:\n  iog order match 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Match(Named),
    /// Book further hours of a running order, at the price of now
    #[command(
        after_help = "Hours that were booked before keep their price. In IO more than 168 further hours deposit all of --max-total.\n\nExample:\n  iog order extend 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --hours 12 --max-total 40"
    )]
    Extend(extend::Terms),
    /// Add money to a started order, for later prices in IO and deposits of disputes
    #[command(
        after_help = "What is not used comes back with the last refund.\n\nExample:\n  iog order add-funds 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 12.5 --yes"
    )]
    AddFunds(funds::Addition),
    /// Take IO for a dollar anew for an order's further hours, when 168 hours of a price are over; anyone may
    #[command(
        after_help = "Keepers do it. An hour's dollars stay as they were booked; what a lower IO costs more is taken out of what is spare, and where that does not reach the order ends with its old price, 24 hours after the step.\n\nExample:\n  iog order price-anew 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    PriceAnew(funds::Anew),
    /// Give vacant GPUs of a part back, with the money for the time that is left
    #[command(
        after_help = "Example:\n  iog order reduce 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --part 0 --gpus 2 --yes"
    )]
    Reduce(funds::Reduction),
    /// End a running order early; whole unused minutes after the first hour come back with their fees
    #[command(
        after_help = "Used hours are billed at the discount of the length that was reached, out of what comes back.\n\nExample:\n  iog order end 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    End(Named),
    /// Replace the key that may open the link to an order's devices, when it was lost or stolen; the renter signs
    #[command(
        after_help = "Devices close what the old key opened, and its tickets are void. It must be no other key of the order: not the wallet, not the receipt key, none of a device.\n\nExamples:\n  iog order set-engineer-key 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q\n  iog order set-engineer-key 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk none"
    )]
    SetEngineerKey(engineer_key::Terms),
    /// Take an order back before its start
    #[command(
        after_help = "Devices that had accepted are paid for the seconds for which every place was matched, 5 minutes at most; the rest comes back.\n\nExample:\n  iog order cancel 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Cancel(Named),
    /// Dispute what a lease holds, up to 24 hours back, and end it; the renter signs
    #[command(
        after_help = "Disputed is what is judged and still held, and the hour that runs; in the order's first hour all of that. It takes a deposit of 5 %, of an hour at least, and of the discount of a length that is not reached, out of spare money and refunds that are due, or of the wallet; it comes back unless the supplier gets all. Of a file its SHA-256 is stored; give the file to the resolver, who decides within 72 hours. Else the rule does: proved slots are paid.\n\nExample:\n  iog order dispute 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --device 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --evidence report.pdf"
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
    /// What an order's job writes, from the first byte on, as it comes
    #[command(
        after_help = "Control characters are shown and not obeyed unless --raw. A line that is cut is taken up where it was. With --all each line begins with the lease.\n\nExamples:\n  iog order logs 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -f\n  iog order logs 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --all"
    )]
    Logs(logs::Terms),
    /// How an order's jobs stand, as its devices sign it
    #[command(
        after_help = "Example:\n  iog order status 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -o json"
    )]
    Status(which::One),
    /// Fetch what a job left, verified, into a folder of its own
    #[command(
        after_help = "Files lie under DIR/LEASE. What is there and whole is not fetched again. A hash shows that what arrived is what the device sent, not that it was computed.\n\nExample:\n  iog order download 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --all --dir results"
    )]
    Download(download::Terms),
    /// Whether two owners' machines left the same files of the same job
    #[command(
        after_help = "A download's hash shows what a device sent, not that it computed it. Book the job again, have it run by somebody else, and compare: files that differ were made up by one of the two, or the job does not give the same result twice.\n\nExample:\n  iog order compare 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    Compare(compare::Terms),
    /// Offer specification, inputs and secrets to the devices again, and wait until they have them
    #[command(
        after_help = "The agent does it by itself when a device starts; this shows how far it is.\n\nExample:\n  iog order upload 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Upload(Named),
    /// Run a command beside the job; its exit code is this one's
    #[command(
        after_help = "Examples:\n  iog order exec 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -- nvidia-smi\n  iog order exec 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -t -- bash"
    )]
    Exec(exec::Terms),
    /// Open a shell by the system's ssh
    #[command(
        after_help = "Host key, settings and connection come from the order; no agent, key or X11 of this machine is offered to the device.\n\nExamples:\n  iog order ssh 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk\n  iog order ssh 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --lease 1 -- -t top"
    )]
    Ssh(ssh::Terms),
    /// Settings for OpenSSH: scp, rsync and editors use them by -F or Include
    #[command(
        after_help = "Example:\n  iog order ssh-config 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --path"
    )]
    SshConfig(ssh::Shown),
    /// Bytes of one ssh connection on standard input and output: OpenSSH's ProxyCommand
    #[command(
        after_help = "Example:\n  iog order proxy 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --lease 0"
    )]
    Proxy(which::One),
    /// Lead ports of this machine to ports of the job, until Ctrl-C
    #[command(
        after_help = "Loopback only. Open the printed address: each lease has a name of its own, so that its pages do not read the cookies of others.\n\nExample:\n  iog order forward 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk 8888:8888 6006"
    )]
    Forward(forward::Terms),
    /// What the machines say of their load: the suppliers' word
    #[command(
        after_help = "Example:\n  iog order top 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --all --every 5"
    )]
    Top(status::Top),
    /// Let the machines walk their cards' memory for fresh seeds, all at once, and measure how long it takes
    #[command(
        after_help = "Facts and top are the supplier's word; this is not: whoever lacks the cards is late or fails. It shows that as many such cards were free then, not that they are the leased ones. The time allowed is the class's for its hourly proof. Exit code 3: a device failed; 4: one could not be asked.\n\nExamples:\n  iog order check 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk\n  iog order check 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --size class -o json"
    )]
    Check(check::Terms),
    /// Stop the job; the lease goes on, and is paid
    #[command(
        after_help = "Example:\n  iog order stop 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --all"
    )]
    Stop(which::Chosen),
    /// Let a further machine use the order for some hours, without its key
    #[command(
        after_help = "Example:\n  iog order ticket 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --key 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --hours 8 --out ticket.json"
    )]
    Ticket(ticket::Terms),
    /// Statuses that the devices signed and receipts that were signed for them, as files for a dispute
    #[command(
        after_help = "Example:\n  iog order evidence 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --dir evidence"
    )]
    Evidence(evidence::Terms),
}

/// An order on the command line.
#[derive(Args, Clone, Copy, Debug)]
pub struct Named {
    /// Address of the order
    #[arg(value_parser = args::pubkey)]
    pub order: Pubkey,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Create(terms) => create::run(context, *terms).await,
        Verb::Quote(terms) => quote::run(context, &terms).await,
        Verb::List { renter, state } => show::list(context, renter, state).await,
        Verb::Show(named) => show::show(context, &named.order).await,
        Verb::Match(named) => matching::run(context, &named).await,
        Verb::Extend(terms) => extend::run(context, &terms).await,
        Verb::AddFunds(given) => funds::add(context, &given).await,
        Verb::PriceAnew(given) => funds::price_anew(context, &given).await,
        Verb::Reduce(given) => funds::reduce(context, &given).await,
        Verb::End(named) => end::end(context, &named.order).await,
        Verb::SetEngineerKey(terms) => engineer_key::run(context, &terms).await,
        Verb::Cancel(named) => end::cancel(context, &named.order).await,
        Verb::Dispute(terms) => dispute::run(context, &terms).await,
        Verb::Refund(named) => close::refund(context, &named.order).await,
        Verb::Close(named) => close::close(context, &named.order).await,
        Verb::Logs(terms) => logs::run(context, terms).await,
        Verb::Status(one) => status::status(context, &one).await,
        Verb::Download(terms) => download::run(context, terms).await,
        Verb::Compare(terms) => compare::run(context, terms).await,
        Verb::Upload(named) => {
            let client =
                crate::agent::client::Client::open(&crate::agent::chain::key(&named.order))?;
            let leases = progress::upload(context, &client).await?;
            context.out.one(&status::summary(&leases, &named.order));
            Ok(())
        }
        Verb::Exec(terms) => exec::run(context, terms).await,
        Verb::Ssh(terms) => ssh::run(context, terms).await,
        Verb::SshConfig(shown) => ssh::show(context, shown).await,
        Verb::Proxy(one) => ssh::proxy(context, one).await,
        Verb::Forward(terms) => forward::run(context, terms).await,
        Verb::Top(terms) => status::top(context, terms).await,
        Verb::Check(terms) => check::run(context, terms).await,
        Verb::Stop(which) => stop::run(context, &which).await,
        Verb::Ticket(terms) => ticket::run(context, terms).await,
        Verb::Evidence(terms) => evidence::run(context, &terms),
    }
}
