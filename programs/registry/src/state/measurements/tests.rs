use super::*;
use crate::constants::TIER_SECS;

const DAY: i64 = 86_400;
const T0: i64 = 1_000 * DAY;

fn config(named: u8) -> Config {
    let mut config = Config::zeroed();
    config.quorum.value = 3;
    for (n, place) in (1..=named).zip(&mut config.measurers) {
        place.role.start(Address::new_from_array([n; 32]));
        place.since_ts = T0;
    }
    config
}

fn test(measured_ts: i64, download_mbps: u32, upload_mbps: u32) -> SpeedTest {
    SpeedTest {
        download_mbps,
        upload_mbps,
        measured_ts,
        report_hash: [0; 32],
    }
}

struct Case {
    config: Config,
    measurements: Measurements,
    device: Device,
}

impl Case {
    fn new(named: u8) -> Self {
        let mut device = Device::zeroed();
        device.tier = 1;
        Self {
            config: config(named),
            measurements: Measurements::zeroed(),
            device,
        }
    }

    /// Measurer `index` finds what just reaches `tier`.
    fn find(&mut self, index: usize, tier: u8, now: i64) {
        let (download, upload) =
            [(0, 0), (100, 10), (400, 300), (800, 600), (1_600, 1_200)][usize::from(tier)];
        self.measurements
            .take(index, &test(now, download, upload), now)
            .unwrap();
    }

    fn tier(&mut self, now: i64) -> (u8, u8) {
        let fresh = self
            .measurements
            .give_tier(&mut self.device, &self.config, now)
            .unwrap();
        (fresh, self.device.tier_at(now))
    }
}

/// redteam 12, audit: proof M-4
#[test]
fn one_liar_of_three_moves_nothing_and_a_quorum_is_needed() {
    let mut case = Case::new(5);
    case.find(0, 3, T0);
    case.find(1, 3, T0);
    assert_eq!(case.tier(T0), (2, 1));
    case.find(2, 0, T0);
    assert_eq!(case.tier(T0), (3, 3));
    case.find(2, 4, T0 + 1);
    assert_eq!(case.tier(T0 + 1), (3, 3));
    // all say the worst: still the tier that everybody has
    for index in 0..3 {
        case.find(index, 0, T0 + 2);
    }
    assert_eq!(case.tier(T0 + 2), (3, 1));
}

#[test]
fn of_an_even_number_the_lower_middle_counts() {
    let mut case = Case::new(4);
    for (index, tier) in [(0, 1), (1, 2), (2, 4), (3, 4)] {
        case.find(index, tier, T0);
    }
    assert_eq!(case.tier(T0), (4, 2));
    // each median by itself: downloads 100, 400, 1,600, 1,600 and uploads 10, 10, 300, 1,200
    case.measurements
        .take(2, &test(T0 + 1, 1_600, 10), T0 + 1)
        .unwrap();
    case.measurements
        .take(3, &test(T0 + 1, 1_600, 1_200), T0 + 1)
        .unwrap();
    assert_eq!(case.tier(T0 + 1), (4, 1));
}

/// redteam 12b
#[test]
fn only_who_is_named_and_measured_already_counts() {
    let mut case = Case::new(5);
    for index in 0..4 {
        case.find(index, 4, T0);
    }
    assert_eq!(case.tier(T0), (4, 4));
    // the second is replaced, and the third named anew: their measurements go
    for index in [1, 2] {
        case.config.measurers[index].since_ts = T0 + DAY;
    }
    assert_eq!(case.tier(T0 + 1), (2, 4));
    case.config.measurers[3].role.key = Address::new_from_array([0; 32]);
    case.config.measurers[3].since_ts = 0;
    assert_eq!(case.tier(T0 + 1), (1, 4));
    // the place of nobody counts for nothing, whatever lies in it
    case.find(1, 2, T0 + DAY);
    case.find(2, 2, T0 + DAY);
    assert_eq!(case.tier(T0 + DAY), (3, 2));
}

/// redteam 12c
#[test]
fn without_a_quorum_the_last_tier_stands_180_days_at_most() {
    let mut case = Case::new(3);
    case.find(0, 2, T0);
    case.find(1, 2, T0 + 7);
    case.find(2, 2, T0 + 9);
    assert_eq!(case.tier(T0 + 9), (3, 2));
    assert_eq!(case.tier(T0 + 30 * DAY), (3, 2));
    assert_eq!(case.tier(T0 + 30 * DAY + 1), (2, 2));
    // from the measurement that made the quorum, however often anybody asks anew
    assert_eq!(case.device.tier_ts, T0);
    assert_eq!(TIER_SECS, 180 * DAY);
    assert_eq!(case.tier(T0 + 180 * DAY), (0, 2));
    assert_eq!(case.tier(T0 + 180 * DAY + 1), (0, 1));
    assert_eq!(case.device.tier, 2);
}

#[test]
fn a_speed_test_is_fresh_and_new() {
    let mut case = Case::new(3);
    let mut take = |index, ts, now| case.measurements.take(index, &test(ts, 1, 1), now);
    assert_eq!(
        take(0, T0 + 1, T0),
        Err(RegistryError::SpeedTestInFuture.into())
    );
    assert_eq!(
        take(0, T0 - 3_601, T0),
        Err(RegistryError::SpeedTestTooOld.into())
    );
    assert_eq!(take(0, T0 - 3_600, T0), Ok(()));
    assert_eq!(
        take(0, T0 - 3_600, T0),
        Err(RegistryError::SpeedTestReplayed.into())
    );
    assert_eq!(take(1, T0 - 3_600, T0), Ok(()));
    assert!(take(9, T0, T0).is_err());
}
