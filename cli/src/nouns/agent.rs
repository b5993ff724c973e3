//! The processes that hold orders' keys on this machine.

use crate::{
    agent::{self, chain, client::Client, folder::Folder},
    args,
    context::Context,
    error::{shown, Result},
    output::Record,
};
use clap::Subcommand;
use iog_job::Key;
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Serve an order's devices until it is over: offer, inputs, secrets, receipts; other verbs start it by themselves
    #[command(
        after_help = "One agent for each order and machine holds the engineer key; a second one ends at once. Its log is agent.log in the order's folder.\n\nExample:\n  iog agent run 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Run {
        /// Address of the order
        #[arg(value_parser = args::pubkey)]
        order: Pubkey,
        /// Leave the terminal
        #[arg(long, hide = true)]
        detach: bool,
    },
    /// Start an order's agent, and leave it running
    #[command(
        after_help = "Other verbs start it by themselves, but not where another program connected with the same engineer key: two would push each other off without end.\n\nExamples:\n  iog agent start 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk\n  iog agent start 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --take-over"
    )]
    Start {
        /// Address of the order
        #[arg(value_parser = args::pubkey)]
        order: Pubkey,
        /// Take the line back from another program that has the engineer key
        #[arg(long)]
        take_over: bool,
    },
    /// End an order's agent; what runs on devices goes on
    #[command(
        after_help = "Example:\n  iog agent stop 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Stop {
        /// Address of the order
        #[arg(value_parser = args::pubkey)]
        order: Pubkey,
    },
    /// Orders that this machine has keys or tickets of, and whether their agents run
    #[command(after_help = "Example:\n  iog agent list -o json")]
    List,
    /// The key of this machine, for which another one makes a ticket
    #[command(after_help = "Example:\n  iog agent key")]
    Key,
    /// Take a ticket that another machine made for this one
    #[command(
        after_help = "Endpoint and network are the other machine's unless -u and --network name others.\n\nExamples:\n  iog agent join ticket.json\n  iog agent join ticket.json --network devnet.toml"
    )]
    Join {
        /// What iog order ticket wrote there
        #[arg(value_name = "FILE")]
        file: std::path::PathBuf,
    },
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Run { order, detach } => agent::run::run(&chain::key(&order), detach).await,
        Verb::Start { order, take_over } => {
            let client = Client::open(&chain::key(&order))?;
            if take_over {
                client.take_over()?;
            }
            let ran = client.runs().await?;
            client.wake().await?;
            context
                .out
                .one(&Record::new().put("order", order).put("started", !ran));
            Ok(())
        }
        Verb::Stop { order } => {
            let client = Client::open(&chain::key(&order))?;
            let stopped = client.stop().await?;
            context
                .out
                .one(&Record::new().put("order", order).put("stopped", stopped));
            Ok(())
        }
        Verb::List => list(context).await,
        Verb::Key => {
            let key = agent::machine_key()?.verifying_key().to_bytes();
            context
                .out
                .one(&Record::new().put("key", Key(key).to_string()));
            Ok(())
        }
        Verb::Join { file } => super::order::join(context, &file),
    }
}

async fn list(context: &Context) -> Result<()> {
    let mut records = Vec::new();
    for order in Folder::all()? {
        let client = Client::open(&order)?;
        let file = client.folder.order()?;
        let witnesses: Vec<String> = file.witness_urls.iter().map(|url| shown(url)).collect();
        records.push(
            Record::new()
                .put("order", order.to_string())
                .put("agent_runs", client.runs().await?)
                .put("ticket", client.folder.ticket().is_some())
                .put("rpc", shown(&file.rpc_url))
                .put("witnesses", (!witnesses.is_empty()).then_some(witnesses))
                .put("folder", client.folder.path().display().to_string()),
        );
    }
    context.out.many(&records, "this machine knows no orders");
    Ok(())
}
