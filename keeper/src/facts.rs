//! `iog-keeper facts`: what this machine is. The supplier's word: nobody has to believe it. redteam S5

use crate::{cards, Failure, Output, USAGE};
use clap::Args;
use iog_cards::LIBRARY;
use iog_job::wire::{CardFacts, Facts};
use iog_keeper::{config::Overrides, Config};
use iog_pow_gpu::{Backend, CardInfo, Settings};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

#[derive(Args)]
pub struct FactsArgs {
    /// Configuration file: its prover's cards and the disk of its node are told
    #[arg(short, long, env = "IOG_KEEPER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

pub fn facts(args: &FactsArgs, output: Output) -> Result<String, Failure> {
    let config = match &args.config {
        Some(path) => Some(Config::load(Some(path), Overrides::default())?),
        None => None,
    };
    let settings = config.as_ref().map(|config| Settings::from(&config.prover));
    let dir = config.as_ref().map(Config::node_dir);
    let driver = match &config {
        Some(config) => cards::open(config)?,
        None => cards::look(Path::new(LIBRARY), None).ok(),
    };
    let told = driver.map(|driver| driver.facts());
    let facts = gather(&settings.unwrap_or_default(), told, &existing(dir));
    match output {
        Output::Json => serde_json::to_string(&facts)
            .map(|json| format!("{json}\n"))
            .map_err(|error| Failure {
                code: USAGE,
                line: error.to_string(),
            }),
        Output::Text => Ok(text(&facts)),
    }
}

/// The folder, or the first one above it that is there.
fn existing(dir: Option<PathBuf>) -> PathBuf {
    let dir = dir.unwrap_or_else(|| ".".into());
    let found = dir.ancestors().find(|dir| dir.exists());
    found.map_or_else(|| ".".into(), Path::to_path_buf)
}

/// Of the cards what their driver tells, else what the prover sees.
fn gather(settings: &Settings, told: Option<Vec<CardFacts>>, dir: &Path) -> Facts {
    let cards = || match settings.backend {
        Backend::Cpu => Vec::new(),
        _ => settings.cards().unwrap_or_else(|error| {
            tracing::warn!(%error, "the cards cannot be asked");
            Vec::new()
        }),
    };
    let disk = rustix::fs::statvfs(dir);
    Facts {
        platform: platform().into(),
        cpus: thread::available_parallelism()
            .map_or(0, |n| u32::try_from(n.get()).unwrap_or(u32::MAX)),
        memory_bytes: memory(&fs::read_to_string("/proc/meminfo").unwrap_or_default()),
        disk_free_bytes: disk.map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
        cards: told.unwrap_or_else(|| cards().into_iter().map(card).collect()),
    }
}

/// As containers name it; nothing where jobs cannot be run.
fn platform() -> &'static str {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux/amd64",
        ("linux", "aarch64") => "linux/arm64",
        _ => "",
    }
}

/// Of `/proc/meminfo`, in bytes.
fn memory(text: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0).saturating_mul(1024)
}

fn card(card: CardInfo) -> CardFacts {
    CardFacts {
        uuid: card.uuid.unwrap_or_else(|| card.number.to_string()),
        name: card.name,
        memory_bytes: card.memory_bytes.unwrap_or(0),
        driver: card.driver,
        ..CardFacts::default()
    }
}

fn text(facts: &Facts) -> String {
    let gib = |bytes: u64| bytes / (1 << 30);
    let mut text = format!(
        "platform {}\nprocessors {}\nmemory {} GiB\ndisk {} GiB free\n",
        facts.platform,
        facts.cpus,
        gib(facts.memory_bytes),
        gib(facts.disk_free_bytes)
    );
    for card in &facts.cards {
        text.push_str(&format!(
            "card {} {}, {} GiB, driver {}",
            card.uuid,
            card.name,
            gib(card.memory_bytes),
            card.driver
        ));
        let told = [
            card.celsius.map(|celsius| format!("{celsius} C")),
            card.milliwatts.map(|power| format!("{} W", power / 1_000)),
            card.load.map(|load| format!("load {load} %")),
            card.megahertz.map(|clock| format!("{clock} MHz")),
            card.processes.map(|count| format!("{count} processes")),
            card.uncorrected_errors
                .filter(|count| *count > 0)
                .map(|count| format!("{count} ECC errors")),
            card.mig.filter(|on| *on).map(|_| "MIG".to_string()),
        ];
        for told in told.into_iter().flatten() {
            text.push_str(&format!(", {told}"));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(
            memory("MemTotal:       16384 kB\nMemFree: 1 kB\n"),
            16_777_216
        );
        assert_eq!(memory("MemFree: 1 kB\n"), 0);
    }

    #[test]
    fn a_machine_is_told_of() {
        let facts = gather(&Settings::default(), None, Path::new("."));
        assert!(facts.cpus > 0 && facts.memory_bytes > 1 << 20 && facts.disk_free_bytes > 0);
        assert!(facts.cards.is_empty(), "the processor is none");
        assert_eq!(existing(Some("/nowhere/at/all".into())), Path::new("/"));
    }
}
