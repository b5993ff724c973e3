//! `iog-keeper bench pow`.

use crate::{Failure, Output, USAGE};
use clap::Args;
use iog_pow::{CpuProver, Prover, Shape, STEPS};
use std::{str::FromStr, time::Instant};

#[derive(Args)]
pub struct PowArgs {
    /// Rows of 512 bytes, lanes and waves of a class, as `rows,lanes,waves`
    #[arg(long, value_name = "ROWS,LANES,WAVES", default_value = "2048,64,3")]
    class_shape: ClassShape,
    /// Threads; 0 uses all
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

#[derive(Clone)]
struct ClassShape(Shape);

impl FromStr for ClassShape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        let Ok([rows, lanes, waves]) = parts.as_deref() else {
            return Err("give three numbers, such as 2048,64,3".into());
        };
        let shape = Shape::new(*rows, *lanes, *waves).map_err(|error| error.to_string())?;
        Ok(Self(shape))
    }
}

/// What was measured. Rates are per second, rounded down.
struct Measured {
    table_bytes: u64,
    fill_micros: u64,
    steps: u64,
    walk_micros: u64,
}

pub fn pow(args: &PowArgs, output: Output) -> Result<String, Failure> {
    let shape = args.class_shape.0;
    let measured = measure(shape, args.threads).map_err(|error| Failure {
        code: USAGE,
        line: format!("the walk: {error}; try a smaller --class-shape"),
    })?;
    let fill_rate = per_second(measured.table_bytes, measured.fill_micros);
    let step_rate = per_second(measured.steps, measured.walk_micros);
    Ok(match output {
        Output::Json => {
            let json = serde_json::json!({
                "rows": shape.rows(),
                "lanes": shape.lanes(),
                "waves": shape.waves(),
                "table_bytes": measured.table_bytes,
                "fill_micros": measured.fill_micros,
                "fill_bytes_per_sec": fill_rate,
                "steps": measured.steps,
                "walk_micros": measured.walk_micros,
                "steps_per_sec": step_rate,
            });
            format!("{json}\n")
        }
        Output::Text => format!(
            "table  {} MiB\nfill   {} ms, {} MiB/s\nwalk   {} steps, {} ms, {} steps/s\n",
            measured.table_bytes >> 20,
            measured.fill_micros / 1_000,
            fill_rate >> 20,
            measured.steps,
            measured.walk_micros / 1_000,
            step_rate,
        ),
    })
}

fn measure(shape: Shape, threads: usize) -> Result<Measured, iog_pow::ProverError> {
    let mut prover = CpuProver::new([0; 32], shape, threads);
    let start = Instant::now();
    prover.fill()?;
    let fill_micros = micros(start);
    let start = Instant::now();
    for wave in 0..shape.waves() {
        prover.wave(wave)?;
    }
    let lanes = u64::from(shape.lanes()).saturating_mul(u64::from(shape.waves()));
    Ok(Measured {
        table_bytes: shape.table_len(),
        fill_micros,
        steps: lanes.saturating_mul(u64::from(STEPS)),
        walk_micros: micros(start),
    })
}

fn micros(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn per_second(amount: u64, micros: u64) -> u64 {
    let scaled = u128::from(amount).saturating_mul(1_000_000);
    let rate = scaled.checked_div(u128::from(micros.max(1))).unwrap_or(0);
    u64::try_from(rate).unwrap_or(u64::MAX)
}
