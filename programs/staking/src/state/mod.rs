mod config;
mod device_stake;
mod offer;
mod slash_case;
mod slashing;

pub use config::{Config, ParameterId};
pub use device_stake::{CaseMark, DeviceStake};
pub use offer::{Offer, OwnerBook};
pub use slash_case::{CaseState, SlashCase, Verdict};
pub use slashing::Caps;
