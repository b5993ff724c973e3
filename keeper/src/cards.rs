//! The cards of this machine for the job side: NVIDIA's driver, and this program's own prover, which overwrites their memory.

use crate::{Failure, USAGE};
use iog_cards::{Cards, Overwrite, LIBRARY};
use iog_job::wire::CardFacts;
use iog_keeper::Config;
use iog_node::jobs::CardKeeper;
use iog_pow::PANEL_ROWS;
use iog_pow_gpu::Backend;
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// Bytes of a row of a table.
const ROW_BYTES: u64 = 512;
/// Of the memory that is free: the driver needs some itself.
const FILLED_PERCENT: u64 = 95;
/// A card that takes longer hangs: no job waits for it without a word.
const OVERWRITTEN_WITHIN: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(100);

/// The driver of the machine's cards.
pub struct Driver(Cards);

impl Driver {
    pub fn list(&self) -> Vec<iog_engine::Card> {
        let cards = self.0.list().into_iter();
        cards
            .map(|card| iog_engine::Card {
                cdi: Some(card.cdi()),
                nodes: card.nodes(),
                uuid: card.uuid,
            })
            .collect()
    }

    pub fn facts(&self) -> Vec<CardFacts> {
        self.0.facts()
    }
}

impl CardKeeper for Driver {
    fn facts(&self, cards: &[String]) -> Vec<CardFacts> {
        self.0.facts_of(cards)
    }

    fn uuid(&self, card: &str) -> Option<String> {
        self.0.uuid(card)
    }

    fn events(&self, cards: &[String], after: u64) -> (Vec<String>, u64) {
        self.0.events(cards, after)
    }

    fn restore(&self, card: &str) -> Result<(), String> {
        self.0.restore(card)
    }
}

/// The driver, where the machine has one; needed where the prover is NVIDIA's or the configuration names a library. A card that is named and
/// not there is an error. Field case 16.
pub fn open(config: &Config) -> Result<Option<Driver>, Failure> {
    let failed = |line: String| Failure { code: USAGE, line };
    let library = config.node.nvml.clone();
    let needed = library.is_some() || config.prover.backend == Backend::Cuda;
    let library = library.unwrap_or_else(|| PathBuf::from(LIBRARY));
    let overwrite = match config.prover.backend {
        Backend::Cuda => Some(overwrite().map_err(|error| failed(error.to_string()))?),
        // It would fill main memory, or another card: the numbers of wgpu are its own.
        Backend::Cpu | Backend::Wgpu => None,
    };
    let cards = match look(&library, overwrite) {
        Ok(cards) => cards,
        Err(error) if needed => return Err(failed(error)),
        // Whoever rents it is promised cards: without them nothing is taken. redteam K6
        Err(error) if config.prover.backend == Backend::Wgpu => {
            return Err(failed(format!(
                "prover.backend is wgpu, whose cards jobs cannot be given without NVIDIA's driver ({error}): set node.nvml, or serve nobody"
            )))
        }
        Err(_) => return Ok(None),
    };
    let names = config.devices.iter().flat_map(|device| &device.cards);
    for name in names {
        if cards.0.uuid(name).is_none() {
            let there: Vec<String> = cards.0.list().into_iter().map(|card| card.uuid).collect();
            let there = there.join(", ");
            return Err(failed(format!(
                "[[device]] names the card {name}, which is not there; there are: {there}"
            )));
        }
    }
    Ok(Some(cards))
}

/// Without configuration.
pub fn look(library: &Path, overwrite: Option<Box<Overwrite>>) -> Result<Driver, String> {
    let cards = Cards::open(library, overwrite);
    cards.map(Driver).map_err(|error| error.to_string())
}

/// Fills a card's free memory with a proof's table, by a process of its own: the driver gives back what that held.
fn overwrite() -> std::io::Result<Box<Overwrite>> {
    let program = std::env::current_exe()?;
    Ok(Box::new(move |card, free| {
        let rows = free / 100 * FILLED_PERCENT / ROW_BYTES;
        let rows = u32::try_from(rows).unwrap_or(u32::MAX) / PANEL_ROWS * PANEL_ROWS;
        if rows == 0 {
            return Err("none of its memory is free".into());
        }
        let mut filling = Command::new(&program)
            .args(["walk", "--overwrite", "--backend", "cuda", "--card", card])
            .args(["--tiles", "1", "--waves", "1", "--cards", "1", "--rows"])
            .arg(rows.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        match ended_within(&mut filling, OVERWRITTEN_WITHIN) {
            Ok(Some(status)) if status.success() => Ok(()),
            Ok(Some(_)) => Err("its memory is not overwritten: the log says why".into()),
            Ok(None) => Err("its memory is not overwritten: it hangs".into()),
            Err(error) => Err(error.to_string()),
        }
    }))
}

/// How a process ended; one that does not is killed.
fn ended_within(process: &mut Child, within: Duration) -> std::io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    while begun.elapsed() < within {
        if let Some(status) = process.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(LOOK);
    }
    process.kill()?;
    // One that hangs in the driver does not go, and is not waited for.
    process.try_wait().map(|_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that fills a card's memory and hangs ends the wait for it.
    #[test]
    fn what_hangs_is_not_waited_for() {
        let run = |command: &str| Command::new("sh").args(["-c", command]).spawn().unwrap();
        let soon = Duration::from_millis(300);
        let mut hangs = run("exec sleep 1000");
        assert!(ended_within(&mut hangs, soon).unwrap().is_none());
        hangs.wait().unwrap();
        let ended = ended_within(&mut run("exit 3"), Duration::from_secs(20)).unwrap();
        assert_eq!(ended.unwrap().code(), Some(3));
    }
}
