//! How much to pay for priority.

use solana_client::rpc_response::RpcPrioritizationFee;

/// Bounds on the price of a compute unit, in micro-lamports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeePolicy {
    /// Never pay less.
    pub floor_micro_lamports: u64,
    /// Never pay more.
    pub cap_micro_lamports: u64,
    /// Pay this when the node cannot say what others paid.
    pub fallback_micro_lamports: u64,
    /// Which of the recent fees to pay, 0 (lowest) to 100 (highest).
    pub percentile: u8,
}

impl Default for FeePolicy {
    /// Between 0.001 and 1 lamport a unit, and more than 6 of 10 recent blocks asked for: at 200,000 units at most
    /// 200,000 lamports.
    fn default() -> Self {
        Self {
            floor_micro_lamports: 1_000,
            cap_micro_lamports: 1_000_000,
            fallback_micro_lamports: 10_000,
            percentile: 60,
        }
    }
}

impl FeePolicy {
    /// Always the same price, without asking the node. 0 pays no priority fee.
    pub fn fixed(micro_lamports: u64) -> Self {
        Self {
            floor_micro_lamports: micro_lamports,
            cap_micro_lamports: micro_lamports,
            fallback_micro_lamports: micro_lamports,
            percentile: 0,
        }
    }

    /// The price when the node need not be asked.
    pub(crate) fn known(&self) -> Option<u64> {
        (self.floor_micro_lamports >= self.cap_micro_lamports).then_some(self.cap_micro_lamports)
    }

    /// The price after these recent fees; `None` where the node gave no answer.
    pub(crate) fn choose(&self, recent: Option<&[RpcPrioritizationFee]>) -> u64 {
        let asked = match recent {
            None => self.fallback_micro_lamports,
            Some(recent) => percentile(recent, self.percentile),
        };
        asked
            .max(self.floor_micro_lamports)
            .min(self.cap_micro_lamports)
    }
}

/// 0 without fees: nobody competes for the accounts.
fn percentile(recent: &[RpcPrioritizationFee], percentile: u8) -> u64 {
    let mut fees: Vec<u64> = recent.iter().map(|fee| fee.prioritization_fee).collect();
    fees.sort_unstable();
    let last = fees.len().saturating_sub(1);
    let index = last
        .saturating_mul(usize::from(percentile.min(100)))
        .div_ceil(100);
    fees.get(index).copied().unwrap_or(0)
}

/// What a price per unit costs in all, rounded up as the chain does.
pub(crate) fn priority_lamports(micro_lamports: u64, units: u32) -> u64 {
    let total = u128::from(micro_lamports) * u128::from(units);
    u64::try_from(total.div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(fees: &[u64]) -> Vec<RpcPrioritizationFee> {
        fees.iter()
            .map(|&prioritization_fee| RpcPrioritizationFee {
                slot: 1,
                prioritization_fee,
            })
            .collect()
    }

    #[test]
    fn takes_the_percentile_within_floor_and_cap() {
        let policy = FeePolicy {
            floor_micro_lamports: 10,
            cap_micro_lamports: 100,
            fallback_micro_lamports: 50,
            percentile: 60,
        };
        assert_eq!(policy.choose(Some(&recent(&[40, 10, 30, 20, 50, 60]))), 40);
        assert_eq!(policy.choose(Some(&recent(&[0, 0, 0]))), 10);
        assert_eq!(policy.choose(Some(&recent(&[900, 900]))), 100);
        assert_eq!(policy.choose(Some(&recent(&[]))), 10);
        assert_eq!(policy.choose(None), 50);
    }

    #[test]
    fn fixed_does_not_ask() {
        assert_eq!(FeePolicy::fixed(0).known(), Some(0));
        assert_eq!(FeePolicy::default().known(), None);
    }

    #[test]
    fn costs_round_up() {
        assert_eq!(priority_lamports(1, 1), 1);
        assert_eq!(priority_lamports(1_000, 240_000), 240);
        assert_eq!(priority_lamports(u64::MAX, u32::MAX), u64::MAX);
    }
}
