//! Which image an archive holds: an OCI layout in a tar file. Layers are not read; a node checks all of it again. redteam C1

use crate::{ids::Hash, spec::Platform};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

/// Largest index, manifest or configuration.
const MAX_JSON_BYTES: u64 = 8 << 20;
/// Files and folders of an archive, and layers of its image: devices take no more.
const MAX_ENTRIES: usize = 1_024;
const MAX_LAYERS: usize = 127;
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What an archive has beside blobs; the last two are Docker's, for its older self.
const FILES: [&str; 4] = ["index.json", "oci-layout", "manifest.json", "repositories"];
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    platform: Option<Runs>,
}

#[derive(Clone, Deserialize)]
struct Runs {
    os: String,
    architecture: String,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// The digest of the configuration of the archive's one image; of the one for `platform` where there are several.
///
/// # Errors
/// What the file is instead, and how to make the right one.
pub fn config_of(path: &Path, platform: Option<Platform>) -> Result<Hash, String> {
    let mut archive = Archive::open(path)?;
    let index: Index = archive.json("index.json")?;
    let mut found = images(&mut archive, index.manifests, 0)?;
    if let (Some(platform), true) = (platform, found.len() > 1) {
        let wanted = platform.to_string();
        found.retain(|image| {
            let runs = image.platform.as_ref();
            runs.is_some_and(|runs| format!("{}/{}", runs.os, runs.architecture) == wanted)
        });
    }
    let manifest = match found.as_slice() {
        [one] => hash(&one.digest)?,
        [] => return Err("it holds no image for this platform".into()),
        several => {
            let count = several.len();
            return Err(format!(
                "it holds {count} images; say which by platform: linux/amd64 or linux/arm64"
            ));
        }
    };
    let manifest: Manifest = archive.blob(&manifest)?;
    let config = hash(&manifest.config.digest)?;
    archive.blob::<serde_json::Value>(&config)?;
    if manifest.layers.len() > MAX_LAYERS {
        let count = manifest.layers.len();
        return Err(format!(
            "it has {count} layers, devices take {MAX_LAYERS}; squash it"
        ));
    }
    for layer in &manifest.layers {
        archive.layer(&hash(&layer.digest)?)?;
    }
    Ok(config)
}

/// Images of an index, and of the indices in it.
fn images(
    archive: &mut Archive,
    listed: Vec<Descriptor>,
    depth: u8,
) -> Result<Vec<Descriptor>, String> {
    let mut found = Vec::new();
    for one in listed {
        if one.media_type == INDEX || one.media_type == LIST {
            if depth == 2 {
                return Err("its indices are nested too deep".into());
            }
            let inner: Index = archive.blob(&hash(&one.digest)?)?;
            found.extend(images(archive, inner.manifests, depth + 1)?);
        } else if one
            .platform
            .as_ref()
            .is_none_or(|runs| runs.os != "unknown")
        {
            // `unknown` marks attestations that builders put beside images.
            found.push(one);
        }
    }
    Ok(found)
}

fn hash(digest: &str) -> Result<Hash, String> {
    let hex = digest.strip_prefix("sha256:");
    let hash = hex.and_then(|hex| hex.parse().ok());
    hash.ok_or_else(|| format!("`{digest}` is no SHA-256"))
}

/// Where the small files of an archive are.
struct Archive {
    file: File,
    places: BTreeMap<String, (u64, u64)>,
}

impl Archive {
    fn open(path: &Path) -> Result<Self, String> {
        let said = |error: std::io::Error| error.to_string();
        let mut file = File::open(path).map_err(said)?;
        let mut head = [0; 4];
        let read = file.read(&mut head).map_err(said)?;
        let packed = [&[0x1f, 0x8b][..], &ZSTD];
        if packed
            .iter()
            .any(|magic| head.get(..read).is_some_and(|head| head.starts_with(magic)))
        {
            return Err("it is compressed; unpack it first: gunzip or unzstd".into());
        }
        file.seek(SeekFrom::Start(0)).map_err(said)?;
        let mut places = BTreeMap::new();
        let mut tar = tar::Archive::new(&file);
        let entries = tar.entries_with_seek().map_err(said)?;
        for (count, entry) in entries.enumerate() {
            let entry = entry.map_err(|_| "it is no tar archive, or cut off".to_string())?;
            if count >= MAX_ENTRIES {
                return Err(format!("it holds more than {MAX_ENTRIES} files"));
            }
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = name.trim_start_matches("./").to_string();
            match entry.header().entry_type() {
                tar::EntryType::Directory => continue,
                tar::EntryType::Regular => {}
                _ => {
                    return Err(format!(
                        "it has something that is no file: {}",
                        name.escape_debug()
                    ))
                }
            }
            places.insert(name, (entry.raw_file_position(), entry.size()));
        }
        if !places.contains_key("index.json") {
            return Err(match places.contains_key("manifest.json") {
                true => "it is of Docker's old kind, without index.json: make it with `skopeo copy docker-archive:<file> oci-archive:<other>` or `podman save --format oci-archive`".into(),
                false => "it is no OCI layout: there is no index.json; make it with `podman save --format oci-archive` or `skopeo copy ... oci-archive:<file>`".into(),
            });
        }
        let known = |name: &str| {
            let blob = name.strip_prefix("blobs/sha256/");
            FILES.contains(&name) || blob.is_some_and(|hex| hex.parse::<Hash>().is_ok())
        };
        if let Some(other) = places.keys().find(|name| !known(name)) {
            let other = other.escape_debug();
            return Err(format!("it has {other}, which devices do not take; make it with `podman save --format oci-archive` or `skopeo copy ... oci-archive:<file>`"));
        }
        Ok(Self { file, places })
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let (at, len) = self
            .places
            .get(name)
            .copied()
            .ok_or_else(|| format!("there is no {name} in it"))?;
        if len > MAX_JSON_BYTES {
            return Err(format!("{name} has {len} bytes"));
        }
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(at))
            .map_err(|error| error.to_string())?;
        let read = (&self.file).take(len).read_to_end(&mut bytes);
        match read {
            Ok(read) if read as u64 == len => Ok(bytes),
            _ => Err("it is cut off".into()),
        }
    }

    /// Only how it is packed is looked at.
    fn layer(&mut self, digest: &Hash) -> Result<(), String> {
        let name = format!("blobs/sha256/{digest}");
        let place = self.places.get(&name).copied();
        let (at, _) = place.ok_or_else(|| format!("there is no {name} in it"))?;
        let (mut magic, said) = (Vec::new(), |error: std::io::Error| error.to_string());
        self.file.seek(SeekFrom::Start(at)).map_err(said)?;
        (&self.file).take(4).read_to_end(&mut magic).map_err(said)?;
        match magic == ZSTD {
            true => Err("its layers are packed with zstd, which devices do not take; pack them with gzip: `skopeo copy --dest-compress-format gzip --dest-force-compress-format oci-archive:<file> oci-archive:<other>`".into()),
            false => Ok(()),
        }
    }

    fn json<T: for<'de> Deserialize<'de>>(&mut self, name: &str) -> Result<T, String> {
        serde_json::from_slice(&self.bytes(name)?).map_err(|error| format!("{name}: {error}"))
    }

    /// A blob that is what its name says.
    fn blob<T: for<'de> Deserialize<'de>>(&mut self, digest: &Hash) -> Result<T, String> {
        let name = format!("blobs/sha256/{digest}");
        let bytes = self.bytes(&name)?;
        if Hash(Sha256::digest(&bytes).into()) != *digest {
            return Err(format!("{name} is not what its name says"));
        }
        serde_json::from_slice(&bytes).map_err(|error| format!("{name}: {error}"))
    }
}
