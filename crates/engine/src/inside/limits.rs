//! The limits of a run's first process, which are the job's: who comes in beside it has the same, whatever the node's own are.

use crate::error::EngineError;
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};

/// As `/proc/<pid>/limits` calls them.
const NAMES: [(&str, Resource); 16] = [
    ("Max cpu time", Resource::Cpu),
    ("Max file size", Resource::Fsize),
    ("Max data size", Resource::Data),
    ("Max stack size", Resource::Stack),
    ("Max core file size", Resource::Core),
    ("Max resident set", Resource::Rss),
    ("Max processes", Resource::Nproc),
    ("Max open files", Resource::Nofile),
    ("Max locked memory", Resource::Memlock),
    ("Max address space", Resource::As),
    ("Max file locks", Resource::Locks),
    ("Max pending signals", Resource::Sigpending),
    ("Max msgqueue size", Resource::Msgqueue),
    ("Max nice priority", Resource::Nice),
    ("Max realtime priority", Resource::Rtprio),
    ("Max realtime timeout", Resource::Rttime),
];

/// Those of a process.
pub fn of(pid: u32) -> Result<Vec<(Resource, Rlimit)>, EngineError> {
    let path = format!("/proc/{pid}/limits");
    let text = std::fs::read_to_string(&path).map_err(|_| EngineError::NotRunning)?;
    let found: Vec<_> = NAMES
        .iter()
        .filter_map(|(name, resource)| Some((*resource, find(&text, name)?)))
        .collect();
    match found.len() == NAMES.len() {
        true => Ok(found),
        false => Err(EngineError::host(
            "inside",
            format!("{path} does not tell all limits"),
        )),
    }
}

fn find(text: &str, name: &str) -> Option<Rlimit> {
    let mut words = text
        .lines()
        .find_map(|line| line.strip_prefix(name))?
        .split_whitespace();
    let current = value(words.next()?)?;
    let maximum = value(words.next()?)?;
    Some(Rlimit { current, maximum })
}

/// None inside means without limit.
fn value(word: &str) -> Option<Option<u64>> {
    match word {
        "unlimited" => Some(None),
        number => number.parse().ok().map(Some),
    }
}

/// Puts them on this process. Its own bounds are not raised: that needs a right that a node may lack.
pub fn take_over(limits: &[(Resource, Rlimit)]) -> Result<(), EngineError> {
    for (resource, limit) in limits {
        let most = getrlimit(*resource).maximum;
        let capped = |value: Option<u64>| match (value, most) {
            (Some(value), Some(most)) => Some(value.min(most)),
            (value, most) => value.or(most),
        };
        let limit = Rlimit {
            current: capped(limit.current),
            maximum: capped(limit.maximum),
        };
        setrlimit(*resource, limit)
            .map_err(|error| EngineError::host("inside", format!("its limits: {error}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{find, of, Rlimit, NAMES};

    #[test]
    fn the_kernels_table_is_read() {
        let text =
            "Limit                     Soft Limit           Hard Limit           Units     \n\
            Max cpu time              unlimited            unlimited            seconds   \n\
            Max core file size        0                    unlimited            bytes     \n\
            Max nice priority         0                    0                    \n";
        let limit = |current, maximum| Some(Rlimit { current, maximum });
        assert_eq!(find(text, "Max cpu time"), limit(None, None));
        assert_eq!(find(text, "Max core file size"), limit(Some(0), None));
        assert_eq!(find(text, "Max nice priority"), limit(Some(0), Some(0)));
        assert_eq!(find(text, "Max open files"), None);
        assert_eq!(of(std::process::id()).unwrap().len(), NAMES.len());
    }
}
