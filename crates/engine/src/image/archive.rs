//! OCI layouts as tar archives: taken apart into blobs, and made anew of a checked image, without any name.

use super::{
    check::sha256,
    manifest::{parse, Index, Manifest},
    read_small, refuse, Checked, ImageLimits, Layout, MAX_JSON,
};
use crate::{capacity::platform, error::EngineError};
use iog_job::Hash;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};
use tar::{Archive, Builder, EntryType, Header};

/// Entries of a layout: blobs, two files, folders.
const MAX_ENTRIES: usize = 1_024;
/// Indices within the index.
const MOST_NESTED: u8 = 2;
const EMPTY: [&str; 12] = [
    "bin/", "dev/", "etc/", "lib/", "lib64/", "proc/", "run/", "sbin/", "sys/", "tmp/", "usr/",
    "work/",
];
const OCI_LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// Takes an archive apart into a new folder. Of several images it is the one whose configuration was ordered, without an order (zeros) that of
/// this platform.
///
/// # Errors
/// [`EngineError::Image`] where it is no OCI layout or has no such image, has links or other names, or is beyond the limits.
pub fn unpack(
    archive: &Path,
    into: &Path,
    ordered: &Hash,
    limits: &ImageLimits,
) -> Result<Layout, EngineError> {
    let broken = |error: io::Error| refuse(format!("its archive cannot be read: {error}"));
    fs::create_dir_all(into).map_err(EngineError::file(into))?;
    let file = File::open(archive).map_err(EngineError::file(archive))?;
    let mut archive = Archive::new(file);
    let (mut index, mut left) = (None, limits.packed_bytes);
    for (n, entry) in archive.entries().map_err(broken)?.enumerate() {
        let mut entry = entry.map_err(broken)?;
        if n >= MAX_ENTRIES {
            return Err(refuse(format!(
                "its archive has more than {MAX_ENTRIES} entries"
            )));
        }
        let name = entry.path_bytes().into_owned();
        let name = String::from_utf8(name)
            .map_err(|_| refuse("its archive has a name that is no text"))?;
        let name = name.strip_prefix("./").unwrap_or(&name);
        match entry.header().entry_type() {
            EntryType::Directory => continue,
            EntryType::Regular => {}
            _ => {
                return Err(refuse(format!(
                    "its archive has something that is no file: {}",
                    name.escape_debug()
                )))
            }
        }
        left = left
            .checked_sub(entry.size())
            .ok_or_else(|| refuse(format!("it has more than {} bytes", limits.packed_bytes)))?;
        match name {
            // What Docker writes beside, for its older self.
            "oci-layout" | "manifest.json" | "repositories" => {}
            "index.json" => {
                let mut bytes = Vec::new();
                (&mut entry)
                    .take(MAX_JSON)
                    .read_to_end(&mut bytes)
                    .map_err(broken)?;
                index = Some(bytes);
            }
            other => {
                let digest = other
                    .strip_prefix("blobs/sha256/")
                    .and_then(|hex| hex.parse::<Hash>().ok());
                let digest = digest.ok_or_else(|| {
                    refuse(format!(
                        "its archive is no OCI layout: it has {}",
                        other.escape_debug()
                    ))
                })?;
                let path = into.join(digest.to_string());
                let file = OpenOptions::new().write(true).create_new(true).open(&path);
                let mut file = file.map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => {
                        refuse(format!("its archive has {digest} twice"))
                    }
                    _ => EngineError::file(&path)(error),
                })?;
                copy(&mut entry, &mut file, &path)?;
            }
        }
    }
    let index =
        index.ok_or_else(|| refuse("its archive is no OCI layout: it has no index.json"))?;
    let index: Index = parse("index.json", &index)?;
    let mut found = Vec::new();
    images(into, &index, 0, &mut found)?;
    let one = found.len() == 1;
    found.retain(|image| match ordered.is_none() {
        true => one || image.for_us,
        false => one || image.config == *ordered,
    });
    match found.pop() {
        Some(image) if found.iter().all(|other| other.bytes == image.bytes) => Ok(Layout {
            manifest: image.bytes,
            blobs: into.to_owned(),
        }),
        Some(_) => Err(refuse("its archive holds several images; export one")),
        None => Err(refuse("its archive does not hold the ordered image")),
    }
}

/// A manifest of an archive.
struct Listed {
    bytes: Vec<u8>,
    config: Hash,
    for_us: bool,
}

/// Images of an index, and of the indices in it.
fn images(
    blobs: &Path,
    index: &Index,
    depth: u8,
    found: &mut Vec<Listed>,
) -> Result<(), EngineError> {
    // Builders put attestations beside images.
    for listed in index.manifests.iter().filter(|listed| !listed.is_note()) {
        let digest = listed.digest()?;
        let bytes = read_small(&blobs.join(digest.to_string()))?;
        if sha256(&bytes) != digest {
            return Err(refuse("its manifest is not what its digest says"));
        }
        if found.len() >= MAX_ENTRIES {
            return Err(refuse("its archive names too many images"));
        }
        match parse::<Index>("manifest", &bytes) {
            Ok(_) if depth >= MOST_NESTED => {
                return Err(refuse("the indices of its archive are nested too deep"))
            }
            Ok(inner) => images(blobs, &inner, depth.saturating_add(1), found)?,
            Err(_) => {
                let manifest: Manifest = parse("manifest", &bytes)?;
                found.push(Listed {
                    config: manifest.config.digest()?,
                    for_us: listed.is_for(platform()),
                    bytes,
                });
            }
        }
    }
    Ok(())
}

/// An archive that ends in the middle is its maker's fault, a disk that takes no more the host's.
fn copy(entry: &mut impl Read, file: &mut File, path: &Path) -> Result<(), EngineError> {
    let mut buffer = vec![0; 256 << 10];
    loop {
        let read = match entry.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(refuse(format!("its archive cannot be read: {error}"))),
        };
        file.write_all(buffer.get(..read).unwrap_or_default())
            .map_err(EngineError::file(path))?;
    }
}

/// Writes an image with the folders that every container has and nothing else in them, and says what it is called by.
///
/// # Errors
/// The host's disk.
pub fn write_empty(archive: &Path) -> Result<Hash, EngineError> {
    let write = || -> io::Result<Hash> {
        let layer = empty_layer()?;
        let made_for = platform().to_string();
        let (os, architecture) = made_for.split_once('/').unwrap_or_default();
        let config = serde_json::json!({"os": os, "architecture": architecture, "config": {},
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", sha256(&layer))]}});
        let config = config.to_string().into_bytes();
        let named = |kind: &str, bytes: &[u8]| {
            serde_json::json!({"mediaType": format!("application/vnd.oci.image.{kind}"),
                "digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len()})
        };
        let manifest = serde_json::json!({"schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": named("config.v1+json", &config), "layers": [named("layer.v1.tar", &layer)]});
        let manifest = manifest.to_string().into_bytes();
        let index = serde_json::json!({"schemaVersion": 2, "manifests": [named("manifest.v1+json", &manifest)]});
        let mut tar = Builder::new(io::BufWriter::new(File::create(archive)?));
        put(&mut tar, "oci-layout", OCI_LAYOUT)?;
        put(&mut tar, "index.json", index.to_string().as_bytes())?;
        for bytes in [&layer, &config, &manifest] {
            put(&mut tar, &format!("blobs/sha256/{}", sha256(bytes)), bytes)?;
        }
        tar.into_inner()?.flush()?;
        Ok(sha256(&config))
    };
    write().map_err(EngineError::file(archive))
}

pub(super) fn empty_layer() -> io::Result<Vec<u8>> {
    let mut folders = Builder::new(Vec::new());
    for name in EMPTY {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Directory);
        header.set_size(0);
        header.set_mode(0o755);
        header.set_cksum();
        folders.append_data(&mut header, name, io::empty())?;
    }
    folders.into_inner()
}

/// Writes a checked image as an archive for the engine: a manifest of our own, so that nothing but configuration and layers reaches it.
///
/// # Errors
/// The host's disk.
pub fn pack(layout: &Layout, image: &Checked, archive: &Path) -> Result<(), EngineError> {
    let write = || -> io::Result<()> {
        let mut tar = Builder::new(io::BufWriter::new(File::create(archive)?));
        let manifest = manifest(image).to_string().into_bytes();
        let index = serde_json::json!({"schemaVersion": 2, "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": format!("sha256:{}", sha256(&manifest)), "size": manifest.len(),
        }]});
        put(&mut tar, "oci-layout", OCI_LAYOUT)?;
        put(&mut tar, "index.json", index.to_string().as_bytes())?;
        put(
            &mut tar,
            &format!("blobs/sha256/{}", sha256(&manifest)),
            &manifest,
        )?;
        let mut digests: Vec<_> = image
            .layers
            .iter()
            .map(|layer| layer.digest)
            .chain([image.config])
            .collect();
        digests.sort_unstable();
        digests.dedup();
        for digest in digests {
            tar.append_path_with_name(layout.blob(&digest), format!("blobs/sha256/{digest}"))?;
        }
        tar.into_inner()?.flush()
    };
    write().map_err(EngineError::file(archive))
}

fn manifest(image: &Checked) -> serde_json::Value {
    let layers: Vec<_> = image
        .layers
        .iter()
        .map(|layer| {
            let kind = if layer.gzip { "tar+gzip" } else { "tar" };
            serde_json::json!({
                "mediaType": format!("application/vnd.oci.image.layer.v1.{kind}"),
                "digest": format!("sha256:{}", layer.digest), "size": layer.len,
            })
        })
        .collect();
    serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": format!("sha256:{}", image.config), "size": image.config_len,
        },
        "layers": layers,
    })
}

pub(super) fn put<W: Write>(tar: &mut Builder<W>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    header.set_mode(0o644);
    header.set_cksum();
    tar.append_data(&mut header, name, bytes)
}
