//! The images that are there: each by the digest of its configuration. What no run uses goes, the least recently used first.

use super::{
    api::{Api, Body},
    ContainerSettings,
};
use crate::{
    capacity::platform,
    engine::RunSpec,
    error::EngineError,
    files::{private_dir, read_json, replace_json},
    image::{self, Checked, Jail, Layout, Pull, Start},
    names,
};
use iog_job::{config_of_archive, Hash};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::SystemTime,
};

/// Of the lease's user ids the one that pulls: neither the job's own nor that of its inputs.
const PULLS: u32 = 60_001;
/// What begins the names of folders that are in use.
const NEW: &str = "new-";

/// What is known of an image in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Known {
    pub config: Hash,
    /// What the engine's store calls it.
    pub stored: Hash,
    /// Under which a pull names it.
    pub manifest: Hash,
    pub bytes: u64,
    pub start: Start,
}

pub struct Images<'a> {
    pub settings: &'a ContainerSettings,
    pub api: &'a Api,
    /// Where the engine keeps them.
    pub store: &'a Path,
    /// The configuration of the image for jobs without one.
    pub session: Option<Hash>,
    pub cache_bytes: u64,
}

impl Images<'_> {
    fn dir(&self) -> PathBuf {
        self.settings.root.join("images")
    }

    fn file(&self, config: &Hash) -> PathBuf {
        self.dir().join(format!("{config}.json"))
    }

    /// The image of a run, in the store; brought there where it is not, after all its digests are checked.
    pub fn ensure(&self, run: &RunSpec, given_up: &AtomicBool) -> Result<Known, EngineError> {
        let missing = || {
            EngineError::Image("the job names none and this device has none for sessions".into())
        };
        let Some(image) = &run.spec.image else {
            let config = self.session.ok_or_else(missing)?;
            return self.find(&config)?.ok_or_else(missing);
        };
        if let Some(known) = self.find(&image.id())? {
            self.touch(&known)?;
            return Ok(known);
        }
        let new = tempdir(&self.dir())?;
        let done = self.bring(run, image, &new, given_up);
        std::fs::remove_dir_all(&new).ok();
        done
    }

    fn bring(
        &self,
        run: &RunSpec,
        image: &iog_job::Image,
        new: &Path,
        given_up: &AtomicBool,
    ) -> Result<Known, EngineError> {
        let (blobs, limits, platform) = (new.join("blobs"), &self.settings.images, platform());
        let layout = match (&image.reference, &run.archive) {
            (Some(reference), _) => {
                let pull = Pull {
                    registries: &self.settings.registries,
                    platform,
                    into: &blobs,
                    limits,
                    jail: Some(&self.jail(run, reference)?),
                    given_up,
                };
                pull.fetch(reference, &image.digest)?
            }
            (None, Some(archive)) => image::unpack(archive, &blobs, &image.config, limits)?,
            (None, None) => return Err(EngineError::Image("its archive did not arrive".into())),
        };
        let checked = image::check(&layout, &image.config, platform, limits)?;
        // A list of manifests is known by its own digest, which is what the order names.
        let named = if image.reference.is_some() {
            image.digest
        } else {
            checked.manifest
        };
        self.load(&layout, &checked, named, new)
    }

    /// The operator's own registries are asked from the host's network: they are most often in one that no job may reach.
    fn jail(&self, run: &RunSpec, reference: &str) -> Result<Jail, EngineError> {
        let registries = &self.settings.registries;
        let host = registries.host_of(reference)?;
        let egress = self.settings.pulls.as_ref();
        let egress = egress.filter(|_| !registries.own.iter().any(|own| own == host));
        let user = run.uid_base.saturating_add(PULLS);
        Jail::new(&self.settings.helper, &self.settings.root, user, egress)
    }

    /// Puts an OCI layout of the operator into the store, for jobs without an image, unless it is there.
    pub fn import(&self, archive: &Path) -> Result<Known, EngineError> {
        let refused = |why: String| EngineError::Image(format!("{}: {why}", archive.display()));
        let config = config_of_archive(archive, Some(platform())).map_err(refused)?;
        let limits = &self.settings.images;
        if let Some(known) = self.find(&config)? {
            return Ok(known);
        }
        let new = tempdir(&self.dir())?;
        let done = image::unpack(archive, &new.join("blobs"), &config, limits).and_then(|layout| {
            let checked = image::check(&layout, &config, platform(), limits)?;
            let manifest = checked.manifest;
            self.load(&layout, &checked, manifest, &new)
        });
        std::fs::remove_dir_all(&new).ok();
        done
    }

    fn load(
        &self,
        layout: &Layout,
        checked: &Checked,
        manifest: Hash,
        new: &Path,
    ) -> Result<Known, EngineError> {
        self.make_room(checked.bytes)?;
        let archive = new.join("image.tar");
        let stored = match self.settings.is_docker() {
            true => image::pack_docker(layout, checked, &archive)?,
            false => {
                image::pack(layout, checked, &archive)?;
                checked.config
            }
        };
        self.api
            .post("/images/load", &Body::Tar(&archive))
            .map_err(|refused| self.not_loaded(refused, checked.bytes))?;
        let known = Known {
            config: checked.config,
            stored,
            manifest,
            bytes: checked.bytes,
            start: checked.start.clone(),
        };
        match self.is_stored(&known.stored) {
            true => replace_json(&self.file(&known.config), &known).map(|()| known),
            false => Err(EngineError::Image(
                "the engine has stored another image than was checked".into(),
            )),
        }
    }

    /// An image that is checked and cannot be unpacked is its maker's fault, unless there is no room or no engine.
    fn not_loaded(&self, refused: super::api::Refused, bytes: u64) -> EngineError {
        let free = rustix::fs::statvfs(self.store)
            .map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        match refused.code {
            0 => refused.into(),
            _ if free < bytes => EngineError::host("disk", refused.message),
            _ => EngineError::Image(refused.message),
        }
    }

    fn is_stored(&self, stored: &Hash) -> bool {
        let found = self.api.get(&format!("/images/{stored}/json"));
        found.is_ok_and(|image| image.get("Id").and_then(digest) == Some(stored.to_string()))
    }

    fn find(&self, id: &Hash) -> Result<Option<Known>, EngineError> {
        let found = self
            .all()?
            .into_iter()
            .find(|(known, _)| known.config == *id || known.manifest == *id);
        Ok(found
            .map(|(known, _)| known)
            .filter(|known| self.is_stored(&known.stored)))
    }

    /// With when they were last used.
    fn all(&self) -> Result<Vec<(Known, SystemTime)>, EngineError> {
        private_dir(&self.dir())?;
        let entries = std::fs::read_dir(self.dir()).map_err(EngineError::file(self.dir()))?;
        let mut all = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_some_and(|end| end == "json") {
                let used = path
                    .metadata()
                    .and_then(|metadata| metadata.modified())
                    .unwrap_or(SystemTime::UNIX_EPOCH);
                all.extend(read_json::<Known>(&path)?.map(|known| (known, used)));
            }
        }
        all.sort_by_key(|(_, used)| *used);
        Ok(all)
    }

    fn touch(&self, known: &Known) -> Result<(), EngineError> {
        replace_json(&self.file(&known.config), known)
    }

    /// What a process that was killed has left.
    pub fn sweep(&self) -> Result<(), EngineError> {
        image::sweep(&self.settings.root);
        for folder in names::folders(&self.dir())? {
            let name = folder.file_name().unwrap_or_default();
            if name.to_string_lossy().starts_with(NEW) {
                names::erase_dir(&folder)?;
            }
        }
        Ok(())
    }

    fn make_room(&self, bytes: u64) -> Result<(), EngineError> {
        let all = self.all()?;
        let mut sum = all
            .iter()
            .fold(bytes, |sum, (known, _)| sum.saturating_add(known.bytes));
        let used = self.used()?;
        for (known, _) in all {
            if sum <= self.cache_bytes {
                break;
            }
            if used.contains(&known.stored.to_string()) || self.session == Some(known.config) {
                continue;
            }
            self.api.delete(&format!("/images/{}", known.stored))?;
            std::fs::remove_file(self.file(&known.config))
                .map_err(EngineError::file(self.file(&known.config)))?;
            sum = sum.saturating_sub(known.bytes);
        }
        match sum <= self.cache_bytes {
            true => Ok(()),
            false => Err(EngineError::Image(format!(
                "it has {bytes} bytes, more than this device keeps for images"
            ))),
        }
    }

    /// Of all containers, also those that ended.
    fn used(&self) -> Result<BTreeSet<String>, EngineError> {
        let containers = self.api.get("/containers/json?all=true")?;
        let list = containers.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(list
            .iter()
            .filter_map(|container| container.get("ImageID").and_then(digest))
            .collect())
    }
}

/// Docker writes the digest's kind before it.
fn digest(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    Some(text.strip_prefix("sha256:").unwrap_or(text).to_owned())
}

/// A folder that nobody has used before; what a crash left of one is taken away when the engine is opened.
fn tempdir(dir: &Path) -> Result<PathBuf, EngineError> {
    let unique = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    let new = dir
        .join(format!("{NEW}{unique}-{:?}", std::thread::current().id()).replace(['(', ')'], ""));
    private_dir(&new)?;
    Ok(new)
}
