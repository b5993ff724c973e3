//! `node.sandbox_shows`: what else of the host jobs in a sandbox see, read only.

use super::Config;
use std::path::{Path, PathBuf};

/// What is never shown, nor a folder that it lies in: the host's own, and places where a job has something of its own.
const OWN: [&str; 13] = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/run", "/sbin", "/sys", "/usr", "/var/lib",
    "/var/run", "/work",
];
/// Folders that are too much as a whole; what lies in them may be shown.
const WHOLE: [&str; 6] = ["/", "/home", "/root", "/srv", "/tmp", "/var"];
/// Where users keep keys.
const OF_KEYS: [&str; 6] = [".aws", ".config", ".docker", ".gnupg", ".kube", ".ssh"];

impl Config {
    /// The folders, which are there, each under its real name.
    ///
    /// # Errors
    /// In one line that says what to change.
    pub fn sandbox_shows(&self) -> Result<&[PathBuf], String> {
        for path in &self.node.sandbox_shows {
            self.may_show(path)
                .map_err(|why| format!("node.sandbox_shows: {}: {why}", path.display()))?;
        }
        Ok(&self.node.sandbox_shows)
    }

    fn may_show(&self, path: &Path) -> Result<(), String> {
        if !path.is_absolute() {
            return Err("write an absolute path".into());
        }
        let real = path
            .canonicalize()
            .map_err(|error| format!("{error}; make it, or take it out"))?;
        // What jobs see has the name that is written here.
        if real != path {
            return Err(format!("write its real path, {}", real.display()));
        }
        if !real.is_dir() {
            return Err("is no folder".into());
        }
        let home = real.parent() == Some(Path::new("/home"));
        if home || WHOLE.iter().any(|whole| real == Path::new(whole)) {
            return Err("is too much; name the folder in it that jobs need".into());
        }
        if let Some(own) = OWN.iter().find(|own| overlap(&real, Path::new(own))) {
            return Err(format!("{own} is the system's or the job's own; put what jobs need into a folder such as /srv/programs"));
        }
        let hidden = |name: &str| {
            real.components().any(|part| part.as_os_str() == name) || real.join(name).exists()
        };
        if let Some(name) = OF_KEYS.iter().find(|name| hidden(name)) {
            return Err(format!("{name} holds keys; name a folder without it"));
        }
        match self.secrets().into_iter().find(|own| {
            let own = own.canonicalize().unwrap_or_else(|_| own.clone());
            overlap(&real, &own)
        }) {
            Some(own) => Err(format!(
                "{} is the keeper's own; name a folder without it",
                own.display()
            )),
            None => Ok(()),
        }
    }

    /// Folders of this keeper, and its key files.
    fn secrets(&self) -> Vec<PathBuf> {
        let mut all = vec![
            self.fee_payer.clone(),
            self.state_dir.clone(),
            self.node_dir(),
        ];
        all.extend(self.lock_dir.clone());
        for device in &self.devices {
            all.push(device.key.clone());
            all.extend(device.tunnel_key.clone());
        }
        all
    }
}

fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn refused(config: &mut Config, path: &Path) -> String {
        config.node.sandbox_shows = vec![path.to_owned()];
        config.sandbox_shows().unwrap_err()
    }

    #[test]
    fn only_what_holds_nothing_of_the_host_or_the_keeper_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        for name in ["programs/ray", "keys", "state/node", "user/.ssh"] {
            fs::create_dir_all(dir.join(name)).unwrap();
        }
        fs::write(dir.join("programs/file"), "").unwrap();
        fs::write(dir.join("keys/payer.json"), "").unwrap();
        std::os::unix::fs::symlink(dir.join("keys"), dir.join("link")).unwrap();
        let mut config = Config::new("http://x", dir.join("keys/payer.json"), dir.join("state"));

        config.node.sandbox_shows = vec![dir.join("programs/ray")];
        assert_eq!(config.sandbox_shows().unwrap(), [dir.join("programs/ray")]);

        for (path, why) in [
            ("keys", "is the keeper's own"),
            ("state/node", "is the keeper's own"),
            ("link", "write its real path"),
            ("programs/../programs", "write its real path"),
            ("user", ".ssh holds keys"),
            ("user/.ssh", ".ssh holds keys"),
            ("programs/file", "is no folder"),
            ("nowhere", "make it, or take it out"),
            ("", "is the keeper's own"),
        ] {
            let path = match path {
                "" => dir.clone(),
                path => dir.join(path),
            };
            let said = refused(&mut config, &path);
            assert!(said.contains(why), "{said}");
        }
        for (path, why) in [
            ("/", "is too much"),
            ("/usr", "is the system's"),
            ("/etc/ssl", "is the system's"),
            ("/proc/self", "write its real path"),
            ("/var", "is too much"),
            ("srv", "write an absolute path"),
        ] {
            let said = refused(&mut config, Path::new(path));
            assert!(said.contains(why), "{said}");
        }
    }
}
