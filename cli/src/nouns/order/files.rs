//! What a keeper kept of an order's jobs: `<order>/<lease>/` with `files/`, `stdout`, `stderr` and `result.json`.

use crate::{
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use iog_engine::{JobStatus, Output};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

/// What the keeper writes as `result.json`.
#[derive(Deserialize)]
struct JobResult {
    lease: String,
    status: JobStatus,
    files: Vec<Output>,
}

pub fn output(context: &Context, order: &Pubkey, dir: &Path) -> Result<()> {
    let folder = order_folder(dir, &order.to_string())?;
    let (mut jobs, mut files) = (Vec::new(), Vec::new());
    for lease in lease_folders(&folder)? {
        let result = result(&lease)?;
        jobs.push(job(&result));
        files.extend(result.files.iter().map(|file| kept(&lease, &result, file)));
    }
    context.out.one(
        &Record::new()
            .put("order", *order)
            .put("folder", folder.display().to_string())
            .put("jobs", jobs)
            .put("files", files),
    );
    Ok(())
}

pub fn logs(context: &Context, order: &Pubkey, dir: &Path) -> Result<()> {
    let folder = order_folder(dir, &order.to_string())?;
    let mut jobs = Vec::new();
    for lease in lease_folders(&folder)? {
        let stream = |name: &str| {
            let bytes = fs::read(lease.join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let streams = ["stdout", "stderr"].map(|name| (name, stream(name)));
        jobs.push((job(&result(&lease)?), streams));
    }
    context.out.texts(&jobs);
    Ok(())
}

/// In the keeper's folder of outputs, or in the `outputs` of the folder that is given.
fn order_folder(dir: &Path, order: &str) -> Result<PathBuf> {
    let places = [dir.join(order), dir.join("outputs").join(order)];
    places.into_iter().find(|place| place.is_dir()).ok_or_else(|| {
        CliError::usage(format!(
            "{} holds nothing of order {order}: pass the outputs folder of the keeper that ran its jobs, after they ended",
            dir.display()
        ))
    })
}

fn lease_folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(refuse(folder))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        // A keeper that is copying renames its folder when all is there.
        .filter(|path| path.extension().is_none() && path.join("result.json").is_file())
        .collect();
    found.sort();
    Ok(found)
}

fn result(lease: &Path) -> Result<JobResult> {
    let path = lease.join("result.json");
    let text = fs::read_to_string(&path).map_err(refuse(&path))?;
    serde_json::from_str(&text)
        .map_err(|error| CliError::usage(format!("cannot use {}: {error}", path.display())))
}

fn refuse(path: &Path) -> impl Fn(io::Error) -> CliError + '_ {
    move |error| CliError::usage(format!("cannot read {}: {error}", path.display()))
}

fn job(result: &JobResult) -> Record {
    let (status, code) = match result.status {
        JobStatus::Pending => ("pending", None),
        JobStatus::Running => ("running", None),
        JobStatus::Succeeded => ("succeeded", Some(0)),
        JobStatus::Failed { code } => ("failed", Some(code)),
        JobStatus::Stopped => ("stopped", None),
    };
    Record::new()
        .put("lease", result.lease.as_str())
        .put("status", status)
        .put("exit_code", code.map(|code| code.to_string()))
}

fn kept(lease: &Path, result: &JobResult, file: &Output) -> Record {
    let relative = Path::new(&file.path);
    let inside = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let path = lease.join("files").join(relative);
    let intact = inside && sha256(&path).is_ok_and(|found| found == file.sha256);
    Record::new()
        .put("lease", result.lease.as_str())
        .put("path", path.display().to_string())
        .put("len", file.len)
        .put("sha256", file.sha256.as_str())
        .put("intact", intact)
}

pub fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut fs::File::open(path)?, &mut hash)?;
    Ok(hex::encode(hash.finalize()))
}
