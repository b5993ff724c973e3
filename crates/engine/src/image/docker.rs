//! Images as Docker loads them: its own form of archive, with a configuration of ours. Docker has no way to leave out the volumes, health
//! checks and environment that an image names. redteam C1, E2

use super::{
    archive::{empty_layer, put},
    check::sha256,
    Checked, Layout,
};
use crate::{capacity::platform, error::EngineError};
use iog_job::Hash;
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Write},
    path::Path,
};
use tar::Builder;

/// Writes the layers of a checked image, without any name, and says what Docker calls it by.
///
/// # Errors
/// The host's disk.
pub fn pack_docker(layout: &Layout, image: &Checked, archive: &Path) -> Result<Hash, EngineError> {
    let layers = image.layers.iter();
    let (digests, diff_ids): (Vec<_>, Vec<_>) =
        layers.map(|layer| (layer.digest, layer.diff_id)).unzip();
    write(archive, &digests, &diff_ids, |tar| {
        let once: BTreeSet<_> = digests.iter().collect();
        for digest in once {
            tar.append_path_with_name(layout.blob(digest), name(digest))?;
        }
        Ok(())
    })
}

/// As [`super::write_empty`].
pub fn write_empty_docker(archive: &Path) -> Result<Hash, EngineError> {
    let layer = empty_layer().map_err(EngineError::file(archive))?;
    let digest = sha256(&layer);
    write(archive, &[digest], &[digest], |tar| {
        put(tar, &name(&digest), &layer)
    })
}

fn write(
    archive: &Path,
    layers: &[Hash],
    diff_ids: &[Hash],
    blobs: impl FnOnce(&mut Builder<io::BufWriter<File>>) -> io::Result<()>,
) -> Result<Hash, EngineError> {
    let made_for = platform().to_string();
    let (os, architecture) = made_for.split_once('/').unwrap_or_default();
    let diff_ids: Vec<_> = diff_ids.iter().map(|id| format!("sha256:{id}")).collect();
    let config = json!({"os": os, "architecture": architecture, "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let config = config.to_string().into_bytes();
    let id = sha256(&config);
    let layers: Vec<_> = layers.iter().map(name).collect();
    let manifest = json!([{"Config": name(&id), "RepoTags": null, "Layers": layers}]);
    let write = || -> io::Result<()> {
        let mut tar = Builder::new(io::BufWriter::new(File::create(archive)?));
        put(&mut tar, "manifest.json", manifest.to_string().as_bytes())?;
        put(&mut tar, &name(&id), &config)?;
        blobs(&mut tar)?;
        tar.into_inner()?.flush()
    };
    write().map_err(EngineError::file(archive))?;
    Ok(id)
}

fn name(digest: &Hash) -> String {
    format!("blobs/sha256/{digest}")
}
