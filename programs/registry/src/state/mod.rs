mod attestation;
mod class;
mod config;
mod device;
mod operator;
mod windows;

pub use attestation::{Attestation, AttestationState};
pub use class::{ClassArgs, HardwareClass};
pub use config::Config;
pub use device::{beat_interval, Device, DeviceArgs, DeviceState};
pub use operator::Operator;
pub use windows::{Window, Windows};
