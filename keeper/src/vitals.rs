//! How the keeper is doing: numbers for /metrics, answers for /livez and /readyz.

use crate::{
    done::Done,
    snapshot::{ProofView, Stage},
};
use iog_node::board::{Board, Stage as LeaseStage};
use prometheus::{IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};
use solana_pubkey::Pubkey;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Without a new slot for this long the node is stuck, or out of reach.
const SLOT_PATIENCE: Duration = Duration::from_secs(60);
/// Without a sign of the loop for this long the process is better restarted.
const LOOP_PATIENCE: Duration = Duration::from_secs(600);

/// A lease's rent and some hours of proofs: with less the fee payer is as good as empty.
const LEAST_LAMPORTS: u64 = 5_000_000;

/// Times are the machine's: this is about the process, not about the chain.
#[derive(Default)]
struct Pulse {
    loop_seen: Option<Instant>,
    pass_ended: Option<Instant>,
    slot: u64,
    slot_moved: Option<Instant>,
    engine_trouble: Option<String>,
    payer_trouble: Option<String>,
    prover_trouble: Option<String>,
    desk_trouble: Option<String>,
    stolen: bool,
    /// By device.
    proof_trouble: BTreeMap<Pubkey, String>,
    price_trouble: Option<String>,
    last_error: Option<String>,
}

impl Pulse {
    /// What an operator must look at, the worst first.
    fn trouble(&self) -> Option<String> {
        let of = |name: &str, trouble: &Option<String>| {
            trouble.as_ref().map(|trouble| format!("{name}: {trouble}"))
        };
        let stolen = self.stolen.then(|| {
            "a device key is used by somebody else; see the file stolen in state_dir".into()
        });
        let proof = self.proof_trouble.first_key_value();
        let proof = proof.map(|(device, trouble)| format!("the proof of {device}: {trouble}"));
        stolen
            .or_else(|| of("the fee payer", &self.payer_trouble))
            .or_else(|| of("the prover", &self.prover_trouble))
            .or_else(|| of("the board", &self.desk_trouble))
            .or_else(|| of("the engine", &self.engine_trouble))
            .or(proof)
            .or_else(|| of("the price", &self.price_trouble))
    }
}

pub struct Vitals {
    registry: Registry,
    actions: IntCounterVec,
    passes: IntCounterVec,
    walks: IntCounterVec,
    openings: IntCounterVec,
    proof_files: IntCounterVec,
    walking: IntGauge,
    tables: IntGauge,
    sources: IntCounterVec,
    price: IntGauge,
    price_sources: IntGauge,
    slot: IntGauge,
    chain_time: IntGauge,
    spent: IntGauge,
    in_flight: IntGauge,
    pass_ms: IntGauge,
    payer: IntGauge,
    leases: IntGaugeVec,
    doubtful: IntGauge,
    stolen: IntGauge,
    pulse: Mutex<Pulse>,
    started: Instant,
    pass_patience: Duration,
}

impl Vitals {
    pub fn new(tick: Duration) -> prometheus::Result<Self> {
        let registry = Registry::new_custom(Some("iog_keeper".into()), None)?;
        let gauge = |name: &str, help: &str| -> prometheus::Result<IntGauge> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let gauges = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntGaugeVec> {
            let gauges = IntGaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(gauges.clone()))?;
            Ok(gauges)
        };
        let counter =
            |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntCounterVec> {
                let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
                registry.register(Box::new(counter.clone()))?;
                Ok(counter)
            };
        Ok(Self {
            actions: counter(
                "actions_total",
                "Actions tried, by how they ended",
                &["role", "action", "outcome"],
            )?,
            passes: counter(
                "passes_total",
                "Passes, by whether the chain could be read",
                &["result"],
            )?,
            walks: counter(
                "walks_total",
                "Walks of memory for a proof, by how they ended",
                &["result"],
            )?,
            openings: counter(
                "openings_total",
                "Challenges that were opened, by what with",
                &["result"],
            )?,
            proof_files: counter(
                "proof_files_total",
                "Walks and openings on disk, by what became of them",
                &["result"],
            )?,
            walking: gauge("walking", "Devices whose memory is walked, or waits for it")?,
            tables: gauge("tables", "Devices whose memory a proof takes")?,
            sources: counter(
                "price_sources_total",
                "Questions to sources of the price, by how they ended",
                &["source", "result"],
            )?,
            price: gauge(
                "price_e10",
                "What this keeper last found IO to cost, in 10^-10 USD",
            )?,
            price_sources: gauge("price_sources", "Sources that agreed on it")?,
            slot: gauge("slot", "Slot of the last snapshot")?,
            chain_time: gauge(
                "chain_unix_time_seconds",
                "Chain's clock in the last snapshot",
            )?,
            spent: gauge(
                "spent_lamports_last_hour",
                "Fees and rent of the last hour of chain time",
            )?,
            in_flight: gauge("in_flight", "Transactions whose fate is open")?,
            payer: gauge("payer_lamports", "What the fee payer has")?,
            leases: gauges("leases", "Leases on the board, by stage", &["stage"])?,
            doubtful: gauge(
                "board_doubtful",
                "1 while no second endpoint tells the same of the leases",
            )?,
            stolen: gauge(
                "device_key_stolen",
                "1 while somebody else uses a device key of this machine",
            )?,
            pass_ms: gauge("last_pass_milliseconds", "Length of the last pass")?,
            pulse: Mutex::default(),
            started: Instant::now(),
            pass_patience: SLOT_PATIENCE.max(tick.saturating_mul(3)),
            registry,
        })
    }

    fn pulse(&self) -> MutexGuard<'_, Pulse> {
        self.pulse.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn saw_chain(&self, slot: u64, now: i64) {
        self.slot.set(i64::try_from(slot).unwrap_or(i64::MAX));
        self.chain_time.set(now);
        let mut pulse = self.pulse();
        pulse.loop_seen = Some(Instant::now());
        if slot != pulse.slot {
            pulse.slot = slot;
            pulse.slot_moved = Some(Instant::now());
        }
    }

    pub fn saw_action(&self, done: &Done) {
        let labels = [done.role.name(), done.action, done.outcome.name()];
        self.actions.with_label_values(&labels).inc();
    }

    pub fn saw_walk(&self, result: &str) {
        self.walks.with_label_values(&[result]).inc();
    }

    /// With what a challenge was opened.
    pub fn saw_openings(&self, result: &str) {
        self.openings.with_label_values(&[result]).inc();
    }

    pub fn saw_proof_file(&self, result: &str) {
        self.proof_files.with_label_values(&[result]).inc();
    }

    /// How the proof of a device stands, where an operator must do something about it.
    pub fn saw_proof(&self, device: &Pubkey, trouble: Option<String>) {
        let all = &mut self.pulse().proof_trouble;
        match trouble {
            Some(trouble) => all.insert(*device, trouble),
            None => all.remove(device),
        };
    }

    #[cfg(test)]
    pub fn proof_trouble(&self) -> Option<String> {
        self.pulse().proof_trouble.values().next().cloned()
    }

    pub fn saw_proofs(&self, proofs: &BTreeMap<Pubkey, ProofView>) {
        let count = |is: fn(&ProofView) -> bool| {
            i64::try_from(proofs.values().filter(|proof| is(proof)).count()).unwrap_or(i64::MAX)
        };
        self.walking
            .set(count(|proof| proof.stage == Stage::Walking));
        self.tables.set(count(|proof| proof.table));
    }

    /// Said when it becomes too little, and when it is enough again. Field case 15.
    pub fn saw_payer(&self, payer: &Pubkey, lamports: u64) {
        self.payer.set(i64::try_from(lamports).unwrap_or(i64::MAX));
        let trouble = (lamports < LEAST_LAMPORTS)
            .then(|| format!("{payer} has {lamports} lamports; send it SOL"));
        let known = &mut self.pulse().payer_trouble;
        if let (Some(trouble), None) = (&trouble, known.as_ref()) {
            tracing::error!(trouble, "the fee payer cannot pay");
        }
        *known = trouble;
    }

    pub fn saw_prover(&self, trouble: Option<String>) {
        self.pulse().prover_trouble = trouble;
    }

    /// What was published.
    pub fn saw_board(&self, board: &Board) {
        let stages = [
            ("matched", LeaseStage::Matched),
            ("accepted", LeaseStage::Accepted),
            ("running", LeaseStage::Running),
            ("kept", LeaseStage::Kept),
        ];
        for (name, stage) in stages {
            let count = board
                .leases
                .iter()
                .filter(|lease| lease.stage == stage)
                .count();
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.leases.with_label_values(&[name]).set(count);
        }
        self.doubtful.set(i64::from(board.doubtful));
        self.stolen.set(i64::from(board.stolen));
        self.pulse().stolen = board.stolen;
    }

    /// Why it could not be published.
    pub fn saw_desk(&self, trouble: Option<String>) {
        if let Some(trouble) = &trouble {
            tracing::error!(trouble, "link and jobs are told nothing new");
        }
        self.pulse().desk_trouble = trouble;
    }

    pub fn saw_engine(&self, trouble: Option<String>) {
        self.pulse().engine_trouble = trouble;
    }

    /// What came of asking one source.
    pub fn saw_source(&self, label: &str, result: &str) {
        self.sources.with_label_values(&[label, result]).inc();
    }

    pub fn saw_own_price(&self, price: u64, agree: usize) {
        self.price.set(i64::try_from(price).unwrap_or(i64::MAX));
        self.price_sources
            .set(i64::try_from(agree).unwrap_or(i64::MAX));
    }

    /// How a look at the price ended.
    pub fn saw_price(&self, trouble: Option<String>) {
        self.pulse().price_trouble = trouble;
    }

    pub fn saw_books(&self, spent: u64, in_flight: usize) {
        self.spent.set(i64::try_from(spent).unwrap_or(i64::MAX));
        self.in_flight
            .set(i64::try_from(in_flight).unwrap_or(i64::MAX));
    }

    pub fn pass_ended(&self, length: Duration, error: Option<String>) {
        let result = if error.is_none() { "ok" } else { "failed" };
        self.passes.with_label_values(&[result]).inc();
        self.pass_ms
            .set(i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
        let mut pulse = self.pulse();
        pulse.loop_seen = Some(Instant::now());
        if error.is_none() {
            pulse.pass_ended = Some(Instant::now());
        }
        pulse.last_error = error;
    }

    /// Why the process should be restarted, if it should.
    pub fn stuck(&self) -> Option<String> {
        let seen = self.pulse().loop_seen.unwrap_or(self.started);
        (seen.elapsed() > LOOP_PATIENCE)
            .then(|| format!("no pass for {} s", seen.elapsed().as_secs()))
    }

    /// Why no work gets done, if none does.
    pub fn not_ready(&self) -> Option<String> {
        let pulse = self.pulse();
        if let Some(error) = &pulse.last_error {
            return Some(format!("the last pass failed: {error}"));
        }
        let Some((ended, moved)) = pulse.pass_ended.zip(pulse.slot_moved) else {
            return Some("no pass has ended yet".into());
        };
        if ended.elapsed() > self.pass_patience {
            return Some(format!(
                "the last pass ended {} s ago",
                ended.elapsed().as_secs()
            ));
        }
        if moved.elapsed() > SLOT_PATIENCE {
            return Some(format!(
                "the node stands at slot {} for {} s",
                pulse.slot,
                moved.elapsed().as_secs()
            ));
        }
        pulse.trouble()
    }

    /// In Prometheus' text format.
    pub fn render(&self) -> String {
        let mut text = String::new();
        if let Err(error) = TextEncoder::new().encode_utf8(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics cannot be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Role, done::Outcome};

    #[test]
    fn ready_after_a_pass_and_not_after_a_failed_one() {
        let vitals = Vitals::new(Duration::from_secs(5)).unwrap();
        assert!(vitals.not_ready().is_some());
        vitals.saw_chain(7, 1_000);
        vitals.pass_ended(Duration::from_millis(3), None);
        assert_eq!(vitals.not_ready(), None);
        vitals.saw_engine(Some("disk full".into()));
        assert_eq!(vitals.not_ready().unwrap(), "the engine: disk full");
        vitals.pass_ended(Duration::ZERO, Some("RPC".into()));
        assert!(vitals.not_ready().unwrap().contains("RPC"));
        assert_eq!(vitals.stuck(), None);
    }

    #[test]
    fn renders_what_it_saw() {
        let vitals = Vitals::new(Duration::from_secs(5)).unwrap();
        vitals.saw_chain(42, 1_000);
        vitals.saw_action(&Done {
            role: Role::Crank,
            action: "open_window",
            key: "open_window/1".into(),
            outcome: Outcome::Raced,
            signature: None,
            units: None,
            note: String::new(),
        });
        let text = vitals.render();
        assert!(text.contains("iog_keeper_slot 42"), "{text}");
        let counted =
            r#"iog_keeper_actions_total{action="open_window",outcome="raced",role="crank"} 1"#;
        assert!(text.contains(counted), "{text}");
    }
}
