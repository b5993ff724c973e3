//! From names of files and addresses to what the job holds: hashes and lengths.

use super::{ImageOf, Ready, Share, Source};
use crate::{
    error::SpecError,
    ids::Hash,
    oci,
    spec::{Image, Input, Platform, Readiness, Resources},
    validate::MAX_INPUTS,
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File, Metadata},
    io,
    path::{Path, PathBuf},
};

type Result<T> = std::result::Result<T, SpecError>;
type Sources = BTreeMap<Hash, PathBuf>;

/// Against a folder that links in a circle or never ends.
const MAX_DEPTH: usize = 64;

impl Share {
    pub(super) fn resources(&self) -> Resources {
        Resources {
            cpu_millis: self.cpus.0,
            memory_bytes: self.memory.0,
            disk_bytes: self.disk.0,
            shm_bytes: self.shm.0,
            pids: self.pids,
        }
    }
}

impl Ready {
    pub(super) fn readiness(&self) -> Readiness {
        let within = self.within.map_or(600, |span| span.0);
        Readiness {
            port: self.port,
            path: self.path.clone(),
            within_secs: u32::try_from(within).unwrap_or(u32::MAX),
        }
    }
}

pub(super) fn image(
    image: &ImageOf,
    platform: Option<Platform>,
    folder: &Path,
    sources: &mut Sources,
) -> Result<Image> {
    let file = match image {
        ImageOf::Archive(file) => file,
        ImageOf::Pull {
            reference,
            digest,
            config,
        } => {
            return Ok(Image {
                reference: Some(reference.clone()),
                digest: *digest,
                len: 0,
                config: config.unwrap_or_default(),
            })
        }
    };
    let path = place(file, folder)?;
    let refuse = |reason: String| SpecError::new("image.archive", format!("{file}: {reason}"));
    let config = oci::config_of(&path, platform).map_err(refuse)?;
    let (digest, len) = digest(&path).map_err(|error| refuse(error.to_string()))?;
    sources.insert(digest, path);
    Ok(Image {
        reference: None,
        digest,
        len,
        config,
    })
}

/// Adds the input, or all files of the folder.
pub(super) fn source(
    source: &Source,
    folder: &Path,
    inputs: &mut Vec<Input>,
    sources: &mut Sources,
) -> Result<()> {
    let field = format!("inputs.{}", source.source);
    let refuse = |reason: String| SpecError::new(field.clone(), reason);
    if source.source.contains("://") {
        inputs.push(address(source).map_err(refuse)?);
        return Ok(());
    }
    let path = place(&source.source, folder).map_err(|error| refuse(error.reason))?;
    let found = fs::metadata(&path).map_err(|error| refuse(error.to_string()))?;
    let own = path.file_name().and_then(|name| name.to_str());
    let target = source.target.as_deref().or(own);
    let target =
        target.ok_or_else(|| refuse("has no name that could be its target; give one".into()))?;
    if found.is_dir() {
        if source.sha256.is_some() {
            return Err(refuse("is a folder, which has no sha256".into()));
        }
        let target = if target == "." { "" } else { target };
        return walk(&path, target, 0, inputs, sources).map_err(refuse);
    }
    let input = file(&path, target, &found, sources).map_err(refuse)?;
    if source.sha256.is_some_and(|sha256| sha256 != input.sha256) {
        return Err(refuse(format!(
            "has the SHA-256 {}, another than the job says",
            input.sha256
        )));
    }
    let executable = input.executable || source.executable;
    inputs.push(Input {
        executable,
        ..input
    });
    Ok(())
}

/// redteam J6: what devices fetch has a declared hash and size
fn address(source: &Source) -> std::result::Result<Input, String> {
    let url = &source.source;
    crate::validate::https(url)?;
    let name = url
        .split(['?', '#'])
        .next()
        .and_then(|path| path.rsplit('/').next());
    let target = source
        .target
        .as_deref()
        .or(name)
        .filter(|target| !target.is_empty());
    Ok(Input {
        target: target
            .ok_or("has no name that could be its target; give one")?
            .into(),
        sha256: source
            .sha256
            .ok_or("is fetched by the device: give its sha256")?,
        len: source
            .size
            .ok_or("is fetched by the device: give its size")?
            .0,
        executable: source.executable,
        url: Some(url.clone()),
    })
}

/// `~` is the home folder, as a shell would have it (field case 10).
fn place(text: &str, folder: &Path) -> Result<PathBuf> {
    match text.strip_prefix('~') {
        None => Ok(folder.join(text)),
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            let home = std::env::var_os("HOME")
                .ok_or_else(|| SpecError::new(text, "~ is the home folder, and HOME is not set"))?;
            Ok(Path::new(&home).join(rest.trim_start_matches('/')))
        }
        Some(_) => Err(SpecError::new(
            text,
            "other people's home folders are not looked up; write the path",
        )),
    }
}

fn walk(
    folder: &Path,
    target: &str,
    depth: usize,
    inputs: &mut Vec<Input>,
    sources: &mut Sources,
) -> std::result::Result<(), String> {
    let said = |path: &Path, reason: &str| format!("{}: {reason}", path.display());
    if depth > MAX_DEPTH {
        return Err(said(folder, "is too deep"));
    }
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = entries.map_err(|error| said(folder, &error.to_string()))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name();
        let name = name
            .to_str()
            .ok_or_else(|| said(&path, "has a name that is no UTF-8"))?;
        let target = match target {
            "" => name.to_string(),
            target => format!("{target}/{name}"),
        };
        // Links are not followed: what a folder holds is what travels.
        let found = entry
            .metadata()
            .map_err(|error| said(&path, &error.to_string()))?;
        if found.is_dir() {
            walk(&path, &target, depth + 1, inputs, sources)?;
        } else {
            inputs.push(file(&path, &target, &found, sources)?);
        }
        if inputs.len() > MAX_INPUTS {
            return Err(format!(
                "has more than {MAX_INPUTS} files; pack them into an archive"
            ));
        }
    }
    Ok(())
}

fn file(
    path: &Path,
    target: &str,
    found: &Metadata,
    sources: &mut Sources,
) -> std::result::Result<Input, String> {
    if found.is_symlink() {
        return Err(format!(
            "{}: is a link; name what it leads to as an input of its own",
            path.display()
        ));
    }
    if !found.is_file() {
        return Err(format!(
            "{}: is neither a file nor a folder",
            path.display()
        ));
    }
    let (sha256, len) = digest(path).map_err(|error| format!("{}: {error}", path.display()))?;
    sources.insert(sha256, path.into());
    Ok(Input {
        target: target.into(),
        sha256,
        len,
        executable: executable(found),
        url: None,
    })
}

#[cfg(unix)]
fn executable(found: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn executable(_: &Metadata) -> bool {
    false
}

/// SHA-256 and length of a file.
fn digest(path: &Path) -> io::Result<(Hash, u64)> {
    let mut hash = Sha256::new();
    let len = io::copy(&mut File::open(path)?, &mut hash)?;
    Ok((Hash(hash.finalize().into()), len))
}
