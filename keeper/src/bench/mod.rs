//! `iog-keeper bench pow`.

mod measure;
mod report;
mod target;

use crate::{Failure, Output, USAGE};
use clap::Args;
use iog_pow::ProverError;
use iog_pow_gpu::{Backend, Settings};

pub const EXAMPLES: &str = "Examples:
  iog-keeper bench pow
  iog-keeper bench pow --backend cuda --class h100 --url http://127.0.0.1:8899 -o json
  iog-keeper bench pow --backend wgpu --rows 41943040 --lanes 4194304 --waves 24 --memory-bandwidth 1008000000000

The class `test` is known without a network; other classes are read from the network behind --url, by name or number. A table
that fits into caches says nothing about memory: measure with the table of a real class.";

#[derive(Args)]
pub struct PowArgs {
    /// Class whose walk is measured: `test`, or with --url a name or number
    #[arg(long, value_name = "NAME", default_value = "test", conflicts_with_all = ["rows", "lanes", "waves"])]
    class: String,
    /// Network that knows the class
    #[arg(long, env = "IOG_KEEPER_RPC_URL", value_name = "URL")]
    url: Option<String>,
    /// Rows of 512 bytes, instead of a class's
    #[arg(long, requires_all = ["lanes", "waves"])]
    rows: Option<u32>,
    /// Lanes, a power of two
    #[arg(long, requires_all = ["rows", "waves"])]
    lanes: Option<u32>,
    /// Waves, 1 to 24
    #[arg(long, requires_all = ["rows", "lanes"])]
    waves: Option<u32>,
    /// What walks: cpu, cuda or wgpu. Never another one
    #[arg(long, default_value_t)]
    backend: Backend,
    /// Number of the card
    #[arg(long, default_value_t = 0)]
    device: usize,
    /// Also take a Vulkan adapter that is the processor's, such as lavapipe
    #[arg(long)]
    software: bool,
    /// Threads of the CPU; 0 uses all
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Most MiB of the table that are filled; times are projected to all of it
    #[arg(long, value_name = "MIB")]
    table_mib: Option<u32>,
    /// Most seconds that the walk is measured for
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Bandwidth of the memory in bytes per second, from its data sheet; measured if not given
    #[arg(long, value_name = "BYTES")]
    memory_bandwidth: Option<u64>,
}

impl PowArgs {
    fn settings(&self) -> Settings {
        Settings {
            backend: self.backend,
            device: self.device,
            software: self.software,
            threads: self.threads,
            ..Settings::default()
        }
    }
}

pub fn pow(args: &PowArgs, output: Output) -> Result<String, Failure> {
    let target = target::read(args)?;
    let measured = measure::measure(args, target.shape).map_err(failed)?;
    let report = report::Report::new(args, &target, &measured);
    Ok(match output {
        Output::Json => format!("{}\n", report.json()),
        Output::Text => report.text(),
    })
}

fn failed(error: ProverError) -> Failure {
    let advice = match error {
        ProverError::Memory { .. } => "; free some, or measure a part of the table by --table-mib",
        _ => "",
    };
    Failure {
        code: USAGE,
        line: format!("the walk: {error}{advice}"),
    }
}
