mod config;
mod device_stake;

pub use config::Config;
pub use device_stake::DeviceStake;
