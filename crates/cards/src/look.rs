//! What the driver tells of a card. What it does not tell is left out.

use crate::Card;
use iog_job::wire::CardFacts;
use nvml_wrapper::{
    enum_wrappers::device::{Clock, EccCounter, MemoryError, TemperatureSensor},
    Device,
};
use std::collections::BTreeSet;

/// Whether a card's own UUID or PCI address is the one that is named: people leave out prefix and zeros.
pub fn is_called(own: &str, name: &str) -> bool {
    let bare = |text: &str| {
        let text = text.to_ascii_lowercase();
        let text = text.strip_prefix("gpu-").unwrap_or(&text).to_string();
        match text.split_once(':') {
            Some((domain, rest)) if rest.contains(':') => {
                let domain = domain.trim_start_matches('0');
                match domain {
                    "" => rest.to_string(),
                    domain => format!("{domain}:{rest}"),
                }
            }
            _ => text,
        }
    };
    bare(own) == bare(name)
}

pub fn card(device: &Device<'_>) -> Option<Card> {
    Some(Card {
        uuid: device.uuid().ok()?,
        bus: device
            .pci_info()
            .map(|info| info.bus_id)
            .unwrap_or_default(),
        node: device
            .minor_number()
            .ok()
            .map(|minor| format!("/dev/nvidia{minor}").into()),
    })
}

pub fn facts(device: &Device<'_>, driver: &str) -> Option<CardFacts> {
    let memory = device.memory_info().ok();
    Some(CardFacts {
        uuid: device.uuid().ok()?,
        name: device.name().unwrap_or_default(),
        memory_bytes: memory.as_ref().map_or(0, |memory| memory.total),
        memory_used_bytes: memory.as_ref().map_or(0, |memory| memory.used),
        load: device.utilization_rates().ok().map(|rates| rates.gpu),
        celsius: device.temperature(TemperatureSensor::Gpu).ok(),
        milliwatts: device.power_usage().ok(),
        driver: driver.to_string(),
        megahertz: device.clock_info(Clock::SM).ok(),
        uncorrected_errors: uncorrected(device),
        processes: processes(device).map(|all| u32::try_from(all.len()).unwrap_or(u32::MAX)),
        mig: device.mig_mode().ok().map(|mode| mode.current != 0),
        compute_mode: device
            .compute_mode()
            .ok()
            .map(|mode| format!("{mode:?}").to_lowercase()),
        last_xid: None,
    })
}

/// ECC errors since the driver was loaded that could not be mended.
pub fn uncorrected(device: &Device<'_>) -> Option<u64> {
    device
        .total_ecc_errors(MemoryError::Uncorrected, EccCounter::Volatile)
        .ok()
}

/// Who holds the card; none where the driver does not tell.
pub fn processes(device: &Device<'_>) -> Option<BTreeSet<u32>> {
    let compute = device.running_compute_processes().ok()?;
    // Cards without a display do not tell of these.
    let graphics = device.running_graphics_processes().unwrap_or_default();
    Some(
        compute
            .iter()
            .chain(&graphics)
            .map(|process| process.pid)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_has_several_names() {
        assert!(is_called("GPU-AB12", "gpu-ab12") && is_called("GPU-ab12", "ab12"));
        assert!(is_called("00000000:01:00.0", "0000:01:00.0"));
        assert!(is_called("00000000:C1:00.0", "c1:00.0"));
        assert!(!is_called("00000001:01:00.0", "01:00.0"));
        assert!(!is_called("GPU-ab12", "GPU-ab1"));
    }
}
