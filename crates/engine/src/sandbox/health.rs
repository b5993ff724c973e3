use super::Shared;
use crate::engine::Health;
use std::{path::Path, process::Command};

impl Shared {
    /// Whether a sandbox starts here, tried.
    pub(super) fn look(&self) -> Health {
        let not = |detail: Option<String>| Health {
            ready: false,
            detail,
            strangers: false,
        };
        let missing = [self.settings.bwrap.as_path(), Path::new("/usr/bin/env")]
            .into_iter()
            .find(|path| !path.exists());
        if let Some(path) = missing {
            return not(Some(format!("{} is not installed", path.display())));
        }
        let probe = Command::new(&self.settings.bwrap)
            .args(["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc"])
            .args(["--", "/usr/bin/env", "true"])
            .env_clear()
            .output();
        match probe {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                return not(Some(
                    String::from_utf8_lossy(&output.stderr).trim().to_owned(),
                ))
            }
            Err(error) => return not(Some(error.to_string())),
        }
        match (self.isolates(), self.settings.own_jobs_only) {
            (true, own) => Health {
                ready: true,
                detail: None,
                strangers: !own,
            },
            (false, own) => Health {
                ready: own,
                detail: Some(
                    "jobs cannot be limited here: only the operator's own are taken".into(),
                ),
                strangers: false,
            },
        }
    }
}
