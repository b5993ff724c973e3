//! A ticket lets another key than the engineer key speak for some leases until some time. redteam L1

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use iog_job::{canonical, wire::Verb, Binding, Hash, Key, STATEMENT_PREFIX};
use std::{fmt, str::FromStr};

/// Most leases of one ticket.
pub const MAX_LEASES: usize = 16;
/// Longest life of a ticket.
pub const MAX_LIFE_SECS: i64 = 24 * 3_600;

const PURPOSE: &[u8] = b"ticket\0\x01";

/// What the engineer key allows another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Who signs: the order's engineer key.
    pub engineer: Key,
    /// Who may use it.
    pub endpoint: Key,
    pub until_ts: i64,
    /// By name; see [`Verb::name`].
    pub verbs: Vec<String>,
    /// [`Ticket::hash_of`] of every lease's binding, network and match included: another match needs another ticket.
    pub bindings: Vec<Hash>,
}

/// Why a ticket is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    #[error("it is no ticket; copy all of it")]
    Malformed,
    #[error("it is not signed by the order's engineer key")]
    Signature,
    #[error("it was made for another key; ask for one for this machine")]
    OtherEndpoint,
    #[error("it is over; ask for a new one")]
    Over,
    #[error("it is for longer than 24 h; ask for a shorter one")]
    TooLong,
    #[error("a ticket is for 1 to 16 leases and at least one verb")]
    Scope,
}

/// A ticket as it travels; URL-safe base64 in text.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedTicket(Vec<u8>);

impl Ticket {
    /// What stands for a lease's match in a ticket.
    ///
    /// # Errors
    /// None: a binding has a canonical form.
    pub fn hash_of(binding: &Binding) -> Result<Hash, TicketError> {
        canonical::hash(binding).map_err(|_| TicketError::Malformed)
    }

    /// Whether it covers this request.
    pub fn allows(&self, binding: &Binding, verb: &Verb) -> bool {
        let named = self.verbs.iter().any(|name| name == verb.name());
        named && Self::hash_of(binding).is_ok_and(|hash| self.bindings.contains(&hash))
    }

    /// Signs it.
    ///
    /// # Errors
    /// If it is for no lease or verb, or for too many, or `key` is not [`Self::engineer`]'s.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedTicket, TicketError> {
        if key.verifying_key().to_bytes() != self.engineer.0 {
            return Err(TicketError::Signature);
        }
        let mut bytes = self.message()?;
        bytes.extend(key.sign(&bytes).to_bytes());
        if bytes.len() > iog_job::wire::MAX_TICKET_BYTES {
            return Err(TicketError::Scope);
        }
        Ok(SignedTicket(bytes))
    }

    /// Prefix and purpose; engineer key; endpoint; end, i64 little-endian; number of leases, u8; their hashes; verbs, joined by commas.
    fn message(&self) -> Result<Vec<u8>, TicketError> {
        if self.bindings.is_empty() || self.bindings.len() > MAX_LEASES || self.verbs.is_empty() {
            return Err(TicketError::Scope);
        }
        let mut bytes = STATEMENT_PREFIX.to_vec();
        bytes.extend(PURPOSE);
        bytes.extend(self.engineer.0);
        bytes.extend(self.endpoint.0);
        bytes.extend(self.until_ts.to_le_bytes());
        bytes.push(u8::try_from(self.bindings.len()).map_err(|_| TicketError::Scope)?);
        bytes.extend(self.bindings.iter().flat_map(|hash| hash.0));
        bytes.extend(self.verbs.join(",").as_bytes());
        Ok(bytes)
    }
}

impl SignedTicket {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What it says; nothing is verified.
    ///
    /// # Errors
    /// If it is no ticket.
    pub fn read(&self) -> Result<Ticket, TicketError> {
        self.parts().map(|(ticket, _, _)| ticket)
    }

    /// What it says, if it is good for `endpoint` at `now_ts`.
    ///
    /// # Errors
    /// Why it is not.
    pub fn verify(&self, endpoint: &Key, now_ts: i64) -> Result<Ticket, TicketError> {
        let (ticket, message, signature) = self.parts()?;
        let key = VerifyingKey::from_bytes(&ticket.engineer.0);
        let key = key.map_err(|_| TicketError::Signature)?;
        key.verify_strict(message, &signature)
            .map_err(|_| TicketError::Signature)?;
        if ticket.endpoint != *endpoint {
            return Err(TicketError::OtherEndpoint);
        }
        if ticket.until_ts <= now_ts {
            return Err(TicketError::Over);
        }
        if ticket.until_ts.saturating_sub(now_ts) > MAX_LIFE_SECS {
            return Err(TicketError::TooLong);
        }
        Ok(ticket)
    }

    fn parts(&self) -> Result<(Ticket, &[u8], Signature), TicketError> {
        self.split().ok_or(TicketError::Malformed)
    }

    fn split(&self) -> Option<(Ticket, &[u8], Signature)> {
        let (message, signature) = self.0.split_last_chunk::<64>()?;
        let rest = message.strip_prefix(STATEMENT_PREFIX)?;
        let rest = rest.strip_prefix(PURPOSE)?;
        let (engineer, rest) = rest.split_first_chunk::<32>()?;
        let (endpoint, rest) = rest.split_first_chunk::<32>()?;
        let (until, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first()?;
        let (hashes, verbs) = rest.split_at_checked(usize::from(*count).checked_mul(32)?)?;
        let verbs = std::str::from_utf8(verbs).ok()?;
        let ticket = Ticket {
            engineer: Key(*engineer),
            endpoint: Key(*endpoint),
            until_ts: i64::from_le_bytes(*until),
            verbs: verbs.split(',').map(str::to_string).collect(),
            bindings: hashes
                .chunks_exact(32)
                .map(|hash| hash.try_into().map(Hash))
                .collect::<Result<_, _>>()
                .ok()?,
        };
        // What is signed in another way than this program writes it is no ticket.
        (ticket.message().ok()? == message).then_some(())?;
        Some((ticket, message, Signature::from_bytes(signature)))
    }
}

impl fmt::Display for SignedTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

/// A ticket opens doors: it is in no log.
impl fmt::Debug for SignedTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedTicket")
    }
}

impl FromStr for SignedTicket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim());
        let ticket = Self(bytes.map_err(|_| TicketError::Malformed)?);
        ticket.read()?;
        Ok(ticket)
    }
}
