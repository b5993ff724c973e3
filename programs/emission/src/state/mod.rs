mod config;
mod ledger;
mod rewards;

pub use config::{Config, ConfigArgs, ParameterId};
pub use ledger::{HourLedger, LedgerPage, PoolHour};
pub use rewards::{DeviceRewards, PendingHour, Settled};
