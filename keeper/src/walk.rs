//! `iog-keeper walk`: one walk for a renter's check, asked for and answered by frames on standard input and output. Started by the job side; it
//! reads no configuration and no key. redteam S5

use crate::{Failure, USAGE};
use clap::Args;
use iog_job::check::{Challenge, Openings, Start, Walked, MAX_CHECK_BYTES};
use iog_pow::{pick, ProverError, Shape, Walker, K_OPENINGS};
use iog_pow_gpu::{AnyProver, Backend, CardName, Settings};
use serde::{de::DeserializeOwned, Serialize};
use std::io::{self, Read, Write};

#[derive(Args)]
pub struct WalkArgs {
    #[arg(long)]
    backend: Backend,
    #[arg(long, default_value_t = 0)]
    threads: usize,
    #[arg(long)]
    rows: u32,
    #[arg(long)]
    tiles: u32,
    #[arg(long)]
    waves: u32,
    #[arg(long)]
    cards: u32,
    #[arg(long = "card", value_name = "CARD")]
    names: Vec<CardName>,
    /// Fill the tables and end: what was in the memory before is gone. redteam J7
    #[arg(long)]
    overwrite: bool,
}

pub fn walk(args: &WalkArgs) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure {
        code: USAGE,
        line: error.to_string(),
    };
    let shape = Shape::new(args.rows, args.tiles, args.waves, args.cards);
    let shape = shape.map_err(|error| failed(&error))?;
    if args.overwrite {
        let filled = overwrite(args, shape);
        return filled.map_err(|error| failed(&error));
    }
    let start: Start = read().map_err(|error| failed(&error))?;
    let (walked, prover) = match root(args, start.seed.0, shape) {
        Ok((prover, root)) => (Walked::Root(hex::encode(root)), Some(prover)),
        Err(error) => {
            tracing::warn!(%error, "a walk for a renter's check failed");
            let walked = match error {
                ProverError::Memory { .. } => Walked::NoRoom,
                _ => Walked::Failed,
            };
            (walked, None)
        }
    };
    write(&walked).map_err(|error| failed(&error))?;
    let Some(mut prover) = prover else {
        return Ok(());
    };
    let asked: Challenge = read().map_err(|error| failed(&error))?;
    let openings: Result<Vec<String>, ProverError> = (0..K_OPENINGS)
        .map(|n| {
            let opening = prover.open(&pick(&asked.challenge.0, n, &shape))?;
            Ok(hex::encode(opening))
        })
        .collect();
    let openings = openings.map_err(|error| failed(&error))?;
    write(&Openings { openings }).map_err(|error| failed(&error))
}

fn overwrite(args: &WalkArgs, shape: Shape) -> Result<(), ProverError> {
    let engines = settings(args).engines([0; 32], shape, &args.names)?;
    Walker::over(engines, [0; 32], shape).fill()
}

/// The cards alone: what the processor can do is no answer for them.
fn root(
    args: &WalkArgs,
    seed: [u8; 32],
    shape: Shape,
) -> Result<(AnyProver, iog_pow::Node), ProverError> {
    settings(args).commit(seed, shape, &args.names, |prover| prover, |_| ())
}

fn settings(args: &WalkArgs) -> Settings {
    Settings {
        backend: args.backend,
        threads: args.threads,
        fallback: false,
        ..Settings::default()
    }
}

fn read<T: DeserializeOwned>() -> io::Result<T> {
    let mut from = io::stdin().lock();
    let mut len = [0; 4];
    from.read_exact(&mut len)?;
    let len = usize::try_from(u32::from_le_bytes(len)).unwrap_or(usize::MAX);
    if len > MAX_CHECK_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; len];
    from.read_exact(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn write(message: &impl Serialize) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut to = io::stdout().lock();
    to.write_all(&len.to_le_bytes())?;
    to.write_all(&bytes)?;
    to.flush()
}
