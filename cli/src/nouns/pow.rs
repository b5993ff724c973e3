use crate::{
    args::{self, Hex},
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::{Args, Subcommand};
use iog_client::{
    pda,
    registry::accounts::{Config, Windows},
};
use iog_pow::{pick, seed, verify, Pick, Prover, Root, Shape};
use iog_pow_gpu::{AnyProver, Backend, Settings};

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The window that this hour's proofs are bound to
    #[command(after_help = "Example:\n  iog pow window -o json")]
    Window {
        /// Hour of the network [default: the running one]
        #[arg(long)]
        epoch: Option<u64>,
    },
    /// Walk and print the roots to commit; works off line
    #[command(after_help = EXAMPLE_PROVE)]
    Prove {
        #[command(flatten)]
        walk: Walk,
        #[command(flatten)]
        walker: Walker,
    },
    /// Walk and print one opening of a challenge; works off line
    #[command(after_help = EXAMPLE_OPEN)]
    Open {
        #[command(flatten)]
        walk: Walk,
        #[command(flatten)]
        walker: Walker,
        #[command(flatten)]
        ask: Ask,
    },
    /// Check an opening as the program does; works off line
    #[command(after_help = EXAMPLE_VERIFY)]
    Verify {
        #[command(flatten)]
        walk: Walk,
        #[command(flatten)]
        ask: Ask,
        /// Roots of the commit, in hexadecimal, with commas between
        #[arg(long, value_name = "HEX,...", value_delimiter = ',', required = true, value_parser = args::root)]
        roots: Vec<Root>,
        /// The opening, in hexadecimal
        #[arg(long, value_name = "HEX", value_parser = args::hex_bytes)]
        opening: Hex,
    },
}

const EXAMPLE_PROVE: &str = "Example:\n  iog pow prove --slot-hash $SLOT_HASH --device-key $DEVICE_KEY --epoch 7 --class-id 1 --rows 2048 --lanes 64 --waves 3 -o json";
const EXAMPLE_OPEN: &str = "Example:\n  iog pow open --slot-hash $SLOT_HASH --device-key $DEVICE_KEY --epoch 7 --class-id 1 --rows 2048 --lanes 64 --waves 3 --challenge $CHALLENGE --n 0 -o json";
const EXAMPLE_VERIFY: &str = "Example:\n  iog pow verify --slot-hash $SLOT_HASH --device-key $DEVICE_KEY --epoch 7 --class-id 1 --rows 2048 --lanes 64 --waves 3 --challenge $CHALLENGE --n 0 --roots $ROOTS --opening $OPENING";

/// What a walk is made from.
#[derive(Args, Debug)]
pub struct Walk {
    /// Slot hash of the hour's window: 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = args::hex32)]
    slot_hash: [u8; 32],
    /// The device's key, in hexadecimal or base58
    #[arg(long, value_name = "KEY", value_parser = args::key_bytes)]
    device_key: [u8; 32],
    /// Hour of the network
    #[arg(long)]
    epoch: u64,
    /// Number of the hardware class
    #[arg(long, value_name = "ID")]
    class_id: u16,
    /// Rows of 512 bytes, a multiple of 32
    #[arg(long)]
    rows: u32,
    /// Lanes, a power of two
    #[arg(long)]
    lanes: u32,
    /// Waves, 1 to 24
    #[arg(long)]
    waves: u32,
}

/// What walks.
#[derive(Args, Debug)]
pub struct Walker {
    /// cpu, cuda or wgpu; all of them find the same roots
    #[arg(long, default_value_t)]
    backend: Backend,
    /// Number of the card, of those that the backend sees
    #[arg(long, default_value_t = 0)]
    device: usize,
    /// Let the CPU walk if the card cannot
    #[arg(long)]
    fallback: bool,
    /// Threads of the CPU; 0 uses all
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

/// Which opening.
#[derive(Args, Debug)]
pub struct Ask {
    /// The challenge: 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = args::hex32)]
    challenge: [u8; 32],
    /// Number of the opening, 0 to 7
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=7))]
    n: u32,
}

impl Walk {
    fn seed(&self) -> [u8; 32] {
        seed(&self.slot_hash, &self.device_key, self.epoch, self.class_id)
    }

    fn shape(&self) -> Result<Shape> {
        Shape::new(self.rows, self.lanes, self.waves)
            .map_err(|error| CliError::usage(error.to_string()))
    }
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Window { epoch } => window(context, epoch).await,
        Verb::Prove { walk, walker } => {
            let (_, roots) = walked(context, &walk, &walker)?;
            context.out.one(
                &Record::new()
                    .put("seed", hex::encode(walk.seed()))
                    .put("roots", roots.iter().map(hex::encode).collect::<Vec<_>>()),
            );
            Ok(())
        }
        Verb::Open { walk, walker, ask } => open(context, &walk, &walker, &ask),
        Verb::Verify {
            walk,
            ask,
            roots,
            opening,
        } => check(context, &walk, &ask, &roots, &opening.0),
    }
}

async fn window(context: &Context, epoch: Option<u64>) -> Result<()> {
    let config: Config = context.config(&pda::registry::config()).await?;
    let running = u64::from(context.hour(config.genesis_ts).await?);
    let windows: Windows = context.config(&pda::registry::windows()).await?;
    let epoch = epoch.unwrap_or(running);
    let window = windows
        .ring
        .iter()
        .find(|window| window.epoch == epoch && window.slot > 0);
    context.out.one(
        &Record::new()
            .put("epoch", epoch)
            .put("running_epoch", running)
            .put("open", window.is_some())
            .put("slot", window.map(|window| window.slot))
            .put(
                "slot_hash",
                window.map(|window| hex::encode(window.slot_hash)),
            ),
    );
    Ok(())
}

fn prover_error(error: iog_pow::ProverError) -> CliError {
    CliError::usage(error.to_string())
}

fn walked(context: &Context, walk: &Walk, walker: &Walker) -> Result<(AnyProver, Vec<Root>)> {
    let settings = Settings {
        backend: walker.backend,
        device: walker.device,
        fallback: walker.fallback,
        threads: walker.threads,
        ..Settings::default()
    };
    let verbose = context.verbose;
    let listen = |prover: AnyProver| match verbose {
        true => prover.on_progress(|progress| eprintln!("{progress:?}")),
        false => prover,
    };
    let warn = |error: &iog_pow::ProverError| eprintln!("{error}; the CPU walks instead");
    settings
        .commit(walk.seed(), walk.shape()?, listen, warn)
        .map_err(prover_error)
}

fn indices(pick: &Pick) -> Record {
    Record::new()
        .put("wave", pick.wave)
        .put("lane", pick.lane)
        .put("step", pick.step)
        .put("i", pick.i)
        .put("j", pick.j)
}

fn open(context: &Context, walk: &Walk, walker: &Walker, ask: &Ask) -> Result<()> {
    let (mut prover, roots) = walked(context, walk, walker)?;
    let pick = pick(&ask.challenge, ask.n, &walk.shape()?);
    let opening = prover.open(&pick).map_err(prover_error)?;
    context.out.one(
        &Record::new()
            .put("n", ask.n)
            .extend(indices(&pick))
            .put("opening", hex::encode(opening))
            .put("roots", roots.iter().map(hex::encode).collect::<Vec<_>>()),
    );
    Ok(())
}

fn check(context: &Context, walk: &Walk, ask: &Ask, roots: &[Root], opening: &[u8]) -> Result<()> {
    let shape = walk.shape()?;
    let pick = pick(&ask.challenge, ask.n, &shape);
    verify(&walk.seed(), &shape, roots, &pick, opening)
        .map_err(|error| CliError::Refused(format!("the opening is refused: {error}")))?;
    context.out.one(
        &Record::new()
            .put("valid", true)
            .put("n", ask.n)
            .extend(indices(&pick)),
    );
    Ok(())
}
