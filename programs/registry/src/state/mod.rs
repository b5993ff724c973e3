mod attestation;
mod beats;
mod class;
mod config;
mod device;
mod operator;
mod windows;

pub use attestation::{Attestation, AttestationState};
pub use beats::beat_interval;
pub use class::{ClassArgs, ClassRates, HardwareClass, ProofTerms};
pub use config::{Config, ParameterId};
pub use device::{Device, DeviceArgs, DeviceState, SpeedTest};
pub use operator::Operator;
pub use windows::{Window, Windows};
