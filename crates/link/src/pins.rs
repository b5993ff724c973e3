//! Relays are recognised by the key in their certificate. redteam L8

use crate::{LinkError, RelayAddr};
use iog_job::Hash;
use iroh_relay::tls::{default_provider, CaTlsConfig};
use rustls::{
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{verify_tls12_signature, verify_tls13_signature, CryptoProvider},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};

/// SHA-256 of a certificate's public key.
///
/// # Errors
/// If it is no certificate.
pub fn pin_of(certificate: &CertificateDer<'_>) -> Result<Hash, Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    let key = parsed.subject_public_key_info();
    Ok(Hash(Sha256::digest(key.as_ref()).into()))
}

/// Pins where there are some for a host; public authorities elsewhere.
#[derive(Debug)]
struct Pinned {
    pins: HashMap<String, Vec<Hash>>,
    others: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
}

/// How an endpoint verifies its relays.
pub(crate) fn tls_config(relays: &[RelayAddr]) -> Result<CaTlsConfig, LinkError> {
    let mut pins: HashMap<String, Vec<Hash>> = HashMap::new();
    for relay in relays {
        let url = relay.relay_url()?;
        let host = url.host_str().unwrap_or_default();
        if !relay.pins.is_empty() {
            pins.entry(name_of(host)).or_default().extend(&relay.pins);
        }
    }
    Ok(CaTlsConfig::custom_server_cert_verifier(Arc::new(
        move |provider| {
            let verifier = Pinned {
                pins: pins.clone(),
                others: CaTlsConfig::embedded().server_cert_verifier(Arc::clone(&provider))?,
                provider,
            };
            Ok(Arc::new(verifier) as Arc<dyn ServerCertVerifier>)
        },
    )))
}

/// A host as TLS names it: URLs write IPv6 in brackets and may end names with a dot.
fn name_of(host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.trim_end_matches('.').to_ascii_lowercase()
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.pins.get(&name_of(&server_name.to_str())) {
            Some(pins) if pins.contains(&pin_of(end_entity)?) => {
                Ok(ServerCertVerified::assertion())
            }
            Some(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
            None => self.others.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(all(test, feature = "relay"))]
mod tests {
    use super::*;

    /// redteam L8: the pinned key and no other, whatever name and dates the certificate has; nothing is trusted for being unpinned.
    #[test]
    fn the_pinned_key_and_no_other() {
        let made = || {
            let key = rcgen::KeyPair::generate().unwrap();
            let mut params = rcgen::CertificateParams::new(["other.example".into()]).unwrap();
            params.not_before = rcgen::date_time_ymd(2000, 1, 1);
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
            params.self_signed(&key).unwrap().der().clone()
        };
        let (now, next, foreign) = (made(), made(), made());
        let mut relay = RelayAddr::new("https://Relay.example.:8443");
        relay.pins = vec![pin_of(&now).unwrap(), pin_of(&next).unwrap()];
        let open = RelayAddr::new("https://open.example");
        let provider = default_provider();
        let verifier = tls_config(&[relay, open])
            .unwrap()
            .server_cert_verifier(provider)
            .unwrap();
        let verify = |certificate: &CertificateDer<'_>, host: &'static str| {
            let name = ServerName::try_from(host).unwrap();
            verifier.verify_server_cert(certificate, &[], &name, &[], UnixTime::now())
        };
        assert!(verify(&now, "relay.example").is_ok());
        assert!(verify(&next, "relay.example").is_ok());
        assert_eq!(
            verify(&foreign, "relay.example").unwrap_err(),
            CertificateError::ApplicationVerificationFailure.into()
        );
        assert!(verify(&now, "open.example").is_err());
    }

    #[test]
    fn names_of_hosts() {
        assert_eq!(name_of("[2001:db8::1]"), "2001:db8::1");
        assert_eq!(name_of("Relay.Example."), "relay.example");
    }
}
