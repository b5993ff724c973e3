//! Secrets of a lease: sealed on disk until its end. redteam V1

use super::Lease;
use crate::jobs::{
    context::Context,
    seal::write_private,
    store::{Store, SECRETS},
};
use base64::{engine::general_purpose::STANDARD, Engine};
use iog_job::{wire::Secrets, JobSpec, Secret};
use std::{fs, io, sync::Arc};

/// Largest value; they lie in memory.
const MAX_SECRET_BYTES: usize = 64 << 10;

/// What is kept. A seal that does not fit any more holds nothing: the renter is asked again.
///
/// # Errors
/// If it is there and cannot be read.
pub fn sealed(ctx: &Context, store: &Store) -> io::Result<Secrets> {
    let sealed = match fs::read(store.path(SECRETS)) {
        Ok(sealed) => sealed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Secrets::default()),
        Err(error) => return Err(error),
    };
    let plain = ctx.seal.unseal(store.name(), &sealed).ok();
    let secrets = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    if secrets.is_none() {
        tracing::warn!(
            lease = store.name(),
            "the seal of the secrets does not fit: they are asked for again"
        );
    }
    Ok(secrets.unwrap_or_default())
}

/// What is wrong with a value, in words that do not quote it.
fn fault(secret: &Secret, value: &str) -> Option<String> {
    let name = secret.name.escape_debug();
    let Ok(plain) = STANDARD.decode(value) else {
        return Some(format!("the secret `{name}` is no base64"));
    };
    if plain.len() > MAX_SECRET_BYTES {
        return Some(format!(
            "the secret `{name}` has more than {MAX_SECRET_BYTES} bytes"
        ));
    }
    let Some(env) = &secret.env else { return None };
    let why = match std::str::from_utf8(&plain) {
        Ok(text) if !text.contains('\0') => return None,
        Ok(_) => "has a NUL byte",
        Err(_) => "is no UTF-8",
    };
    let env = env.escape_debug();
    Some(format!(
        "the secret `{name}` {why}, so it cannot be the environment variable `{env}`: have it as a file alone"
    ))
}

impl Lease {
    /// Keeps values of secrets that the job names, sealed.
    ///
    /// # Errors
    /// What is wrong with one; within, that they cannot be kept.
    pub async fn take_secrets(
        self: &Arc<Self>,
        spec: &JobSpec,
        new: Secrets,
    ) -> io::Result<Result<(), String>> {
        for (name, value) in &new.0 {
            let Some(secret) = spec.secrets.iter().find(|secret| secret.name == *name) else {
                return Ok(Err("the job names no such secret".into()));
            };
            if let Some(fault) = fault(secret, value) {
                return Ok(Err(fault));
            }
        }
        let keep = move |lease: &Self| {
            let mut all = sealed(&lease.ctx, &lease.store)?;
            all.0.extend(new.0);
            let plain = serde_json::to_vec(&all)?;
            let sealed = lease.ctx.seal.seal(lease.store.name(), &plain)?;
            write_private(&lease.store.path(SECRETS), &sealed)?;
            lease.state().secrets = all.0.into_keys().collect();
            lease.tell();
            Ok(())
        };
        self.write(keep).await.map(Ok)
    }

    /// On a thread that may wait for the disk.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn secrets(&self) -> io::Result<Secrets> {
        sealed(&self.ctx, &self.store)
    }
}
