mod config;
mod minter;
mod vesting;

pub use config::Config;
pub use minter::Minter;
pub use vesting::{Vesting, VestingArgs};
