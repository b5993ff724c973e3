//! What is said to the outbox and what it answers.

use crate::config::Role;
use solana_signature::Signature;

/// Whether an action may be tried now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    Go,
    /// It has been sent and its fate is not known.
    InFlight,
    /// It is done, or it was refused a short while ago.
    Closed,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Confirmed,
    Raced,
    /// Not at this moment.
    Retry,
    /// It never landed, or was not even sent: it cost nothing.
    Expired,
    Refused,
}

impl End {
    pub(super) fn name(self) -> &'static str {
        match self {
            End::Confirmed => "confirmed",
            End::Raced => "raced",
            End::Retry => "retry",
            End::Expired => "expired",
            End::Refused => "refused",
        }
    }
}

/// A transaction whose fate is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    pub key: String,
    pub role: Role,
    pub signature: Signature,
    pub last_valid_height: u64,
}

/// What is to be written down before a transaction leaves this machine.
#[derive(Clone, Debug)]
pub struct Sending<'a> {
    pub key: &'a str,
    pub role: Role,
    pub signature: Signature,
    pub last_valid_height: u64,
    /// Fee and rent.
    pub lamports: u64,
}

/// What a transaction may bring spending to, in lamports.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// Of all roles in an hour of chain time.
    pub of_hour: u64,
    /// Of its own role in a day, where that has a budget of its own.
    pub of_role_a_day: Option<u64>,
}
