use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use iog_pow::{seed, Node, ProverError, Shape};
use iog_pow_gpu::{AnyProver, Backend, CardName, Settings};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

pub const EXAMPLES: &str = "The record is what openings are made of later, without a table and without another walk: 16 bytes for each card and wave.\n\nExamples:\n  iog pow prove --slot-hash $SLOT_HASH --device-key $DEVICE_KEY --epoch 7 --class-id 1 --rows 1024 --tiles 4 --waves 512 -o json\n  iog pow prove --slot-hash $SLOT_HASH --device-key $DEVICE_KEY --epoch 7 --class-id 103 --rows 157286400 --tiles 524288 --waves 23282 --cards 2 --backend cuda --card 0 --card GPU-2d4a9b31-5f7c-4d0e-9a3b-6c1f8e2a7b90 --record walk.bin";

#[derive(Args, Debug)]
pub struct Prove {
    #[command(flatten)]
    walk: Walk,
    #[command(flatten)]
    walker: Walker,
    /// New file for the walk's record, from which iog pow open makes openings
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

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
    /// Rows of 512 bytes of each card's table, a multiple of 32
    #[arg(long)]
    rows: u32,
    /// Tiles of a card in a wave, a power of two up to 1048576
    #[arg(long)]
    tiles: u32,
    /// Waves, 1 to 131072
    #[arg(long)]
    waves: u32,
    /// Cards that walk together, 1 to 8: the device's quantity [default: 1]
    #[arg(long)]
    cards: Option<u32>,
}

/// What walks.
#[derive(Args, Debug)]
pub struct Walker {
    /// cpu, cuda or wgpu; all of them find the same root
    #[arg(long, default_value_t)]
    backend: Backend,
    /// A card, once for each of --cards: UUID, PCI address or number, as iog pow cards lists them [default: the first ones]
    #[arg(long, value_name = "CARD")]
    card: Vec<CardName>,
    /// Let the CPU walk for all cards if one cannot
    #[arg(long)]
    fallback: bool,
    /// Also take a Vulkan adapter that is the processor's, such as lavapipe, which may be named for several cards
    #[arg(long)]
    software: bool,
    /// Threads of the CPU; 0 uses all
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

impl Walk {
    pub fn shape(&self) -> Result<Shape> {
        Shape::new(self.rows, self.tiles, self.waves, self.cards.unwrap_or(1))
            .map_err(|error| CliError::usage(error.to_string()))
    }

    pub fn seed(&self, shape: &Shape) -> Result<[u8; 32]> {
        let cards = u16::try_from(shape.cards()).map_err(|_| failed(ProverError::OutOfRange))?;
        Ok(seed(
            &self.slot_hash,
            &self.device_key,
            self.epoch,
            self.class_id,
            cards,
        ))
    }
}

pub fn prove(context: &Context, asked: &Prove) -> Result<()> {
    // A walk may take minutes: whether its record can be written is found out before.
    let file = asked.record.as_deref().map(create).transpose()?;
    let walked = commit(context, &asked.walk, &asked.walker);
    let (prover, commit) = match (walked, &asked.record) {
        (Ok(walked), _) => walked,
        (Err(error), Some(path)) => {
            let _ = fs::remove_file(path);
            return Err(error);
        }
        (Err(error), None) => return Err(error),
    };
    if let (Some(mut file), Some(path), Some(record)) = (file, &asked.record, prover.record()) {
        file.write_all(&record.to_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|error| unwritten(path, &error.to_string()))?;
    }
    let path = asked.record.as_ref();
    context.out.one(
        &Record::new()
            .put("seed", hex::encode(asked.walk.seed(prover.shape())?))
            .put("commit", hex::encode(commit))
            .put("record", path.map(|path| path.display().to_string())),
    );
    Ok(())
}

/// Walks, and may tell of it.
pub fn commit(context: &Context, walk: &Walk, walker: &Walker) -> Result<(AnyProver, Node)> {
    let shape = walk.shape()?;
    let settings = Settings {
        backend: walker.backend,
        fallback: walker.fallback,
        software: walker.software,
        threads: walker.threads,
        ..Settings::default()
    };
    let verbose = context.verbose;
    let listen = |prover: AnyProver| match verbose {
        true => prover.on_progress(|progress| eprintln!("{progress:?}")),
        false => prover,
    };
    let warn = |error: &ProverError| eprintln!("{error}; the CPU walks instead");
    settings
        .commit(walk.seed(&shape)?, shape, &walker.card, listen, warn)
        .map_err(failed)
}

pub fn failed(error: ProverError) -> CliError {
    CliError::usage(error.to_string())
}

fn create(path: &Path) -> Result<File> {
    File::create_new(path).map_err(|error| {
        let exists = error.kind() == std::io::ErrorKind::AlreadyExists;
        let reason = match exists {
            true => "it exists and is not overwritten".to_string(),
            false => error.to_string(),
        };
        unwritten(path, &reason)
    })
}

fn unwritten(path: &Path, reason: &str) -> CliError {
    CliError::usage(format!("cannot make {}: {reason}", path.display()))
}
