//! The relay's keys and certificate. Clients pin the key, so the certificate is made anew at each start.

use super::RelayError;
use crate::pin_of;
use iog_job::Hash;
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    ServerConfig,
};
use std::{fs, io::Write, path::Path, sync::Arc};

/// Of now and of the next one. redteam L8
pub(crate) struct Identity {
    pub tls: ServerConfig,
    pub pins: Vec<Hash>,
}

/// Reads both keys, or makes those that are missing.
pub(crate) fn load(dir: &Path, names: &[String]) -> Result<Identity, RelayError> {
    fs::create_dir_all(dir).map_err(|error| file(dir, error))?;
    let now = key(&dir.join("now.key"))?;
    let next = key(&dir.join("next.key"))?;
    let certificate = certificate(&now, names)?;
    let pins = vec![pin(&certificate)?, pin(&self::certificate(&next, names)?)?];
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(now.serialize_der()));
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            let builder = builder.with_no_client_auth();
            builder.with_single_cert(vec![certificate], private)
        })
        .map_err(|error| RelayError::Certificate(error.to_string()))?;
    Ok(Identity { tls, pins })
}

fn pin(certificate: &CertificateDer<'_>) -> Result<Hash, RelayError> {
    pin_of(certificate).map_err(|error| RelayError::Certificate(error.to_string()))
}

fn certificate(key: &KeyPair, names: &[String]) -> Result<CertificateDer<'static>, RelayError> {
    let names = if names.is_empty() {
        vec!["iog-relay".to_string()]
    } else {
        names.to_vec()
    };
    let made = CertificateParams::new(names).and_then(|params| params.self_signed(key));
    let made = made.map_err(|error| RelayError::Certificate(error.to_string()))?;
    Ok(made.der().clone())
}

fn key(path: &Path) -> Result<KeyPair, RelayError> {
    if path.exists() {
        let text = fs::read_to_string(path).map_err(|error| file(path, error))?;
        return KeyPair::from_pem(&text).map_err(|error| {
            RelayError::Certificate(format!(
                "{} holds no private key ({error}); move it away to have a new one made",
                path.display()
            ))
        });
    }
    let made = KeyPair::generate().map_err(|error| RelayError::Certificate(error.to_string()))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut to| to.write_all(made.serialize_pem().as_bytes()))
        .map_err(|error| file(path, error))?;
    Ok(made)
}

fn file(path: &Path, error: std::io::Error) -> RelayError {
    RelayError::File {
        path: path.display().to_string(),
        error,
    }
}
