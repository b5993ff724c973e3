//! When a job that ended is tried again in its lease: the node goes by it, and the renter's client, which ends an order whose job is over.

use crate::{JobSpec, Kind, Phase, Restart, Why};

/// A job that fails at once costs a bounded number of statuses.
pub const MAX_ATTEMPTS: u32 = 1_000;

impl JobSpec {
    /// Whether another attempt follows the one, counted from 0, that ended so.
    pub fn is_tried_again(&self, outcome: &Phase, attempt: u32) -> bool {
        let most = match self.restart {
            Restart::Never => 0,
            Restart::OnFailure(most) => most.min(MAX_ATTEMPTS),
        };
        match outcome {
            Phase::Exited { code } => *code != 0 && attempt < most,
            Phase::Failed { why } => match why {
                // The machine's fault costs the job none of its attempts.
                Why::Host(_) => true,
                Why::TimeLimit => false,
                // A service or a shell is wanted for as long as the lease is.
                Why::Lost if !matches!(self.kind, Kind::Batch | Kind::Ray) => {
                    attempt < MAX_ATTEMPTS
                }
                _ => attempt < most,
            },
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hash;

    #[test]
    fn a_job_is_tried_as_often_as_it_says() {
        let mut job = JobSpec::session(Hash([1; 32]));
        job.kind = Kind::Batch;
        let failed = |why| Phase::Failed { why };
        let code = |code| Phase::Exited { code };
        assert!(!job.is_tried_again(&code(1), 0));
        assert!(job.is_tried_again(&failed(Why::Host("disk".into())), 7));
        job.restart = Restart::OnFailure(2);
        for again in [code(1), failed(Why::OutOfMemory), failed(Why::Lost)] {
            assert!(job.is_tried_again(&again, 1), "{again:?}");
            assert!(!job.is_tried_again(&again, 2), "{again:?}");
        }
        let refused = Phase::Refused { why: "x".into() };
        for over in [code(0), failed(Why::TimeLimit), refused, Phase::Stopped] {
            assert!(!job.is_tried_again(&over, 0), "{over:?}");
        }
        job.kind = Kind::Service;
        assert!(job.is_tried_again(&failed(Why::Lost), 2));
        assert!(!job.is_tried_again(&code(1), 2));
    }
}
