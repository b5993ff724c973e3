//! From a job in a file to what keepers find in the folder of jobs.

use super::files::sha256;
use crate::error::{CliError, Result};
use iog_engine::{job_hash, publish, JobSpec};
use std::{fs, path::Path};

/// A job that was read and checked.
pub struct Job {
    pub hash: [u8; 32],
    spec: JobSpec,
}

impl Job {
    /// Reads and checks a job. Keepers name it after the lease, so that its own id may be missing.
    pub fn read(path: &Path) -> Result<Self> {
        let refuse = |reason: &dyn std::fmt::Display| {
            CliError::usage(format!("cannot use the job {}: {reason}", path.display()))
        };
        let text = fs::read_to_string(path).map_err(|error| refuse(&error))?;
        let mut value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| refuse(&error))?;
        if let Some(fields) = value.as_object_mut() {
            fields.entry("id").or_insert_with(|| "job".into());
        }
        let mut spec: JobSpec = serde_json::from_value(value).map_err(|error| refuse(&error))?;
        spec.validate().map_err(|error| refuse(&error))?;
        // Sources are relative to the job's own file.
        let folder = path.parent().unwrap_or(Path::new(""));
        for input in &mut spec.inputs {
            input.source = folder.join(&input.source);
            let source = input.source.display();
            let found = sha256(&input.source)
                .map_err(|error| refuse(&format!("input {source}: {error}")))?;
            if found != input.sha256 {
                return Err(refuse(&format!("input {source} has the hash {found}")));
            }
        }
        let hash = job_hash(&spec).map_err(|error| refuse(&error))?;
        Ok(Self { hash, spec })
    }

    /// Puts the job and its inputs where keepers look.
    pub fn store(&self, jobs: &Path) -> Result<()> {
        publish(&self.spec, jobs)
            .map(|_| ())
            .map_err(|error| CliError::usage(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(text: &str) -> (tempfile::TempDir, Result<Job>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("job.json");
        fs::write(folder.path().join("data"), "hello").unwrap();
        fs::write(&file, text).unwrap();
        let read = Job::read(&file);
        (folder, read)
    }

    fn stored(folder: &Path, hash: &str) -> JobSpec {
        let text = fs::read_to_string(folder.join(format!("{hash}.json"))).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn jobs_are_stored_under_their_hash() {
        let (folder, job) =
            job(r#"{"command":["echo","hi"],"env":{"B":"2","A":"1"},"time_limit_secs":60}"#);
        let job = job.unwrap();
        // The hash that crates/engine states for this job.
        let name = "5f7aa4723eff26a767d0c24c8b281429c4a8ebd47eb1ada5ddc96d7cdf15a7ec";
        assert_eq!(hex::encode(job.hash), name);
        let jobs = folder.path().join("jobs");
        job.store(&jobs).unwrap();
        assert_eq!(job_hash(&stored(&jobs, name)).unwrap(), job.hash);
    }

    #[test]
    fn inputs_are_stored_with_the_job() {
        const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let text = format!(
            r#"{{"command":["cat","x"],"inputs":[{{"source":"data","target":"x","sha256":"{HELLO}"}}]}}"#
        );
        let (folder, read) = job(&text);
        let read = read.unwrap();
        let jobs = folder.path().join("jobs");
        read.store(&jobs).unwrap();
        let spec = stored(&jobs, &hex::encode(read.hash));
        assert_eq!(
            fs::read_to_string(jobs.join(&spec.inputs[0].source)).unwrap(),
            "hello"
        );
        assert_eq!(job_hash(&spec).unwrap(), read.hash);

        let (_folder, changed) = job(&text.replace("2cf2", "3cf2"));
        assert_eq!(changed.err().unwrap().exit_code(), 2);
    }

    #[test]
    fn refuses_jobs_that_no_engine_runs() {
        for bad in [
            "",
            "[]",
            r#"{"command":[]}"#,
            r#"{"command":["x"],"shell":true}"#,
        ] {
            let (_folder, job) = job(bad);
            assert_eq!(job.err().unwrap().exit_code(), 2, "{bad}");
        }
    }
}
