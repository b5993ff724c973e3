use crate::{error::EngineError, spec::job_hash, JobSpec};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

/// Puts a job where keepers look for it: `<hash>.json`, and each input under its own hash in `inputs/`, so that jobs may share files
/// and a keeper needs nothing from outside the folder. Files are renamed into place: a keeper never reads half a job. Returns the
/// hash, which an order stores on chain.
///
/// # Errors
/// [`EngineError::Spec`] if the specification is not valid or an input's content is not what it says; the folder then has no
/// specification that was not there before.
pub fn publish(spec: &JobSpec, jobs_dir: &Path) -> Result<[u8; 32], EngineError> {
    spec.validate()?;
    let hash = job_hash(spec)?;
    let mut published = spec.clone();
    for input in &mut published.inputs {
        let bytes = fs::read(&input.source).map_err(EngineError::file(&input.source))?;
        let found = hex::encode(Sha256::digest(&bytes));
        if found != input.sha256 {
            return Err(EngineError::Spec(format!(
                "the input {} has the hash {found}, not {}",
                input.source.display(),
                input.sha256
            )));
        }
        input.source = Path::new("inputs").join(found);
        put(&jobs_dir.join(&input.source), &bytes)?;
    }
    let json = serde_json::to_vec_pretty(&published)
        .map_err(|error| EngineError::Spec(error.to_string()))?;
    put(&jobs_dir.join(format!("{}.json", hex::encode(hash))), &json)?;
    Ok(hash)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    let partial = path.with_extension("new");
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))
        .and_then(|()| fs::write(&partial, bytes))
        .and_then(|()| fs::rename(&partial, path))
        .map_err(EngineError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Input;

    #[test]
    fn copies_inputs_by_content_and_refuses_other_content() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("data");
        fs::write(&source, "42").unwrap();
        let mut spec = JobSpec {
            id: "job".into(),
            command: vec!["cat".into(), "data".into()],
            env: [].into(),
            inputs: vec![Input {
                source: source.clone(),
                target: "data".into(),
                sha256: hex::encode(Sha256::digest("42")),
            }],
            time_limit_secs: None,
        };
        let jobs = dir.path().join("jobs");
        let hash = publish(&spec, &jobs).unwrap();
        let text = fs::read(jobs.join(format!("{}.json", hex::encode(hash)))).unwrap();
        let found: JobSpec = serde_json::from_slice(&text).unwrap();
        assert_eq!(job_hash(&found).unwrap(), hash);
        assert_eq!(fs::read(jobs.join(&found.inputs[0].source)).unwrap(), b"42");

        spec.inputs[0].sha256 = "0".repeat(64);
        let refused = publish(&spec, &jobs).unwrap_err().to_string();
        assert!(refused.contains("not 0000"), "{refused}");
        spec.inputs[0].source = dir.path().join("missing");
        assert!(publish(&spec, &jobs).is_err());
    }
}
