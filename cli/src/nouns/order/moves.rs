//! What sending a job to its devices takes, told before money moves: the rent runs meanwhile.

use super::work::found;
use crate::agent::measured::{self, Rates};
use iog_job::JobSpec;
use iog_link::RelayAddr;

/// Of a relay that states nothing: what a relay forwards of one key a second unless told otherwise (`RelayConfig`).
const RELAY_BYTES_PER_SEC: u64 = 2_000_000;
/// What takes less is not worth a word.
const LONG_SECS: u64 = 30;

/// How long inputs and image travel, and what happens when this machine is off. redteam X5, V2
pub fn warnings(spec: &JobSpec, relays: &[RelayAddr], network: Option<&str>) -> Vec<String> {
    let of_network = || network.and_then(|name| found(name).ok());
    let relays = match relays {
        [] => of_network()
            .map(|network| network.relays)
            .unwrap_or_default(),
        relays => relays.to_vec(),
    };
    let travel = travel(bytes(spec), &relays, measured::rates());
    let fetched = spec.mirrors.is_some() || spec.inputs.iter().any(|input| input.url.is_some());
    let fetches = fetched.then_some("what lies at an address or on mirrors comes to a device only where its operator lets machines fetch it");
    let told = fetches.into_iter().chain([away(spec)]).map(str::to_string);
    travel.into_iter().chain(told).collect()
}

/// What a device that takes another's place has to get of this machine.
fn away(spec: &JobSpec) -> &'static str {
    let archive = spec.image.iter().filter(|image| image.reference.is_none());
    let archive = archive.map(|image| (image.digest, false));
    let inputs = spec.inputs.iter();
    let inputs = inputs.map(|input| (input.sha256, input.url.is_some()));
    let mut all = archive.chain(inputs);
    match all.all(|(sha256, url)| url || spec.sealed(&sha256).is_some()) {
        true => "a device that takes another's place gets job and secrets, which lie on no mirror, from this machine alone: leave it on until the order's end, or give the order's folder to one that stays on",
        false => "a device that takes another's place gets job, inputs and secrets from this machine alone: leave it on until the order's end, book from one that stays on, or put the files on mirrors (iog job seal)",
    }
}

/// What each device gets of this machine.
fn bytes(spec: &JobSpec) -> u64 {
    let image = spec.image.as_ref().map_or(0, |image| image.len);
    let inputs = spec.inputs.iter().filter(|input| input.url.is_none());
    let inputs = inputs.map(|input| input.len);
    inputs.fold(image, u64::saturating_add)
}

fn travel(bytes: u64, relays: &[RelayAddr], measured: Rates) -> Option<String> {
    let stated = relays.iter().filter_map(|relay| relay.bytes_per_second);
    let stated = stated.max().unwrap_or(RELAY_BYTES_PER_SEC);
    let (relayed, how) = match measured.relayed {
        Some(rate) => (rate, "measured"),
        None => (stated, "stated"),
    };
    let secs = |rate: u64| bytes.div_ceil(rate.max(1));
    let direct = measured.direct.map(|rate| {
        let (time, rate) = (span(secs(rate)), megabytes(rate));
        format!(", or {time} where a direct path is found ({rate} MB/s, measured)")
    });
    (secs(relayed) >= LONG_SECS).then(|| {
        format!(
            "{} MB go to each device: about {} by a relay ({} MB/s, {how}){}; the rent runs meanwhile",
            megabytes(bytes),
            span(secs(relayed)),
            megabytes(relayed),
            direct.unwrap_or_default()
        )
    })
}

/// Two places, no more than is there.
fn megabytes(bytes: u64) -> String {
    format!("{}.{:02}", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}

fn span(secs: u64) -> String {
    match secs {
        0..120 => format!("{secs} s"),
        120..7_200 => format!("{} min", secs.div_ceil(60)),
        _ => format!("{} h {} min", secs / 3_600, secs % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_job::{Hash, Input, Mirrors, Sealed};

    fn relay(bytes_per_second: Option<u64>) -> RelayAddr {
        RelayAddr {
            bytes_per_second,
            ..RelayAddr::new("https://r.example")
        }
    }

    /// redteam X5: 70 GB at 2 MB/s are ten hours of rent.
    #[test]
    fn the_time_that_inputs_take_is_told() {
        let (none, bytes) = (Rates::default(), 70_000_000_000);
        let told = travel(bytes, &[], none).unwrap();
        assert!(
            told.contains(
                "70000.00 MB go to each device: about 9 h 43 min by a relay (2.00 MB/s, stated);"
            ),
            "{told}"
        );
        let told = travel(bytes, &[relay(None), relay(Some(20_000_000))], none).unwrap();
        assert!(
            told.contains("about 59 min by a relay (20.00 MB/s, stated);"),
            "{told}"
        );
        let known = Rates {
            relayed: Some(1_000_000),
            direct: Some(100_000_000),
        };
        let told = travel(bytes, &[], known).unwrap();
        assert!(told.contains("about 19 h 26 min by a relay (1.00 MB/s, measured), or 12 min where a direct path is found (100.00 MB/s, measured);"), "{told}");
        assert_eq!(travel(58_000_000, &[], none), None);
        assert!(travel(58_000_001, &[], none)
            .unwrap()
            .contains("about 30 s"));
    }

    /// redteam V2
    #[test]
    fn who_alone_has_the_job_is_told() {
        let mut spec = JobSpec::session(Hash([1; 32]));
        let input = |len| Input {
            target: format!("a{len}"),
            sha256: Hash([2; 32]),
            len,
            executable: false,
            url: None,
        };
        spec.inputs = vec![input(1), input(2)];
        assert_eq!(bytes(&spec), 3);
        let told = warnings(&spec, &[], None);
        assert!(
            matches!(told.as_slice(), [one] if one.contains("job, inputs and secrets from this machine alone")),
            "{told:?}"
        );
        // Of what mirrors have, nothing is wanted of this machine but job and secrets.
        let sealed = Sealed {
            sha256: Hash([3; 32]),
            key: Hash([4; 32]),
        };
        spec.mirrors = Some(Mirrors {
            urls: vec!["https://mirror.example.com".into()],
            sealed: [(Hash([2; 32]), sealed)].into(),
        });
        let told = warnings(&spec, &[], None);
        assert!(
            matches!(told.as_slice(), [fetches, one] if fetches.contains("operator") && one.contains("job and secrets, which lie on no mirror")),
            "{told:?}"
        );
    }
}
