use super::{
    entry,
    walk::{self, Walk, Walker},
};
use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use iog_pow::{pick, Pick, ProverError, Replay, Shape, K_OPENINGS};
use std::path::{Path, PathBuf};

/// Clap would show what a walk takes as required also beside a record.
pub const USAGE: &str = "iog pow open [OPTIONS] --record <FILE> --challenge <HEX> <--n <N>|--all>\n       iog pow open [OPTIONS] --slot-hash <HEX> --device-key <KEY> --epoch <EPOCH> --class-id <ID> --rows <ROWS> --tiles <TILES> --waves <WAVES> --challenge <HEX> <--n <N>|--all>";

pub const EXAMPLES: &str = "With --record nothing is walked again: the processor computes the waves that are asked for from their hashes, without a table. Of a large class that takes half a minute to a minute an opening on 16 cores.\n\nExamples:\n  iog pow open --slot-hash $SLOT_HASH --device-key $DEVICE_KEY --epoch 7 --class-id 1 --rows 1024 --tiles 4 --waves 512 --challenge $CHALLENGE --n 0\n  iog pow open --record walk.bin --challenge $CHALLENGE --all -o json";

#[derive(Args, Debug)]
pub struct Open {
    #[command(flatten)]
    walk: Option<Walk>,
    /// File that iog pow prove --record wrote, instead of another walk
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "Walk",
        required_unless_present = "Walk"
    )]
    record: Option<PathBuf>,
    #[command(flatten)]
    walker: Walker,
    /// The challenge: 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = args::hex32)]
    challenge: [u8; 32],
    #[command(flatten)]
    which: Which,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// Number of the opening, 0 to 7
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=7))]
    n: Option<u32>,
    /// All eight openings
    #[arg(long)]
    all: bool,
}

pub fn open(context: &Context, asked: &Open) -> Result<()> {
    match (&asked.record, &asked.walk) {
        (Some(file), _) => recorded(context, asked, file),
        (None, Some(walk)) => walked(context, asked, walk),
        (None, None) => Err(CliError::usage("name a walk, or the --record of one")),
    }
}

fn walked(context: &Context, asked: &Open, walk: &Walk) -> Result<()> {
    let (mut prover, commit) = walk::commit(context, walk, &asked.walker)?;
    let shape = *prover.shape();
    print(context, asked, &shape, &hex::encode(commit), |pick| {
        prover.open(pick)
    })
}

fn recorded(context: &Context, asked: &Open, file: &Path) -> Result<()> {
    let bytes = std::fs::read(file)
        .map_err(|error| CliError::usage(format!("cannot read {}: {error}", file.display())))?;
    let record = iog_pow::Record::from_bytes(&bytes).ok_or_else(|| {
        CliError::usage(format!(
            "{} is no record of a walk; iog pow prove --record writes one",
            file.display()
        ))
    })?;
    let (seed, shape) = (*record.seed(), *record.shape());
    let commit = hex::encode(record.commit());
    print(context, asked, &shape, &commit, |pick| {
        let card = u16::try_from(pick.card).map_err(|_| ProverError::OutOfRange)?;
        let mut engine = Replay::new(seed, card, shape, asked.walker.threads);
        record.open(pick, &mut engine)
    })
}

/// One opening as it is, all of them as a list.
fn print(
    context: &Context,
    asked: &Open,
    shape: &Shape,
    commit: &str,
    mut opening: impl FnMut(&Pick) -> std::result::Result<Vec<u8>, ProverError>,
) -> Result<()> {
    let mut one = |n: u32| -> Result<Record> {
        let pick = pick(&asked.challenge, n, shape);
        let bytes = opening(&pick).map_err(walk::failed)?;
        let record = entry(n, &pick).put("opening", hex::encode(bytes));
        Ok(record.put("commit", commit))
    };
    match asked.which.n {
        Some(n) => context.out.one(&one(n)?),
        None => {
            let all: Result<Vec<Record>> = (0..K_OPENINGS).map(one).collect();
            context.out.many(&all?, "no openings");
        }
    }
    Ok(())
}
