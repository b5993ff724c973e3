//! A card between two leases. redteam J7

use crate::{look, Cards};
use nvml_wrapper::{enum_wrappers::device::ComputeMode, error::NvmlError, Device};
use std::{
    collections::BTreeSet,
    fs, thread,
    time::{Duration, Instant},
};

const ASK: Duration = Duration::from_millis(200);
/// Faults of the card, not of a job's program: after one it is given to nobody until the operator has looked at it and started the job side anew.
const FATAL_XIDS: [u64; 8] = [48, 62, 64, 74, 79, 95, 119, 120];

/// Fills a card's free memory, of so many bytes.
pub type Overwrite = dyn Fn(&str, u64) -> Result<(), String> + Send + Sync;

/// What a job with too many rights could have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    power_milliwatts: Option<u32>,
    compute: Option<ComputeMode>,
    mig: Option<bool>,
    uncorrected: Option<u64>,
}

impl State {
    pub fn of(device: &Device<'_>) -> Self {
        Self {
            power_milliwatts: device.power_management_limit().ok(),
            compute: device.compute_mode().ok(),
            mig: device.mig_mode().ok().map(|mode| mode.current != 0),
            uncorrected: look::uncorrected(device),
        }
    }
}

/// What a card cannot do was not changed either.
fn done(what: &str, result: Result<(), NvmlError>) -> Result<(), String> {
    match result {
        Ok(()) | Err(NvmlError::NotSupported | NvmlError::FailedToLoadSymbol(_)) => Ok(()),
        Err(error) => Err(format!("{what} cannot be put back: {error}")),
    }
}

impl Cards {
    /// Makes a card as it was before anybody had it: waits until no process holds it, overwrites its memory, puts clocks, power limit,
    /// compute and MIG mode back, and reads its faults.
    ///
    /// # Errors
    /// Why it does not come back.
    pub fn restore(&self, name: &str) -> Result<(), String> {
        let gone = || "it is not there".to_string();
        let mut device = self.find(name).ok_or_else(gone)?;
        let uuid = device.uuid().map_err(|error| error.to_string())?;
        let fatal = self.events.xids(&uuid);
        if let Some(xid) = fatal.iter().find(|xid| FATAL_XIDS.contains(xid)) {
            return Err(format!("Xid {xid}"));
        }
        self.until_free(&device)?;
        self.put_back(&mut device, &uuid)?;
        match &self.overwrite {
            Some(overwrite) => {
                let free = device
                    .memory_info()
                    .map_err(|error| error.to_string())?
                    .free;
                overwrite(&uuid, free)?;
            }
            None => tracing::warn!(
                card = uuid,
                "its memory is not overwritten: this program cannot (prover.backend)"
            ),
        }
        let before = self.found.get(&uuid).and_then(|state| state.uncorrected);
        match (before, look::uncorrected(&device)) {
            (Some(before), Some(now)) if now > before => Err(format!(
                "{} ECC errors that cannot be mended",
                now.saturating_sub(before)
            )),
            _ => device.uuid().map(|_| ()).map_err(|error| error.to_string()),
        }
    }

    fn until_free(&self, device: &Device<'_>) -> Result<(), String> {
        let since = Instant::now();
        loop {
            let holders = look::processes(device);
            let holders = holders.ok_or("the driver does not tell who holds it")?;
            let holders: BTreeSet<u32> = holders.into_iter().filter(|pid| !is_own(*pid)).collect();
            if holders.is_empty() {
                return Ok(());
            }
            if since.elapsed() >= self.patience {
                return Err(format!("processes {holders:?} hold it"));
            }
            thread::sleep(ASK);
        }
    }

    fn put_back(&self, device: &mut Device<'_>, uuid: &str) -> Result<(), String> {
        done("clocks", device.reset_applications_clocks())?;
        done("clocks", device.reset_gpu_locked_clocks())?;
        done("clocks", device.reset_mem_locked_clocks())?;
        let now = State::of(device);
        let Some(found) = self.found.get(uuid) else {
            return Ok(());
        };
        if let Some(limit) = found.power_milliwatts {
            if now.power_milliwatts != Some(limit) {
                done("the power limit", device.set_power_management_limit(limit))?;
            }
        }
        if let Some(mode) = &found.compute {
            if now.compute.as_ref() != Some(mode) {
                done("the compute mode", device.set_compute_mode(*mode))?;
            }
        }
        if let Some(mig) = found.mig {
            if now.mig != Some(mig) {
                done("the MIG mode", device.set_mig_mode(mig).map(|_| ()))?;
            }
        }
        let now = State::of(device);
        let same = (&now.power_milliwatts, &now.compute, now.mig)
            == (&found.power_milliwatts, &found.compute, found.mig);
        match same {
            true => Ok(()),
            false => Err("its limits and modes are not what they were".into()),
        }
    }
}

/// The proof of the chain side, and its walks: nothing of a renter's.
fn is_own(pid: u32) -> bool {
    let program = |pid: &str| fs::read_link(format!("/proc/{pid}/exe")).ok();
    let own = program("self");
    own.is_some() && program(&pid.to_string()) == own
}
