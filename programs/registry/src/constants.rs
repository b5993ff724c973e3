//! Seeds and fixed numbers of the registry.

pub const CONFIG_SEED: &[u8] = b"config";
pub const WINDOWS_SEED: &[u8] = b"windows";
pub const CLASS_SEED: &[u8] = b"class";
pub const OPERATOR_SEED: &[u8] = b"operator";
pub const DEVICE_SEED: &[u8] = b"device";
pub const ATTESTATION_SEED: &[u8] = b"attestation";

/// Hours of windows kept.
pub const RING: usize = 24;
/// GPUs that one device account may stand for.
pub const MAX_QUANTITY: u32 = 4_096;
/// Length of one proof-of-time-lock interval.
pub const BEAT_SECS: i64 = 600;
/// Intervals kept: 128 hours of six.
pub const BEATS: i64 = 768;
pub const BEATS_PER_HOUR: i64 = 6;
/// All openings of a challenge proved.
pub const ALL_OPENINGS: u8 = 0xff;
const _: () = assert!(iog_pow::K_OPENINGS == 8);

/// What can be paused: new operators and devices. Proofs cannot: whoever had proved before the pause would share the hour's
/// emission alone.
pub mod pause {
    pub const REGISTRATION: u8 = 1;
    pub const ALL: u8 = REGISTRATION;
}
