//! One file for each noun: its verbs, and what they do.

pub mod class;
pub mod device;
pub mod emission;
pub mod governance;
pub mod lease;
pub mod network;
pub mod offer;
pub mod operator;
pub mod order;
pub mod pow;
pub mod price;
pub mod reward;
pub mod slash;
pub mod stake;
pub mod token;
pub mod treasury;
pub mod vesting;

/// A zero-padded name.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end_matches('\0')
        .to_string()
}
