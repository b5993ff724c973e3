//! What no program can be started with, found before anything is tried: it is the renter's, and no engine is to blame for it.

use crate::{engine::RunSpec, error::EngineError};
use rustix::fs::{Mode, OFlags};
use std::{fs::File, io::Read, path::Path};

/// Linux takes no longer word or variable.
const MAX_WORD: usize = 128 << 10;
/// Words and variables together: an eighth of a stack of 8 MiB, which is less than the kernel takes.
const MAX_ALL: usize = 1 << 20;
/// What bubblewrap takes has a limit.
const MAX_VARIABLES: usize = 2_000;

/// Holds the command, the environment and the secrets that are wanted in it against what the kernel takes.
///
/// # Errors
/// [`EngineError::Job`]; [`EngineError::File`] where a secret is not there.
pub fn check(run: &RunSpec, secrets: &Path) -> Result<(), EngineError> {
    let mut all = 0_usize;
    let mut count = |what: &str, word: &[u8]| {
        if word.contains(&0) {
            return Err(refuse(format!("{what} has a zero byte")));
        }
        if word.len() >= MAX_WORD {
            return Err(refuse(format!(
                "{what} has {} bytes, where less than {MAX_WORD} are taken",
                word.len()
            )));
        }
        all = all.saturating_add(word.len());
        match all > MAX_ALL {
            true => Err(refuse(format!(
                "command and environment have more than {MAX_ALL} bytes"
            ))),
            false => Ok(()),
        }
    };
    for word in &run.spec.command {
        count("a word of the command", word.as_bytes())?;
    }
    for (name, value) in run
        .spec
        .env
        .iter()
        .chain(run.env.iter().map(|(n, v)| (n, v)))
    {
        let shown = name.escape_debug();
        count(
            &format!("the variable `{shown}`"),
            format!("{name}={value}").as_bytes(),
        )?;
    }
    let mut variables = run.spec.env.len().saturating_add(run.env.len());
    for secret in &run.spec.secrets {
        let Some(env) = &secret.env else {
            continue;
        };
        variables = variables.saturating_add(1);
        let bytes = read(&secrets.join(&secret.name))?;
        let what = format!(
            "the secret `{}`, wanted in the environment,",
            secret.name.escape_debug()
        );
        count(&what, &[env.as_bytes(), b"=", &bytes].concat())?;
        if std::str::from_utf8(&bytes).is_err() {
            return Err(refuse(format!(
                "{what} is no text; have the job read it from /run/iog/secrets"
            )));
        }
    }
    match variables > MAX_VARIABLES {
        true => Err(refuse(format!(
            "the environment has {variables} variables, where {MAX_VARIABLES} are taken"
        ))),
        false => Ok(()),
    }
}

/// Of a secret; a byte more than is taken.
fn read(path: &Path) -> Result<Vec<u8>, EngineError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty())
        .map_err(|error| EngineError::file(path)(error.into()))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_WORD).unwrap_or(u64::MAX);
    File::from(file)
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(EngineError::file(path))?;
    Ok(bytes)
}

fn refuse(why: String) -> EngineError {
    EngineError::Job(why)
}

#[cfg(test)]
mod tests;
