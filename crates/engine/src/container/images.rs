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
    image::{self, Checked, Layout, Start},
};
use iog_job::Hash;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::SystemTime,
};

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
}

impl Images<'_> {
    fn dir(&self) -> PathBuf {
        self.settings.root.join("images")
    }

    fn file(&self, config: &Hash) -> PathBuf {
        self.dir().join(format!("{config}.json"))
    }

    /// The image of a run, in the store; brought there where it is not, after all its digests are checked.
    pub fn ensure(&self, run: &RunSpec) -> Result<Known, EngineError> {
        let missing = || {
            EngineError::Image("the job names none and this device has none for sessions".into())
        };
        let Some(image) = &run.spec.image else {
            let config = self.settings.session_image.ok_or_else(missing)?;
            return self.find(&config)?.ok_or_else(missing);
        };
        if let Some(known) = self.find(&image.id())? {
            self.touch(&known)?;
            return Ok(known);
        }
        let new = tempdir(&self.dir())?;
        let done = self.bring(run, image, &new);
        std::fs::remove_dir_all(&new).ok();
        done
    }

    fn bring(
        &self,
        run: &RunSpec,
        image: &iog_job::Image,
        new: &Path,
    ) -> Result<Known, EngineError> {
        let (blobs, limits, platform) = (new.join("blobs"), &self.settings.images, platform());
        let layout = match (&image.reference, &run.archive) {
            (Some(reference), _) => image::pull(
                &self.settings.registries,
                reference,
                &image.digest,
                platform,
                &blobs,
                limits,
            )?,
            (None, Some(archive)) => image::unpack(archive, &blobs, limits)?,
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

    /// Puts an OCI layout of the operator into the store, for sessions without an image.
    pub fn import(&self, archive: &Path) -> Result<Known, EngineError> {
        let new = tempdir(&self.dir())?;
        let done =
            image::unpack(archive, &new.join("blobs"), &self.settings.images).and_then(|layout| {
                let checked =
                    image::check(&layout, &Hash::default(), platform(), &self.settings.images)?;
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

    fn make_room(&self, bytes: u64) -> Result<(), EngineError> {
        let all = self.all()?;
        let mut sum = all
            .iter()
            .fold(bytes, |sum, (known, _)| sum.saturating_add(known.bytes));
        let used = self.used()?;
        for (known, _) in all {
            if sum <= self.settings.cache_bytes {
                break;
            }
            if used.contains(&known.stored.to_string())
                || self.settings.session_image == Some(known.config)
            {
                continue;
            }
            self.api.delete(&format!("/images/{}", known.stored))?;
            std::fs::remove_file(self.file(&known.config))
                .map_err(EngineError::file(self.file(&known.config)))?;
            sum = sum.saturating_sub(known.bytes);
        }
        match sum <= self.settings.cache_bytes {
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
    let new =
        dir.join(format!("new-{unique}-{:?}", std::thread::current().id()).replace(['(', ')'], ""));
    private_dir(&new)?;
    Ok(new)
}
