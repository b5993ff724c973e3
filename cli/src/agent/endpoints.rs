//! Whom the agent believes about which devices serve its order. One endpoint alone could name a machine of its own, which would get the job's
//! secrets: so what is opened must stand equal at two of different hosts. redteam link L2

use super::{
    chain::{self, Seen},
    folder::OrderFile,
    wire::Stage,
};
use crate::{
    context::Context,
    error::{shown, CliError, Result},
};
use futures_util::future::join_all;
use iog_job::Key;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};
use tokio::time::timeout;

/// A witness that takes longer is silent.
const SILENT: Duration = Duration::from_secs(8);

/// An endpoint's clock may be so far from another's.
const CLOCK_SECS: u64 = 60;

/// The host of an endpoint, in small letters.
pub fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let place = rest.split(['/', '?', '#']).next()?;
    let place = place.rsplit('@').next()?;
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => place.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_lowercase())
}

/// An endpoint of this machine is its user's own.
fn is_own(url: &str) -> bool {
    let Some(host) = host(url) else {
        return false;
    };
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Whether what is told of devices is enough to send secrets there.
pub fn believed(url: &str, witnesses: &[String], trusted: bool) -> bool {
    trusted || !witnesses.is_empty() || is_own(url)
}

/// What is refused on one endpoint's word.
pub fn alone() -> CliError {
    CliError::usage("the job has secrets, and one endpoint alone says which devices get them: name an endpoint of somebody else with --witness-url, or believe this one with --trust-endpoint")
}

/// The further endpoints of an order: those that were named, else those of the network, each on a host of its own.
pub fn witnesses(url: &str, named: &[String], of_network: &[String]) -> Result<Vec<String>> {
    let mut hosts: BTreeSet<String> = host(url).into_iter().collect();
    for witness in named {
        let one = host(witness)
            .ok_or_else(|| CliError::usage(format!("{} names no host", shown(witness))))?;
        if !hosts.insert(one) {
            return Err(CliError::usage(format!(
                "--witness-url {} is on a host that is asked already, and would tell the same: name an endpoint of somebody else",
                shown(witness)
            )));
        }
    }
    let known = of_network
        .iter()
        .filter(|other| named.is_empty() && !is_own(url) && !is_own(other));
    let others = known.filter(|other| host(other).is_some_and(|host| hosts.insert(host)));
    Ok(named.iter().chain(others).cloned().collect())
}

/// An endpoint that is asked beside the first.
pub struct Witness {
    context: Context,
    /// It is of the order's chain.
    checked: AtomicBool,
}

impl Witness {
    pub fn new(context: Context) -> Self {
        Self {
            context,
            checked: AtomicBool::new(false),
        }
    }

    pub fn name(&self) -> String {
        shown(&self.context.url)
    }

    async fn told(&self, file: &OrderFile, leases: &BTreeSet<Key>) -> Result<Told> {
        if !self.checked.load(Relaxed) {
            chain::same_genesis(&self.context, &file.genesis).await?;
            self.checked.store(true, Relaxed);
        }
        let seen = chain::look_at(&self.context, &file.order, leases).await?;
        Ok(Told::of(&seen, file.genesis))
    }
}

/// Of an order, all that decides what the agent opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    /// The clock.
    now: i64,
    /// When it was made, its engineer key, and whether it is over; none where there is no such order.
    order: Option<(i64, Key, bool)>,
    /// Device, its tunnel key and the stage, by lease and match.
    leases: BTreeMap<(Key, i64), (Key, Key, Stage)>,
}

impl Told {
    fn of(seen: &Seen, genesis: Key) -> Self {
        let Some(order) = &seen.order else {
            return Self {
                now: seen.now,
                ..Self::default()
            };
        };
        let lease = |(address, lease)| {
            let binding = chain::binding(genesis, order, address, lease);
            let stage = chain::stage(order, lease, seen.now);
            let told = (binding.device, chain::tunnel_key(lease), stage);
            ((binding.lease, binding.matched_ts), told)
        };
        let over = chain::is_over(order, seen.now);
        Self {
            now: seen.now,
            order: Some((order.created_ts, chain::key(&order.engineer_key), over)),
            leases: seen
                .leases
                .iter()
                .map(|(address, leased)| lease((address, leased)))
                .collect(),
        }
    }
}

/// What two endpoints tell alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    /// There is such an order, or there is none.
    pub order: bool,
    /// What time it is, about: what is signed for goes by it.
    pub clock: bool,
    leases: BTreeSet<(Key, i64)>,
    gone: BTreeSet<(Key, i64)>,
    /// Why not all of it is.
    pub doubt: Option<String>,
}

impl Agreed {
    /// The match, its keys and its stage.
    pub fn has(&self, lease: Key, matched_ts: i64) -> bool {
        self.leases.contains(&(lease, matched_ts))
    }

    /// That a match which was known is there no more.
    pub fn lacks(&self, lease: Key, matched_ts: i64) -> bool {
        self.gone.contains(&(lease, matched_ts))
    }
}

/// Asks the others about what the first endpoint told, and about the matches that are `known`.
pub async fn agreed(
    witnesses: &[Witness],
    file: &OrderFile,
    seen: &Seen,
    known: &BTreeSet<(Key, i64)>,
) -> Agreed {
    let first = Told::of(seen, file.genesis);
    if witnesses.is_empty() {
        return compare(&first, &[], known);
    }
    let mut leases: BTreeSet<Key> = first.leases.keys().map(|(lease, _)| *lease).collect();
    leases.extend(known.iter().map(|(lease, _)| *lease));
    let asked = witnesses.iter().map(|witness| async {
        let told = timeout(SILENT, witness.told(file, &leases)).await;
        let told = match told {
            Ok(told) => told.map_err(|error| error.line()),
            Err(_) => Err(format!("no answer in {} s", SILENT.as_secs())),
        };
        (witness.name(), told)
    });
    let told = join_all(asked).await;
    let mut agreed = compare(&first, &told, known);
    agreed.doubt = agreed.doubt.map(|why| format!("{} and {why}: nothing new is opened until two endpoints tell the same, what runs goes on", shown(&file.rpc_url)));
    agreed
}

/// Without others the first is believed: whether it may be was decided when the order was booked.
fn compare(
    first: &Told,
    others: &[(String, std::result::Result<Told, String>)],
    known: &BTreeSet<(Key, i64)>,
) -> Agreed {
    let told = || others.iter().filter_map(|(_, told)| told.as_ref().ok());
    let alone = others.is_empty();
    let order = alone || told().any(|other| other.order == first.order);
    let same = |key: &(Key, i64)| {
        alone || told().any(|other| other.leases.get(key) == first.leases.get(key))
    };
    let leases = first.leases.keys().filter(|key| order && same(key));
    let gone = known.iter().filter(|key| !first.leases.contains_key(key));
    let gone = gone.filter(|key| order && same(key));
    let near = |other: &Told| other.now.abs_diff(first.now) <= CLOCK_SECS;
    let mut agreed = Agreed {
        order,
        clock: alone || told().any(near),
        leases: leases.copied().collect(),
        gone: gone.copied().collect(),
        doubt: None,
    };
    if !order || agreed.leases.len() != first.leases.len() {
        let whys = others.iter().map(|(name, told)| match told {
            Ok(other) => format!("{name} {}", differs(first, other)),
            Err(reason) => format!("{name} (silent: {reason}) do not tell the same"),
        });
        agreed.doubt = Some(whys.collect::<Vec<_>>().join(", "));
    }
    agreed
}

fn differs(first: &Told, other: &Told) -> String {
    if first.order != other.order {
        return "differ about the order".into();
    }
    let lease = first
        .leases
        .iter()
        .find(|(key, told)| other.leases.get(key) != Some(told));
    match lease {
        Some(((lease, _), _)) => format!("differ about lease {lease}"),
        None => "tell the same".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> Key {
        Key([number; 32])
    }

    /// An order with one lease, served by a device with this tunnel key.
    fn told(tunnel_key: u8, stage: Stage) -> Told {
        Told {
            now: 1_000,
            order: Some((9, key(1), false)),
            leases: [((key(2), 5), (key(3), key(tunnel_key), stage))].into(),
        }
    }

    fn compared(first: &Told, others: &[std::result::Result<Told, String>]) -> Agreed {
        let others: Vec<_> = others
            .iter()
            .map(|told| ("https://b".to_string(), told.clone()))
            .collect();
        compare(first, &others, &[(key(2), 4), (key(2), 5)].into())
    }

    /// Receipts are for slots of the chain's clock: one endpoint that is the supplier's friend would have a day signed for ahead. redteam L2
    #[test]
    fn no_endpoint_alone_tells_what_time_it_is() {
        let first = told(4, Stage::Running);
        let at = |now: i64| {
            Ok(Told {
                now,
                ..first.clone()
            })
        };
        let silent = || Err("no answer".to_string());
        assert!(
            compared(&first, &[]).clock,
            "it was believed when the order was booked"
        );
        assert!(compared(&first, &[at(940)]).clock && compared(&first, &[at(1_060)]).clock);
        assert!(!compared(&first, &[at(939)]).clock && !compared(&first, &[at(1_061)]).clock);
        assert!(!compared(&first, &[silent()]).clock);
        assert!(compared(&first, &[silent(), at(1)]).leases.len() == 1);
        assert!(compared(&first, &[silent(), at(1), at(1_000)]).clock);
    }

    #[test]
    fn hosts_are_told_apart_and_keys_are_no_part_of_them() {
        for (url, wanted) in [
            (
                "https://User:Key@RPC.example.com:443/v2/KEY",
                Some("rpc.example.com"),
            ),
            ("http://[::1]:8899", Some("::1")),
            ("http://127.0.0.1:8899?api-key=1", Some("127.0.0.1")),
            ("https:///x", None),
            ("nothing", None),
        ] {
            assert_eq!(host(url).as_deref(), wanted, "{url}");
        }
        for own in [
            "http://localhost:1",
            "http://127.3.2.1",
            "http://[::1]:8899/",
        ] {
            assert!(believed(own, &[], false), "{own}");
        }
        for other in ["https://localhost.example.com", "http://10.0.0.1:8899", "x"] {
            assert!(!believed(other, &[], false), "{other}");
            assert!(believed(other, &[], true));
            assert!(believed(other, &["https://b".into()], false));
        }
    }

    #[test]
    fn a_witness_is_of_another_host() {
        let [one, same, two] = ["https://a.com/KEY", "http://A.com:8899", "https://b.com"];
        let list = |urls: &[&str]| urls.iter().map(ToString::to_string).collect::<Vec<_>>();
        let of = |named: &[&str], network: &[&str]| witnesses(one, &list(named), &list(network));
        assert_eq!(of(&[two], &[]).unwrap(), [two]);
        assert_eq!(of(&[], &[same, two]).unwrap(), [two]);
        let refused = of(&[same], &[]).unwrap_err().line();
        assert!(
            refused.contains("http://A.com:8899 is on a host"),
            "{refused}"
        );
        assert!(of(&["https://"], &[]).is_err());
        // The network's endpoints know nothing of a chain of this machine's own.
        let own = witnesses("http://localhost:8899", &[], &list(&[two])).unwrap();
        assert!(own.is_empty());
        assert!(of(&[], &["http://127.0.0.1:8899"]).unwrap().is_empty());
    }

    /// redteam link L2: what one endpoint alone tells opens nothing.
    #[test]
    fn only_what_two_tell_alike_is_believed() {
        let real = told(4, Stage::Running);
        let alone = compared(&real, &[]);
        assert!(alone.order && alone.has(key(2), 5) && alone.doubt.is_none());
        let both = compared(&real, &[Ok(real.clone())]);
        assert!(both.has(key(2), 5) && both.lacks(key(2), 4) && both.doubt.is_none());

        // Another machine's key, an earlier stage, no such lease, another match.
        let mut other_match = real.clone();
        other_match.leases = [((key(2), 6), (key(3), key(4), Stage::Running))].into();
        let none = Told {
            leases: BTreeMap::new(),
            ..real.clone()
        };
        for other in [
            told(5, Stage::Running),
            told(4, Stage::Before),
            none.clone(),
            other_match,
        ] {
            let doubted = compared(&real, &[Ok(other)]);
            assert!(doubted.order && !doubted.has(key(2), 5));
            let doubt = doubted.doubt.unwrap();
            assert!(
                doubt.contains(&format!("differ about lease {}", key(2))),
                "{doubt}"
            );
        }
        // Another engineer key, or no order at all: nothing of it is believed.
        let mut other_key = real.clone();
        other_key.order = Some((9, key(7), false));
        for other in [other_key, Told::default()] {
            let doubted = compared(&real, &[Ok(other)]);
            assert!(!doubted.order && !doubted.has(key(2), 5) && !doubted.lacks(key(2), 4));
        }
        let silent = compared(&real, &[Err("gone".into())]);
        assert!(!silent.order && !silent.has(key(2), 5));
        assert!(silent.doubt.unwrap().contains("silent: gone"));
        // A lease that only one has lost goes on.
        let kept = compared(&none, &[Ok(real.clone())]);
        assert!(!kept.lacks(key(2), 5) && kept.lacks(key(2), 4));
        // Of two others one is enough.
        let third = compared(&real, &[Err("gone".into()), Ok(real.clone())]);
        assert!(third.has(key(2), 5) && third.doubt.is_none());
    }
}
