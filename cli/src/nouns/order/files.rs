//! What jobs left behind, as the keeper's engine keeps it: `jobs/<lease>-<attempt>/` with `out/`, `stdout`, `stderr`.

use super::{find, leases};
use crate::{
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use solana_pubkey::Pubkey;
use std::path::{Path, PathBuf};

/// Bytes of a stream that `--logs` shows.
const LOG_TAIL: usize = 4_096;

pub async fn run(context: &Context, order: &Pubkey, dir: &Path, logs: bool) -> Result<()> {
    let jobs = jobs_folder(dir)?;
    let named = find(context, order).await?;
    let leases = leases(context, order).await?;
    let mut records = Vec::new();
    for (lease, _) in &leases {
        for attempt in attempts(&jobs, &lease.to_string())? {
            records.push(record(lease, &attempt, logs)?);
        }
    }
    if records.is_empty() {
        return Err(CliError::usage(format!(
            "{} holds no job of the {} leases of order {order} ({}): pass the folder of the keeper that runs them",
            jobs.display(), leases.len(), super::state(named.state)
        )));
    }
    context.out.many(&records, "no jobs");
    Ok(())
}

/// The engine's state folder, or its `jobs` folder itself.
fn jobs_folder(dir: &Path) -> Result<PathBuf> {
    let inner = dir.join("jobs");
    match (inner.is_dir(), dir.is_dir()) {
        (true, _) => Ok(inner),
        (false, true) => Ok(dir.to_path_buf()),
        _ => Err(CliError::usage(format!(
            "there is no folder {}",
            dir.display()
        ))),
    }
}

fn attempts(jobs: &Path, lease: &str) -> Result<Vec<PathBuf>> {
    let refuse =
        |error: std::io::Error| CliError::usage(format!("cannot read {}: {error}", jobs.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(jobs).map_err(refuse)? {
        let entry = entry.map_err(refuse)?;
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(lease));
        if rest.is_some_and(|rest| rest.starts_with('-')) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn record(lease: &Pubkey, job: &Path, logs: bool) -> Result<Record> {
    let mut files = Vec::new();
    let out = job.join("out");
    if out.is_dir() {
        walk(&out, &mut files)?;
    }
    files.sort();
    let exit = std::fs::read_to_string(job.join("exit")).ok();
    let stream = |name: &str| logs.then(|| tail(&job.join(name)));
    let mut record = Record::new()
        .put("lease", *lease)
        .put(
            "job",
            job.file_name()
                .map(|name| name.to_string_lossy().into_owned()),
        )
        .put("exit_code", exit.map(|exit| exit.trim().to_string()))
        .put("folder", out.display().to_string())
        .put("files", files);
    if logs {
        record = record
            .put("stdout", stream("stdout"))
            .put("stderr", stream("stderr"));
    }
    Ok(record)
}

/// Plain files only: a link in a job's output may point anywhere.
fn walk(folder: &Path, files: &mut Vec<String>) -> Result<()> {
    let refuse = |error: std::io::Error| {
        CliError::usage(format!("cannot read {}: {error}", folder.display()))
    };
    for entry in std::fs::read_dir(folder).map_err(refuse)? {
        let entry = entry.map_err(refuse)?;
        let kind = entry.file_type().map_err(refuse)?;
        if kind.is_dir() {
            walk(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path().display().to_string());
        }
    }
    Ok(())
}

fn tail(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    let from = bytes.len().saturating_sub(LOG_TAIL);
    String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_attempts_of_a_lease_and_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let jobs = folder.path().join("jobs");
        for job in ["abc-1", "abc-2", "abcd-1"] {
            std::fs::create_dir_all(jobs.join(job).join("out/deep")).unwrap();
        }
        std::fs::write(jobs.join("abc-2/out/deep/result.txt"), "42").unwrap();
        std::fs::write(jobs.join("abc-2/exit"), "0\n").unwrap();
        let jobs = jobs_folder(folder.path()).unwrap();
        let found = attempts(&jobs, "abc").unwrap();
        assert_eq!(found.len(), 2);
        let text =
            serde_json::to_string(&record(&Pubkey::default(), &found[1], false).unwrap()).unwrap();
        assert!(
            text.contains("deep/result.txt") && text.contains(r#""exit_code":"0""#),
            "{text}"
        );
        assert!(jobs_folder(&folder.path().join("none")).is_err());
    }
}
