//! `iog-keeper`: the keeper as a program.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod bench;
mod cards;
mod facts;
mod node;
mod relay;
mod run;
mod sides;
mod walk;

use clap::{Args, Parser, Subcommand, ValueEnum};
use iog_keeper::config::{Overrides, EXAMPLE};
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Exit code of a wrong configuration; clap uses the same for wrong usage.
const USAGE: u8 = 2;

/// Keeps an IOG network running: proves devices and serves their leases, matches orders, does the hourly work.
#[derive(Parser)]
#[command(name = "iog-keeper", version, after_help = EXAMPLES)]
struct Cli {
    /// Form of logs (on stderr) and results (on stdout)
    #[arg(short, long, global = true, value_enum, default_value_t)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  iog-keeper config example > keeper.toml
  iog-keeper node --config keeper.toml
  iog-keeper run --config keeper.toml --once --dry-run
  iog-keeper run --rpc-url http://127.0.0.1:8899 --fee-payer payer.json --state-dir state --roles crank
  iog-keeper bench pow --backend cuda --class h100 --url http://127.0.0.1:8899 -o json

Logs: RUST_LOG, such as RUST_LOG=iog_keeper=debug. Exit codes: 0 ok, 2 usage or configuration, 3 refused on chain,
4 RPC, 5 unknown outcome.";

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    #[default]
    Text,
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Play the configured roles until told to end (SIGTERM, Ctrl-C)
    #[command(after_help = "Examples:
  iog-keeper run --config keeper.toml --roles node,crank
  iog-keeper run --config keeper.toml --once --dry-run -o json

A flag wins over its environment variable, which wins over the file. Keys are given as files, never as values.")]
    Run(Box<RunArgs>),
    /// Run all processes of a node, and start again what dies
    #[command(after_help = "Examples:
  iog-keeper node --config keeper.toml

Starts run (the chain: device keys), jobs (the engine) and link (the tunnel keys), as the users of [node] where it is root. Ends them in the turn
link, jobs, chain.")]
    Node(node::NodeArgs),
    /// Run the job side of a node: the engine, and no key
    #[command(after_help = "Examples:
  iog-keeper jobs --config keeper.toml")]
    Jobs(node::NodeArgs),
    /// Run the link side of a node: its tunnel keys, and no engine
    #[command(after_help = "Examples:
  iog-keeper link --config keeper.toml")]
    Link(node::NodeArgs),
    /// Started by the engines
    #[command(hide = true)]
    EngineHelper {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<std::ffi::OsString>,
    },
    /// Started by the job side for inputs that are named by address
    #[command(hide = true)]
    NodeFetch,
    /// Started by the job side for a renter's check
    #[command(hide = true)]
    Walk(walk::WalkArgs),
    /// Take no new leases, or take them again; what runs goes on
    #[command(after_help = "Examples:
  iog-keeper drain --on --config keeper.toml
  iog-keeper drain --off --config keeper.toml")]
    Drain(node::DrainArgs),
    /// Print what this machine is: platform, processors, memory, disk and cards
    #[command(after_help = "Examples:
  iog-keeper facts
  iog-keeper facts --config keeper.toml -o json")]
    Facts(facts::FactsArgs),
    /// About the configuration file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Measure this machine
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Run a relay: it forwards packets between keys that cannot reach each other directly
    #[command(after_help = relay::EXAMPLES)]
    Relay(Box<relay::RelayArgs>),
}

#[derive(Args)]
struct RunArgs {
    /// Configuration file
    #[arg(short, long, env = "IOG_KEEPER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// One pass, then end
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    overrides: Overrides,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print a commented example
    Example,
    /// Read the configuration and the keys, and say whether they will do
    Check {
        /// Configuration file
        #[arg(short, long, env = "IOG_KEEPER_CONFIG", value_name = "FILE")]
        config: PathBuf,
    },
}

#[derive(Subcommand)]
enum BenchCommand {
    /// The hourly proof's walk: rates, share of the memory's bandwidth, and how long a class would take
    #[command(after_help = bench::EXAMPLES)]
    Pow(Box<bench::PowArgs>),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::EngineHelper { args } = &cli.command {
        // It lives as long as its run, not as long as who started it.
        return sides::engine_helper(args);
    }
    if matches!(cli.command, Command::NodeFetch) {
        return sides::node_fetch();
    }
    iog_keeper::supervisor::end_with_parent();
    more_files();
    // Numbers of cards are those of NVML then, which CUDA has in an order of its own. No thread was started yet.
    std::env::set_var("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    init_logs(cli.output);
    let ended = match cli.command {
        Command::Run(args) => run::run(args.config, args.overrides, args.once, cli.output),
        Command::Config(ConfigCommand::Example) => print(EXAMPLE),
        Command::Config(ConfigCommand::Check { config }) => {
            run::check(&config).and_then(|()| print("ok\n"))
        }
        Command::Node(args) => node::node(&args),
        Command::Jobs(args) => sides::jobs(&args),
        Command::Link(args) => sides::link(&args),
        Command::EngineHelper { .. } | Command::NodeFetch => Ok(()),
        Command::Walk(args) => walk::walk(&args),
        Command::Drain(args) => node::drain(&args),
        Command::Facts(args) => facts::facts(&args, cli.output).and_then(|text| print(&text)),
        Command::Relay(args) => relay::relay(*args, cli.output),
        Command::Bench(BenchCommand::Pow(args)) => {
            bench::pow(&args, cli.output).and_then(|text| print(&text))
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, line }) => {
            let _ = writeln!(std::io::stderr(), "error: {line}");
            ExitCode::from(code)
        }
    }
}

/// A connection is a file or two, and 1,024 are few for a link or a relay: as many as the system lets this user have.
fn more_files() {
    use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    // With fewer it works as well, until they are used up.
    let _ = setrlimit(Resource::Nofile, all);
}

/// One line for the user, and the exit code.
struct Failure {
    code: u8,
    line: String,
}

impl From<iog_keeper::KeeperError> for Failure {
    fn from(error: iog_keeper::KeeperError) -> Self {
        Self {
            code: error.exit_code(),
            line: error.to_string(),
        }
    }
}

/// Standard output may be a pipe whose reader has gone: that is no failure of ours.
fn print(text: &str) -> Result<(), Failure> {
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

fn init_logs(output: Output) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        "warn,iog_keeper=info,iog_engine=info,iog_link=info,iog_tx=info".into()
    });
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match output {
        Output::Text => logs.with_target(false).init(),
        Output::Json => logs.json().flatten_event(true).init(),
    }
}
