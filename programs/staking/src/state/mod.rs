mod config;
mod device_stake;
mod offer;
mod restitution;
mod roles;
mod slash_case;
mod slashing;

pub use config::{Config, ParameterId};
pub use device_stake::{CaseMark, DeviceStake};
pub use offer::{Offer, OwnerBook};
pub use restitution::Restitution;
pub use roles::SlashRole;
pub use slash_case::{CaseState, Claim, Outcome, SlashCase};
pub use slashing::Caps;
