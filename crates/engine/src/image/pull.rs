//! Images from registries that the operator lists, by digest, without any login of the host. redteam C2

use super::{
    check::sha256,
    manifest::{parse, Index},
    refuse, ImageLimits, Layout, MAX_JSON,
};
use crate::error::EngineError;
use iog_job::{Hash, Platform};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// How often a pull's size is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Where images may come from.
#[derive(Clone, Debug)]
pub struct Registries {
    /// Hosts, with a port where it is not the usual one: `docker.io`, `ghcr.io`.
    pub allowed: Vec<String>,
    /// Of these, those that speak plain HTTP; for an operator's own.
    pub plain: Vec<String>,
    pub skopeo: PathBuf,
    /// Given up after so long.
    pub within: Duration,
}

impl Default for Registries {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            plain: Vec::new(),
            skopeo: "skopeo".into(),
            within: Duration::from_secs(3_600),
        }
    }
}

/// Fetches an image into a new folder. What comes is still to be checked, but its manifest is what `digest` names: the manifest itself,
/// or a list of manifests of which the platform's is taken.
///
/// # Errors
/// [`EngineError::Image`]; what the registry said is not repeated. redteam J6
pub fn pull(
    registries: &Registries,
    reference: &str,
    digest: &Hash,
    platform: Platform,
    into: &Path,
    limits: &ImageLimits,
) -> Result<Layout, EngineError> {
    let host = reference
        .split_once('/')
        .map(|(host, _)| host)
        .unwrap_or_default();
    if !registries.allowed.iter().any(|allowed| allowed == host) {
        return Err(refuse(format!(
            "this device pulls nothing from `{}`",
            host.escape_debug()
        )));
    }
    if !reference
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"./_-:".contains(&byte))
    {
        return Err(refuse("its reference is no registry and name"));
    }
    fs::create_dir_all(into).map_err(EngineError::file(into))?;
    let pull = Pull {
        registries,
        plain: registries.plain.iter().any(|plain| plain == host),
        reference,
        into,
        limits,
    };
    let first = pull.manifest(digest)?;
    let digest = match parse::<Index>("manifest", &first) {
        Ok(index) => {
            let ours = index
                .manifests
                .iter()
                .find(|manifest| manifest.is_for(platform));
            ours.ok_or_else(|| refuse(format!("there is none of it for {platform}")))?
                .digest()?
        }
        Err(_) => *digest,
    };
    pull.blobs(&digest)
}

struct Pull<'a> {
    registries: &'a Registries,
    plain: bool,
    reference: &'a str,
    into: &'a Path,
    limits: &'a ImageLimits,
}

impl Pull<'_> {
    fn manifest(&self, digest: &Hash) -> Result<Vec<u8>, EngineError> {
        let mut command = self.skopeo("inspect")?;
        command
            .args(["--raw", &format!("--tls-verify={}", !self.plain)])
            .arg(self.from(digest));
        let output = self.run(command)?;
        let len = u64::try_from(output.stdout.len()).unwrap_or(u64::MAX);
        match len <= MAX_JSON && sha256(&output.stdout) == *digest {
            true => Ok(output.stdout),
            false => Err(refuse("its manifest is not what its digest says")),
        }
    }

    fn blobs(&self, digest: &Hash) -> Result<Layout, EngineError> {
        let blobs = self.into.join("blobs");
        let mut command = self.skopeo("copy")?;
        command.args([
            "--quiet",
            "--preserve-digests",
            &format!("--src-tls-verify={}", !self.plain),
        ]);
        command
            .arg(self.from(digest))
            .arg(format!("dir:{}", blobs.display()));
        self.run(command)?;
        let path = blobs.join("manifest.json");
        let manifest = super::read_small(&path)?;
        match sha256(&manifest) == *digest {
            true => Ok(Layout { manifest, blobs }),
            false => Err(refuse("its manifest is not what its digest says")),
        }
    }

    fn from(&self, digest: &Hash) -> String {
        format!("docker://{}@sha256:{digest}", self.reference)
    }

    /// With an empty home, login and environment: nothing of the host's goes to a registry.
    fn skopeo(&self, verb: &str) -> Result<Command, EngineError> {
        let auth = self.into.join("auth.json");
        fs::write(&auth, "{}").map_err(EngineError::file(&auth))?;
        let mut command = Command::new(&self.registries.skopeo);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", self.into)
            .env("TMPDIR", self.into);
        command
            .args(["--insecure-policy", "--registries.d", "/nonexistent"])
            .arg(verb)
            .arg("--authfile")
            .arg(auth);
        Ok(command)
    }

    /// Ended once it takes too long or brings too much.
    fn run(&self, mut command: Command) -> Result<Output, EngineError> {
        let failed = |error: std::io::Error| EngineError::Host {
            what: "skopeo",
            detail: error.to_string(),
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let mut child = Killed(child);
        let mut stdout = child.0.stdout.take();
        let reader = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(stdout) = &mut stdout {
                std::io::Read::read_to_end(
                    &mut std::io::Read::take(stdout, MAX_JSON.saturating_add(1)),
                    &mut bytes,
                )
                .ok();
            }
            bytes
        });
        let end = Instant::now() + self.registries.within;
        let mut pause = Duration::from_millis(5);
        let status = loop {
            if let Some(status) = child.0.try_wait().map_err(failed)? {
                break status;
            }
            if Instant::now() > end {
                return Err(refuse("it did not come in time"));
            }
            if size(self.into) > self.limits.packed_bytes {
                return Err(refuse(format!(
                    "it has more than {} bytes",
                    self.limits.packed_bytes
                )));
            }
            std::thread::sleep(pause);
            pause = pause.saturating_mul(2).min(LOOK);
        };
        let stdout = reader.join().unwrap_or_default();
        match status.success() {
            true => Ok(Output {
                status,
                stdout,
                stderr: Vec::new(),
            }),
            false => Err(refuse("it cannot be fetched from its registry")),
        }
    }
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Of all files of a folder of folders; what vanishes meanwhile counts nothing.
fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.fold(0, |sum, entry| {
        let Ok(metadata) = entry.metadata() else {
            return sum;
        };
        let own = if metadata.is_dir() {
            size(&entry.path())
        } else {
            metadata.len()
        };
        sum.saturating_add(own)
    })
}
