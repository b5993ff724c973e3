use crate::config::Role;
use solana_signature::Signature;

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Confirmed, or, for work without a transaction, finished.
    Done,
    /// Somebody else had done it already: as good as done.
    Raced,
    /// A dry run: it would succeed.
    Simulated,
    /// Not now; the next pass tries again.
    Retry,
    /// Refused for a reason that time alone does not change; tried again only after a while.
    Refused,
    /// Sent, and the node fell silent. The next pass looks the signature up before anything else.
    Unknown,
}

impl Outcome {
    /// True for what has happened, by whomever.
    pub fn is_success(self) -> bool {
        matches!(self, Outcome::Done | Outcome::Raced)
    }

    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Raced => "raced",
            Outcome::Simulated => "simulated",
            Outcome::Retry => "retry",
            Outcome::Refused => "refused",
            Outcome::Unknown => "unknown",
        }
    }
}

/// One action of a pass and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub role: Role,
    /// The kind: the key's first part.
    pub action: &'static str,
    /// Names the action once and for all, such as `commit/<device>/<epoch>`.
    pub key: String,
    pub outcome: Outcome,
    /// Of the transaction, if there was one.
    pub signature: Option<Signature>,
    /// Compute units that it used.
    pub units: Option<u64>,
    /// What an operator may want to know: the refusal, what a simulation said, what a job left.
    pub note: String,
}
