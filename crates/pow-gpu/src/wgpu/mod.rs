//! Any card that wgpu drives: finding it, and opening it with all the limits that it has.

mod buffers;
mod card;
mod pipelines;
mod plan;
mod queue;
mod shader;
#[cfg(test)]
mod tests;

use crate::cards::CardInfo;
use card::Card;
use iog_pow::ProverError;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};
use wgpu::{
    Adapter, Backend, Backends, Device, DeviceDescriptor, DeviceType, Instance, InstanceDescriptor,
    InstanceFlags, MemoryBudgetThresholds, Queue,
};

/// Per cent of the card's free memory from which on it refuses more: the display has to live too.
const MOST_MEMORY: u8 = 97;

/// The cards that there are; the processor's adapters count only if `software` is set.
pub(crate) fn cards(software: bool) -> Vec<CardInfo> {
    let info = |(number, adapter): (usize, &Adapter)| {
        let info = adapter.get_info();
        CardInfo {
            number,
            // wgpu tells neither.
            uuid: None,
            memory_bytes: None,
            bus: bus(adapter),
            name: info.name,
            driver: format!("{} {}", info.driver, info.driver_info),
        }
    };
    adapters(software).iter().enumerate().map(info).collect()
}

/// Where the card sits. DX12 gives the place of the first card of the same model, so that it is not asked.
fn bus(adapter: &Adapter) -> Option<String> {
    let info = adapter.get_info();
    let known = info.backend == Backend::Vulkan && !info.device_pci_bus_id.is_empty();
    known.then_some(info.device_pci_bus_id)
}

/// The adapter of this number; those of the processor count only if `software` is set.
pub(crate) fn open(number: usize, software: bool) -> Result<Card, ProverError> {
    let adapters = adapters(software);
    let names: Vec<String> = adapters
        .iter()
        .map(|adapter| adapter.get_info().name)
        .collect();
    let adapter = adapters.get(number).ok_or_else(|| {
        ProverError::Unavailable(if names.is_empty() {
            "no card with Vulkan, Metal or DX12; install the card's driver, or choose another backend".into()
        } else {
            format!("there is no adapter {number}; there are: {}", names.join(", "))
        })
    })?;
    let (device, queue) = request(adapter)?;
    let shared = matches!(
        adapter.get_info().device_type,
        DeviceType::Cpu | DeviceType::IntegratedGpu
    );
    Ok(Card::new(device, queue, shared))
}

/// Cards, strongest kind first.
fn adapters(software: bool) -> Vec<Adapter> {
    let instance = Instance::new(InstanceDescriptor {
        backends: Backends::VULKAN | Backends::METAL | Backends::DX12,
        flags: InstanceFlags::empty(),
        memory_budget_thresholds: MemoryBudgetThresholds {
            for_resource_creation: Some(MOST_MEMORY),
            for_device_loss: None,
        },
        ..InstanceDescriptor::new_without_display_handle()
    });
    let mut adapters = pollster::block_on(instance.enumerate_adapters(Backends::all()));
    adapters.retain(|adapter| software || adapter.get_info().device_type != DeviceType::Cpu);
    // A card may be seen by two APIs, or by two drivers of one.
    let api = adapters.first().map(|adapter| adapter.get_info().backend);
    adapters.retain(|adapter| Some(adapter.get_info().backend) == api);
    let mut places = HashSet::new();
    adapters.retain(|adapter| bus(adapter).is_none_or(|bus| places.insert(bus)));
    adapters.sort_by_key(|adapter| rank(adapter.get_info().device_type));
    adapters
}

fn rank(kind: DeviceType) -> u8 {
    match kind {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

fn request(adapter: &Adapter) -> Result<(Device, Queue), ProverError> {
    let descriptor = DeviceDescriptor {
        required_limits: adapter.limits(),
        ..DeviceDescriptor::default()
    };
    pollster::block_on(adapter.request_device(&descriptor))
        .map_err(|error| ProverError::Device(format!("{}: {error}", adapter.get_info().name)))
}

/// The first error that nobody asked for: wgpu tells them to a callback.
#[derive(Clone, Default)]
struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn listen(device: &Device) -> Self {
        let trouble = Self::default();
        let heard = trouble.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            heard.hear(error.to_string());
        }));
        let heard = trouble.clone();
        device.set_device_lost_callback(move |reason, message| {
            heard.hear(format!("the device was lost ({reason:?}): {message}"));
        });
        trouble
    }

    fn hear(&self, message: String) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(message);
    }

    fn check(&self) -> Result<(), ProverError> {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first
            .as_ref()
            .map_or(Ok(()), |message| Err(ProverError::Device(message.clone())))
    }
}
