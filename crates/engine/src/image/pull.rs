//! Images from registries that the operator lists, by digest, without any login of the host. redteam C2

use super::{
    check::sha256,
    jail::Jail,
    manifest::{parse, Index, Manifest},
    refuse, ImageLimits, Layout, MAX_JSON,
};
use crate::error::EngineError;
use iog_job::{Hash, Platform};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// How often a pull's size is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// A manifest is small.
const MANIFEST_WITHIN: Duration = Duration::from_secs(120);

/// Where images may come from.
#[derive(Clone, Debug)]
pub struct Registries {
    /// Hosts, with a port where it is not the usual one: `docker.io`, `ghcr.io`.
    pub allowed: Vec<String>,
    /// Of these, those that speak plain HTTP.
    pub plain: Vec<String>,
    /// Of these, the operator's own: they are asked from the host's network, without a filter.
    pub own: Vec<String>,
    pub skopeo: PathBuf,
    /// Given up after so long.
    pub within: Duration,
}

impl Default for Registries {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            plain: Vec::new(),
            own: Vec::new(),
            skopeo: "skopeo".into(),
            within: Duration::from_secs(3_600),
        }
    }
}

impl Registries {
    /// The host of a reference, where it is one of those.
    ///
    /// # Errors
    /// [`EngineError::Image`].
    pub fn host_of<'a>(&self, reference: &'a str) -> Result<&'a str, EngineError> {
        let host = reference.split_once('/').map_or("", |(host, _)| host);
        if !self.allowed.iter().any(|allowed| allowed == host) {
            return Err(refuse(format!(
                "this device pulls nothing from `{}`",
                host.escape_debug()
            )));
        }
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"./_-:".contains(&byte);
        match reference.bytes().all(sound) {
            true => Ok(host),
            false => Err(refuse("its reference is no registry and name")),
        }
    }
}

/// An image to be fetched into a new folder.
pub struct Pull<'a> {
    pub registries: &'a Registries,
    pub platform: Platform,
    pub into: &'a Path,
    pub limits: &'a ImageLimits,
    /// What the program that fetches may; none: what this process may.
    pub jail: Option<&'a Jail>,
    /// Ends it early.
    pub given_up: &'a AtomicBool,
}

impl Pull<'_> {
    /// Fetches it. What comes is still to be checked, but its manifest is what `digest` names: the manifest itself, or a list of manifests of
    /// which the platform's is taken.
    ///
    /// # Errors
    /// [`EngineError::Image`]; what the registry said is not repeated. redteam J6
    pub fn fetch(&self, reference: &str, digest: &Hash) -> Result<Layout, EngineError> {
        let host = self.registries.host_of(reference)?;
        let plain = self.registries.plain.iter().any(|plain| plain == host);
        let from = |digest: &Hash| format!("docker://{reference}@sha256:{digest}");
        fs::create_dir_all(self.into).map_err(EngineError::file(self.into))?;
        if let Some(jail) = self.jail {
            jail.give(self.into)?;
        }
        let (mut digest, mut first) = (*digest, self.manifest(&from(digest), digest, plain)?);
        if let Ok(index) = parse::<Index>("manifest", &first) {
            let mut all = index.manifests.iter();
            let ours = all.find(|manifest| manifest.is_for(self.platform));
            let none = || refuse(format!("there is none of it for {}", self.platform));
            digest = ours.ok_or_else(none)?.digest()?;
            first = self.manifest(&from(&digest), &digest, plain)?;
        }
        let manifest: Manifest = parse("manifest", &first)?;
        // Such a layer lies anywhere, at an address that the image names, and not where the operator allowed it. redteam C2, J6
        if manifest.layers.iter().any(|layer| !layer.urls.is_empty()) {
            return Err(refuse(
                "a layer of it is to come from another address than its registry",
            ));
        }
        let sum = manifest.layers.iter().map(|layer| layer.size);
        let sum = sum.fold(manifest.config.size, u64::saturating_add);
        if sum > self.limits.packed_bytes {
            return Err(self.too_large());
        }
        self.blobs(&from(&digest), &digest, plain)
    }

    fn manifest(&self, from: &str, digest: &Hash, plain: bool) -> Result<Vec<u8>, EngineError> {
        let (raw, verify) = ("--raw".into(), format!("--tls-verify={}", !plain));
        let within = self.registries.within.min(MANIFEST_WITHIN);
        let stdout = self.skopeo("inspect", vec![raw, verify, from.into()], within)?;
        let len = u64::try_from(stdout.len()).unwrap_or(u64::MAX);
        match len <= MAX_JSON && sha256(&stdout) == *digest {
            true => Ok(stdout),
            false => Err(refuse("its manifest is not what its digest says")),
        }
    }

    fn blobs(&self, from: &str, digest: &Hash, plain: bool) -> Result<Layout, EngineError> {
        let to = self.inside().join("blobs");
        let args = vec![
            "--quiet".into(),
            "--preserve-digests".into(),
            format!("--src-tls-verify={}", !plain),
            from.into(),
            format!("dir:{}", to.display()),
        ];
        self.skopeo("copy", args, self.registries.within)?;
        let blobs = self.into.join("blobs");
        let manifest = super::read_small(&blobs.join("manifest.json"))?;
        match sha256(&manifest) == *digest {
            true => Ok(Layout { manifest, blobs }),
            false => Err(refuse("its manifest is not what its digest says")),
        }
    }

    /// Where the program that fetches has the folder.
    fn inside(&self) -> PathBuf {
        self.jail
            .map_or_else(|| self.into.to_owned(), |_| Jail::FOLDER.into())
    }

    /// With an empty home, login and environment: nothing of the host's goes to a registry.
    fn skopeo(
        &self,
        verb: &str,
        args: Vec<String>,
        within: Duration,
    ) -> Result<Vec<u8>, EngineError> {
        let auth = self.into.join("auth.json");
        fs::write(&auth, "{}").map_err(EngineError::file(&auth))?;
        let inside = self.inside();
        let mut words: Vec<OsString> = vec![self.registries.skopeo.clone().into()];
        words.extend(["--insecure-policy", "--registries.d", "/nonexistent", verb].map(Into::into));
        words.extend(["--authfile".into(), inside.join("auth.json").into()]);
        words.extend(args.into_iter().map(Into::into));
        if let Some(jail) = self.jail {
            words = jail.wrap(self.into, self.limits.packed_bytes, words);
        }
        let (program, args) = words
            .split_first()
            .ok_or_else(|| refuse("nothing to run"))?;
        let mut command = Command::new(program);
        command
            .args(args)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", &inside)
            .env("TMPDIR", &inside);
        self.run(command, within)
    }

    fn too_large(&self) -> EngineError {
        refuse(format!(
            "it has more than {} bytes",
            self.limits.packed_bytes
        ))
    }

    /// Ended once it takes too long, brings too much or is not wanted any more.
    fn run(&self, mut command: Command, within: Duration) -> Result<Vec<u8>, EngineError> {
        let failed = |error: std::io::Error| EngineError::host("skopeo", error.to_string());
        let said = self.into.join("said");
        let file = fs::File::create(&said).map_err(EngineError::file(&said))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
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
        let began = Instant::now();
        let mut pause = Duration::from_millis(5);
        let status = loop {
            if let Some(status) = child.0.try_wait().map_err(failed)? {
                break status;
            }
            if began.elapsed() > within {
                return Err(refuse("it did not come in time"));
            }
            if self.given_up.load(Ordering::Relaxed) {
                return Err(refuse("it is not wanted any more"));
            }
            if size(self.into) > self.limits.packed_bytes {
                return Err(self.too_large());
            }
            std::thread::sleep(pause);
            pause = pause.saturating_mul(2).min(LOOK);
        };
        let stdout = reader.join().unwrap_or_default();
        match (status.success(), status.code()) {
            (true, _) => Ok(stdout),
            (_, Some(Jail::NOT_SHUT)) => {
                let why = fs::read_to_string(&said).unwrap_or_default();
                let why = format!("it cannot be shut in: {}", why.trim());
                Err(EngineError::host("skopeo", why))
            }
            _ => Err(refuse("it cannot be fetched from its registry")),
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
