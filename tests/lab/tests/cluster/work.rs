//! Programs of the templates, working together over the mesh: they give on three machines what they give on one.

use anyhow::{ensure, Context, Result};
use iog_lab::{Fleet, Process};
use serde_json::Value;
use std::time::Duration;

const TRAIN: &str = include_str!("../../../../crates/job/templates/pytorch-ddp/train.py");
const EMBED: &str = include_str!("../../../../crates/job/templates/embeddings/embed.py");
/// A shell on three machines, with the programs.
const JOB: &str = "kind: session
inputs: [{source: train.py}, {source: embed.py}, {source: texts}]
resources: {cpus: 1, memory: 1GiB, disk: 64MiB}
";
/// Its torch loads on a busy machine.
const WORK: Duration = Duration::from_secs(120);
const MACHINES: usize = 3;

/// Data-parallel training with an all-reduce in each step (Gloo), and inference over shards.
#[test]
fn three_machines_give_what_one_gives() {
    let fleet = Fleet::homes("work").unwrap();
    let texts: String = (0..300)
        .map(|n| format!("text {n} of {}\n", n % 7))
        .collect();
    let inputs = [
        ("train.py", TRAIN),
        ("embed.py", EMBED),
        ("texts", texts.as_str()),
    ];
    let job = fleet.job("job", JOB, &inputs).unwrap();
    let order = fleet.book(&job, MACHINES).unwrap();
    let work = Work { fleet, order };
    work.trains().unwrap();
    work.embeds().unwrap();
}

struct Work {
    fleet: Fleet,
    order: String,
}

impl Work {
    /// The command at each of these places, at once.
    fn run(&self, places: usize, set: &str, command: &str) -> Result<()> {
        let renter = &self.fleet.renter;
        let script = format!("export OMP_NUM_THREADS=1 BATCH=48 EPOCHS=20 {set}; exec {command}");
        let mut runs: Vec<Process> = Vec::new();
        for place in 0..places {
            let lease = place.to_string();
            let args = [
                "order",
                "exec",
                &self.order,
                "--lease",
                &lease,
                "--",
                "sh",
                "-c",
                &script,
            ];
            let log = renter.folder.join(format!("work-{place}.log"));
            let _ = std::fs::remove_file(&log);
            runs.push(renter.spawn(&args)?.start(&renter.host.inside, &log)?);
        }
        for run in &mut runs {
            let status = run.wait(WORK).with_context(|| self.fleet.tails())?;
            ensure!(status.success(), "{}", run.text());
        }
        Ok(())
    }

    fn read(&self, place: usize, file: &str) -> Result<String> {
        let command = ["cat", file];
        self.fleet.exec(&self.order, &place.to_string(), &command)
    }

    fn trains(&self) -> Result<()> {
        const ALONE: &str = "IOG_RANK=0 IOG_WORLD_SIZE=1 IOG_OUTPUT_DIR=/work/alone";
        self.run(1, ALONE, "python3 train.py")?;
        self.run(MACHINES, "", "python3 train.py")?;
        let alone = result(&self.read(0, "/work/alone/result.json")?, 1)?;
        let together = result(&self.read(0, "/work/out/result.json")?, MACHINES)?;
        ensure!(alone.len() == together.len() && alone.len() > 1_000);
        let apart = alone
            .iter()
            .zip(&together)
            .map(|(one, all)| (one - all).abs());
        let apart = apart.fold(0.0, f64::max);
        println!("{} weights, at most {apart:e} apart", alone.len());
        ensure!(apart < 1e-4, "{apart:e}");
        Ok(())
    }

    fn embeds(&self) -> Result<()> {
        const ALONE: &str = "IOG_RANK=0 IOG_WORLD_SIZE=1 IOG_OUTPUT_DIR=/work/alone";
        let command = "python3 embed.py hashing:64";
        self.run(1, ALONE, command)?;
        self.run(MACHINES, "", command)?;
        let alone = self.read(0, "/work/alone/part-0000-of-0001.jsonl")?;
        let mut parts = (0..MACHINES)
            .map(|place| {
                let part = self.read(place, &format!("/work/out/part-{place:04}-of-0003.jsonl"))?;
                Ok(part.lines().map(str::to_owned).collect::<Vec<_>>())
            })
            .collect::<Result<Vec<_>>>()?
            .concat();
        parts.sort_by_key(|line| number(line));
        ensure!(parts.len() == 300 && alone.lines().eq(parts.iter().map(String::as_str)));
        Ok(())
    }
}

fn number(line: &str) -> Option<u64> {
    serde_json::from_str::<Value>(line).ok()?["number"].as_u64()
}

/// The weights that so many processes came to.
fn result(json: &str, processes: usize) -> Result<Vec<f64>> {
    let result: Value = serde_json::from_str(json)?;
    ensure!(result["processes"] == processes, "{}", result["processes"]);
    let layers = result["weights"].as_object().context("no weights")?;
    let weights = layers.values().filter_map(Value::as_array).flatten();
    Ok(weights.filter_map(Value::as_f64).collect())
}
