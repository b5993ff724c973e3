use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The controllers without which no job of a stranger runs.
const NEEDED: [&str; 3] = ["memory", "cpu", "pids"];

/// Where this host's cgroups are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Folder for our groups by controller, of version 1.
    v1: BTreeMap<String, PathBuf>,
    /// The same in the unified tree.
    unified: Option<PathBuf>,
    /// Controllers that the unified tree gives us.
    v2: Vec<String>,
}

impl Tree {
    /// The host's, with our groups beneath `iog`; what may not be written is as if it were not there.
    pub fn detect() -> Self {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        Self::of_mounts(&mounts)
    }

    /// From the text of `/proc/self/mountinfo`: `.. root mount-point options .. - type source options`.
    pub fn of_mounts(text: &str) -> Self {
        let mut tree = Self::default();
        for line in text.lines() {
            let Some((left, right)) = line.split_once(" - ") else {
                continue;
            };
            let mut right = right.split(' ');
            let (kind, options) = (right.next(), right.nth(1).unwrap_or_default());
            let Some(mount) = left.split(' ').nth(4).map(PathBuf::from) else {
                continue;
            };
            match kind {
                Some("cgroup") => {
                    for controller in NEEDED
                        .iter()
                        .filter(|name| options.split(',').any(|option| option == **name))
                    {
                        if let Some(folder) = ours(&mount) {
                            tree.v1.entry((*controller).to_owned()).or_insert(folder);
                        }
                    }
                }
                Some("cgroup2") if tree.unified.is_none() => {
                    tree.v2 = delegate(&mount);
                    tree.unified = ours(&mount);
                }
                _ => {}
            }
        }
        let v1 = &tree.v1;
        tree.v2.retain(|name| !v1.contains_key(name));
        tree
    }

    /// Memory, processor and processes can be limited.
    pub fn limits(&self) -> bool {
        NEEDED
            .iter()
            .all(|name| self.v1.contains_key(*name) || self.has_v2(name))
    }

    /// Bounds what all jobs together may use, so that the node's own processes go on under every load. redteam J8
    ///
    /// A kernel that does not take it leaves each job with its own limits.
    pub fn set_aside(&self, together: Option<(u32, u64)>) {
        let Some((cpu_millis, memory_bytes)) = together else {
            return;
        };
        let quota = u64::from(cpu_millis).saturating_mul(super::CPU_PERIOD_US / 1_000);
        let (period, memory) = (super::CPU_PERIOD_US, memory_bytes.to_string());
        let set = |folder: Option<PathBuf>, file: &str, value: &str| {
            folder.map(|folder| std::fs::write(folder.join(file), value));
        };
        let v1 = |name: &str| self.v1.get(name).cloned();
        let v2 = |name: &str| self.unified.clone().filter(|_| self.has_v2(name));
        set(v1("cpu"), "cpu.cfs_period_us", &period.to_string());
        set(v1("cpu"), "cpu.cfs_quota_us", &quota.to_string());
        set(v2("cpu"), "cpu.max", &format!("{quota} {period}"));
        set(v1("memory"), "memory.limit_in_bytes", &memory);
        set(v2("memory"), "memory.max", &memory);
    }

    fn has_v2(&self, controller: &str) -> bool {
        self.unified.is_some() && self.v2.iter().any(|name| name == controller)
    }

    pub fn v1_folder(&self, controller: &str, name: &str) -> Option<PathBuf> {
        self.v1.get(controller).map(|folder| folder.join(name))
    }

    pub fn v2_folder(&self, controller: &str, name: &str) -> Option<PathBuf> {
        self.has_v2(controller)
            .then(|| self.unified_folder(name))
            .flatten()
    }

    pub fn unified_folder(&self, name: &str) -> Option<PathBuf> {
        self.unified.as_ref().map(|folder| folder.join(name))
    }

    /// All folders of a group, each once.
    pub fn folders(&self, name: &str) -> Vec<PathBuf> {
        let mut folders: Vec<_> = self.v1.values().map(|folder| folder.join(name)).collect();
        folders.extend(self.unified_folder(name));
        folders.sort();
        folders.dedup();
        folders
    }
}

/// Our folder of a tree, if we may make one.
fn ours(mount: &Path) -> Option<PathBuf> {
    let folder = mount.join("iog");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder)
}

/// Has the unified tree give its controllers to our folder and what is in it.
fn delegate(mount: &Path) -> Vec<String> {
    let Some(folder) = ours(mount) else {
        return Vec::new();
    };
    let there = std::fs::read_to_string(mount.join("cgroup.controllers")).unwrap_or_default();
    let mut given = Vec::new();
    for name in NEEDED
        .iter()
        .filter(|name| there.split_whitespace().any(|word| word == **name))
    {
        let add = format!("+{name}");
        let given_to =
            |dir: &Path| std::fs::write(dir.join("cgroup.subtree_control"), &add).is_ok();
        if given_to(mount) && given_to(&folder) {
            given.push((*name).to_owned());
        }
    }
    given
}
