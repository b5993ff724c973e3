//! What the demo found, as one JSON object. Amounts are base units, as strings.

use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub struct Program {
    pub name: String,
    pub id: String,
    pub bytes: u64,
}

#[derive(Serialize)]
pub struct DeviceSummary {
    pub device: String,
    pub owner: String,
    pub class: String,
    pub stake: String,
    /// Hours of the network that it checked in for, and its score in each.
    pub hours: BTreeMap<u32, u64>,
    pub expected_reward: String,
    pub claimed: String,
}

#[derive(Serialize)]
pub struct OrderSummary {
    pub order: String,
    pub currency: String,
    pub gpus: u32,
    pub hours: u32,
    pub price_per_gpu_hour: String,
    pub deposited: String,
    /// Ten-minute slots that began while it ran, and those that are paid.
    pub slots: u32,
    pub slots_paid: u32,
    /// Rent of those, held until it could no longer be disputed.
    pub held: String,
    pub paid: String,
    pub refunded: String,
    pub fees: String,
}

/// IO burned for IOSD, and what the supplier of its order gets for it.
#[derive(Serialize)]
pub struct CreditSummary {
    pub io_burned: String,
    pub iosd_made: String,
    /// IO that supplier B has a claim on, and what net emission has paid of it so far.
    pub io_claimed: String,
    pub io_paid: String,
}

#[derive(Serialize)]
pub struct JobSummary {
    pub command_hash: String,
    pub output: String,
    pub output_sha256: String,
}

#[derive(Serialize)]
pub struct HourSummary {
    pub hour: u32,
    pub scheduled: String,
    /// What each pool shared out, and what both left to their next hours.
    pub enterprise: String,
    pub community: String,
    pub carried: String,
}

/// One sentence that must hold, and the numbers that show it.
#[derive(Serialize)]
pub struct Law {
    pub law: String,
    pub holds: bool,
    pub detail: String,
}

#[derive(Serialize)]
pub struct Summary {
    pub programs: Vec<Program>,
    pub devices: Vec<DeviceSummary>,
    /// The order with the job.
    pub order: OrderSummary,
    pub order_in_iosd: OrderSummary,
    pub order_in_usdc: OrderSummary,
    pub job: JobSummary,
    pub emission_per_hour: Vec<HourSummary>,
    pub fees_burned: String,
    pub credit: CreditSummary,
    pub balances_before: BTreeMap<String, String>,
    pub balances_after: BTreeMap<String, String>,
    pub laws: Vec<Law>,
    /// Signature of each step of the story.
    pub signatures: BTreeMap<String, String>,
}

impl Summary {
    pub fn holds(&self) -> bool {
        !self.laws.is_empty() && self.laws.iter().all(|law| law.holds)
    }

    /// The laws that do not hold.
    pub fn broken(&self) -> Vec<String> {
        self.laws
            .iter()
            .filter(|law| !law.holds)
            .map(|law| format!("{}: {}", law.law, law.detail))
            .collect()
    }

    pub fn to_json(&self) -> String {
        // Nothing in it fails to serialise: maps have string or integer keys, and there are no floats.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
