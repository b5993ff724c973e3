//! What a job is, and the hash by which the chain knows it.

use crate::error::EngineError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

const MAX_ID_LEN: usize = 128;

/// A file that the job finds in its working directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Where it is on this machine. Not part of the job's hash.
    pub source: PathBuf,
    /// Where the job finds it, relative to its working directory.
    pub target: String,
    /// What must be in it, in lower-case hexadecimal.
    pub sha256: String,
}

/// One run of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSpec {
    /// The submission, `<lease>-<attempt>`; see [`submission_id`]. Not part of the job's hash.
    pub id: String,
    /// Program and arguments, run as they are, without a shell.
    pub command: Vec<String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// Counted from the start; `None` is for ever.
    #[serde(default)]
    pub time_limit_secs: Option<u64>,
}

/// The id of a lease's n-th attempt.
pub fn submission_id(lease: &str, attempt: u32) -> String {
    format!("{lease}-{attempt}")
}

/// What is hashed. The order of fields is the order of their names: that makes the JSON canonical.
#[derive(Serialize)]
struct Canonical<'a> {
    command: &'a [String],
    env: &'a BTreeMap<String, String>,
    inputs: Vec<CanonicalInput<'a>>,
    time_limit_secs: Option<u64>,
}

#[derive(Serialize)]
struct CanonicalInput<'a> {
    sha256: &'a str,
    target: &'a str,
}

/// SHA-256 of the job's canonical JSON: `{"command":[..],"env":{..},"inputs":[{"sha256":..,"target":..}],"time_limit_secs":..}`
/// without spaces, names and inputs in order. What differs from one attempt or machine to the next (the id, where inputs lie)
/// is left out, since an order stores this hash before there is a lease.
pub fn job_hash(spec: &JobSpec) -> Result<[u8; 32], EngineError> {
    let mut inputs: Vec<_> = spec
        .inputs
        .iter()
        .map(|input| CanonicalInput {
            sha256: &input.sha256,
            target: &input.target,
        })
        .collect();
    inputs.sort_by_key(|input| input.target);
    let canonical = Canonical {
        command: &spec.command,
        env: &spec.env,
        inputs,
        time_limit_secs: spec.time_limit_secs,
    };
    let json =
        serde_json::to_vec(&canonical).map_err(|error| EngineError::Spec(error.to_string()))?;
    Ok(Sha256::digest(json).into())
}

impl JobSpec {
    /// Refuses what no engine could run, and what would reach outside the job's directory.
    pub fn validate(&self) -> Result<(), EngineError> {
        let refuse = |reason: &str| Err(EngineError::Spec(reason.into()));
        if !is_id(&self.id) {
            return refuse(
                "its id must be 1 to 128 letters, digits, '.', '_' or '-', and not begin with '.'",
            );
        }
        if self
            .command
            .first()
            .is_none_or(|program| program.is_empty())
        {
            return refuse("its command is empty");
        }
        let strings = self.command.iter().chain(self.env.values());
        if strings.into_iter().any(|text| text.contains('\0')) {
            return refuse("an argument or a variable holds a zero byte");
        }
        if !self.env.keys().all(|name| is_env_name(name)) {
            return refuse(
                "names of variables must be letters, digits and '_', and not begin with a digit",
            );
        }
        if !self.inputs.iter().all(|input| is_inside(&input.target)) {
            return refuse("targets of inputs must be relative paths without '..'");
        }
        if !self.inputs.iter().all(|input| is_sha256(&input.sha256)) {
            return refuse("hashes of inputs must be 64 lower-case hexadecimal digits");
        }
        Ok(())
    }
}

pub(crate) fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=MAX_ID_LEN).contains(&id.len()) && !id.starts_with('.') && id.chars().all(allowed)
}

fn is_env_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_inside(target: &str) -> bool {
    let mut parts = Path::new(target).components().peekable();
    parts.peek().is_some()
        && !target.contains('\0')
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> JobSpec {
        serde_json::from_str(r#"{"id":"lease-1","command":["echo","hi"],"env":{"B":"2","A":"1"},"time_limit_secs":60}"#).unwrap()
    }

    #[test]
    fn hash_is_of_the_canonical_json() {
        let json =
            r#"{"command":["echo","hi"],"env":{"A":"1","B":"2"},"inputs":[],"time_limit_secs":60}"#;
        let expected: [u8; 32] = Sha256::digest(json).into();
        assert_eq!(job_hash(&spec()).unwrap(), expected);
        assert_eq!(
            hex::encode(expected),
            "5f7aa4723eff26a767d0c24c8b281429c4a8ebd47eb1ada5ddc96d7cdf15a7ec"
        );
    }

    #[test]
    fn hash_ignores_the_attempt_and_the_machine() {
        let input = |source: &str, target: &str| Input {
            source: source.into(),
            target: target.into(),
            sha256: "0".repeat(64),
        };
        let one = JobSpec {
            inputs: vec![input("/a", "x"), input("/b", "y")],
            ..spec()
        };
        let two = JobSpec {
            id: "lease-2".into(),
            inputs: vec![input("/c", "y"), input("/d", "x")],
            ..spec()
        };
        assert_eq!(job_hash(&one).unwrap(), job_hash(&two).unwrap());
        assert_ne!(job_hash(&one).unwrap(), job_hash(&spec()).unwrap());
    }

    #[test]
    fn refuses_what_reaches_outside() {
        let bad = [
            JobSpec {
                id: "../x".into(),
                ..spec()
            },
            JobSpec {
                id: String::new(),
                ..spec()
            },
            JobSpec {
                command: Vec::new(),
                ..spec()
            },
            JobSpec {
                command: vec!["a\0b".into()],
                ..spec()
            },
            JobSpec {
                env: [("A=B".into(), String::new())].into(),
                ..spec()
            },
            JobSpec {
                inputs: vec![Input {
                    source: "/a".into(),
                    target: "../x".into(),
                    sha256: "0".repeat(64),
                }],
                ..spec()
            },
            JobSpec {
                inputs: vec![Input {
                    source: "/a".into(),
                    target: "x".into(),
                    sha256: "F".repeat(64),
                }],
                ..spec()
            },
        ];
        for spec in bad {
            assert!(
                matches!(spec.validate(), Err(EngineError::Spec(_))),
                "{spec:?}"
            );
        }
        spec().validate().unwrap();
    }
}
