mod attestation;
mod beats;
mod class;
mod config;
mod device;
mod measurements;
mod measurers;
mod operator;
mod windows;

pub use attestation::{Attestation, AttestationState};
pub use beats::beat_interval;
pub use class::{ClassArgs, ClassRates, ClassTerms, HardwareClass};
pub use config::{Config, ParameterId};
pub use device::{Device, DeviceArgs, DeviceState};
pub use measurements::{Measurement, Measurements, SpeedTest};
pub use measurers::Measurer;
pub use operator::Operator;
pub use windows::{Window, Windows};
