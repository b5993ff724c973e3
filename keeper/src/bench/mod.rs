//! `iog-keeper bench pow`.

mod measure;
mod report;
mod save;
mod target;

use crate::{Failure, Output, USAGE};
use clap::Args;
use iog_pow::ProverError;
use iog_pow_gpu::{Backend, CardName, Settings};
use std::path::PathBuf;

pub const EXAMPLES: &str = "Examples:
  iog-keeper bench pow
  iog-keeper bench pow --backend cuda --class h100 --url http://127.0.0.1:8899 --save bench/pow.json
  iog-keeper bench pow --backend cuda --cards 8 --rows 157286400 --tiles 524288 --waves 23282 --seconds 30 -o json
  iog-keeper bench pow --backend wgpu --card 1 --rows 44040192 --tiles 131072 --waves 28864 --memory-bandwidth 1008000000000

The class `test` is known without a network; other classes are read from the network behind --url, by name or number. A table
that fits into caches says nothing about memory: measure with the table of a real class.";

#[derive(Args)]
pub struct PowArgs {
    /// Class whose walk is measured: `test`, or with --url a name or number
    #[arg(long, value_name = "NAME", default_value = "test", conflicts_with_all = ["rows", "tiles", "waves"])]
    class: String,
    /// Network that knows the class
    #[arg(long, env = "IOG_KEEPER_RPC_URL", value_name = "URL")]
    url: Option<String>,
    /// Rows of 512 bytes of each card's table, instead of a class's
    #[arg(long, requires_all = ["tiles", "waves"])]
    rows: Option<u32>,
    /// Tiles of a card in a wave, a power of two up to 1048576
    #[arg(long, requires_all = ["rows", "waves"])]
    tiles: Option<u32>,
    /// Waves, 1 to 131072
    #[arg(long, requires_all = ["rows", "tiles"])]
    waves: Option<u32>,
    /// Cards that walk side by side, 1 to 8
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=8))]
    cards: u32,
    /// What walks: cpu, cuda or wgpu. Never another one
    #[arg(long, default_value_t)]
    backend: Backend,
    /// A card, once for each of --cards: UUID, PCI address or number [default: the first ones]
    #[arg(long, value_name = "CARD")]
    card: Vec<CardName>,
    /// Also take a Vulkan adapter that is the processor's, such as lavapipe, which may be named for several cards
    #[arg(long)]
    software: bool,
    /// Threads of the CPU; 0 uses all
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Most MiB of each table that are filled; times are projected to all of it
    #[arg(long, value_name = "MIB")]
    table_mib: Option<u32>,
    /// Most seconds that the walk is measured for
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Bandwidth of a card's memory in bytes per second, from its data sheet; measured if not given
    #[arg(long, value_name = "BYTES")]
    memory_bandwidth: Option<u64>,
    /// File of results, a list in JSON, that this one is appended to
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

impl PowArgs {
    fn settings(&self) -> Settings {
        Settings {
            backend: self.backend,
            software: self.software,
            threads: self.threads,
            ..Settings::default()
        }
    }
}

pub fn pow(args: &PowArgs, output: Output) -> Result<String, Failure> {
    let target = target::read(args)?;
    // Whether the file can be taken is found out before the work.
    let saved = args.save.as_deref().map(save::read).transpose()?;
    let measured = measure::measure(args, target.shape).map_err(failed)?;
    let report = report::Report::new(args, &target, &measured);
    let json = report.json();
    if let (Some(path), Some(saved)) = (&args.save, saved) {
        save::append(path, saved, json.clone())?;
    }
    Ok(match output {
        Output::Json => format!("{json}\n"),
        Output::Text => report.text(),
    })
}

fn failed(error: ProverError) -> Failure {
    let advice = match error {
        ProverError::Memory { .. } => "; free some, or measure a part of the table by --table-mib",
        _ => "",
    };
    usage(format!("the walk: {error}{advice}"))
}

fn usage(line: String) -> Failure {
    Failure { code: USAGE, line }
}
