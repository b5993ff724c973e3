//! The limited disk of a lease: an ext4 image of so many bytes and files on a loop device, all of it taken from the host at once, or
//! memory where the operator says so. Where neither can be made the job is refused, never run without a limit. redteam E2

use crate::error::EngineError;
use rustix::{
    fs::{fallocate, FallocateFlags},
    mount::{unmount, UnmountFlags},
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{fchown, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

const IMAGE: &str = "disk.img";
const MOUNTED: &str = "work";
const SECRETS: &str = "secrets";
/// Smaller ones hold no file system.
const MIN_BYTES: u64 = 1 << 20;
/// What secrets may take: values of a few KiB each.
const SECRETS_BYTES: u64 = 4 << 20;

/// Where the bytes of a disk are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backing {
    /// A file on the host's disk.
    #[default]
    File,
    /// Memory; what the job writes counts as memory that it uses.
    Memory,
}

/// Makes the disk of a lease in its folder, or finds it there, and returns where it is mounted: a folder 0700 of `uid`, without set-id
/// bits and device nodes.
///
/// # Errors
/// The host has no room for it, no loop device, or does not let us mount: [`EngineError::Host`] with `disk`.
pub fn make(dir: &Path, bytes: u64, inodes: u64, uid: u32) -> Result<PathBuf, EngineError> {
    make_on(Backing::File, dir, bytes, inodes, uid)
}

/// Kept without being named by the job: `/work/out` inside.
pub(crate) const OUT: &str = "out";

/// [`make`] with a choice of the backing.
///
/// # Errors
/// As there.
pub fn make_on(
    backing: Backing,
    dir: &Path,
    bytes: u64,
    inodes: u64,
    uid: u32,
) -> Result<PathBuf, EngineError> {
    if bytes < MIN_BYTES {
        return Err(host(&format!(
            "a disk of {bytes} bytes is too small; ask for {MIN_BYTES} at least"
        )));
    }
    let at = dir.join(MOUNTED);
    private(&at)?;
    if !is_mounted(&at) {
        match backing {
            Backing::File => {
                let image = dir.join(IMAGE);
                if !image.exists() {
                    format(dir, &image, bytes, inodes)?;
                }
                tool(
                    "mount",
                    &["-t", "ext4", "-o", "loop,nosuid,nodev,noatime"],
                    &[&image, &at],
                )?;
            }
            Backing::Memory => tmpfs(&at, bytes, inodes)?,
        }
    }
    own(&at, uid)?;
    let out = at.join(OUT);
    // Whatever the job has put in its place since stays as it is, and nobody follows it.
    if fs::create_dir(&out).is_ok() {
        own(&out, uid)?;
    }
    Ok(at)
}

/// The tmpfs of a lease's secrets: memory that is never swapped where the kernel can promise it.
///
/// # Errors
/// As [`make`].
pub fn make_secrets(dir: &Path, uid: u32) -> Result<PathBuf, EngineError> {
    let at = dir.join(SECRETS);
    private(&at)?;
    if !is_mounted(&at) {
        tmpfs(&at, SECRETS_BYTES, 1_024)?;
    }
    own(&at, uid)?;
    Ok(at)
}

/// Takes the mounts of a lease down; the disk's image stays.
///
/// # Errors
/// The kernel does not let go.
pub fn unmount_all(dir: &Path) -> Result<(), EngineError> {
    for name in [SECRETS, MOUNTED] {
        unmount_at(&dir.join(name))?;
    }
    Ok(())
}

/// Takes the secrets away, at the end of a lease whose outputs are kept.
///
/// # Errors
/// As [`unmount_all`].
pub fn erase_secrets(dir: &Path) -> Result<(), EngineError> {
    unmount_at(&dir.join(SECRETS))
}

/// Unmounts the lease's disk and deletes it. The host's blocks are freed, not written over: the host could read them anyway.
///
/// # Errors
/// As [`unmount_all`], or the image cannot be deleted.
pub fn erase(dir: &Path) -> Result<(), EngineError> {
    unmount_all(dir)?;
    let image = dir.join(IMAGE);
    match fs::remove_file(&image) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(EngineError::file(image)(error))
        }
        _ => Ok(()),
    }
}

/// Something is mounted just there.
pub fn is_mounted(at: &Path) -> bool {
    let Ok(at) = at.canonicalize() else {
        return false;
    };
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let at = at.to_string_lossy().replace(' ', "\\040");
    mounts
        .lines()
        .any(|line| line.split(' ').nth(4) == Some(at.as_str()))
}

/// Made beside its name and renamed, so that a half-made one is never found.
fn format(dir: &Path, image: &Path, bytes: u64, inodes: u64) -> Result<(), EngineError> {
    let new = dir.join("disk.new");
    let made = format_at(&new, bytes, inodes)
        .and_then(|()| fs::rename(&new, image).map_err(EngineError::file(image)));
    if made.is_err() {
        fs::remove_file(&new).ok();
    }
    made
}

fn format_at(new: &Path, bytes: u64, inodes: u64) -> Result<(), EngineError> {
    let refused = |error: io::Error| host(&format!("{bytes} bytes cannot be set aside: {error}"));
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(new)
        .map_err(EngineError::file(new))?;
    file.set_permissions(fs::Permissions::from_mode(0o600))
        .map_err(refused)?;
    fallocate(&file, FallocateFlags::empty(), 0, bytes).map_err(|error| refused(error.into()))?;
    drop::<File>(file);
    // ext4 keeps ten for itself; no journal: what a crash tears is a lost run's.
    let inodes = inodes.saturating_add(16).to_string();
    let args = [
        "-q",
        "-F",
        "-m",
        "0",
        "-O",
        "^has_journal,^resize_inode",
        "-E",
        "nodiscard,lazy_itable_init=1,root_owner=0:0",
        "-N",
        &inodes,
    ];
    tool("mkfs.ext4", &args, &[new])
}

fn tmpfs(at: &Path, bytes: u64, inodes: u64) -> Result<(), EngineError> {
    let options = format!(
        "nosuid,nodev,size={bytes},nr_inodes={},mode=0700",
        inodes.saturating_add(2)
    );
    // `noswap` is known since Linux 6.4.
    let with = format!("{options},noswap");
    tool("mount", &["-t", "tmpfs", "-o", &with, "iog"], &[at])
        .or_else(|_| tool("mount", &["-t", "tmpfs", "-o", &options, "iog"], &[at]))
}

fn unmount_at(at: &Path) -> Result<(), EngineError> {
    while is_mounted(at) {
        unmount(at, UnmountFlags::empty())
            .or_else(|_| unmount(at, UnmountFlags::DETACH))
            .map_err(|error| host(&format!("{}: {error}", at.display())))?;
    }
    Ok(())
}

fn private(at: &Path) -> Result<(), EngineError> {
    fs::create_dir_all(at).map_err(EngineError::file(at))
}

fn own(at: &Path, uid: u32) -> Result<(), EngineError> {
    let lost = at.join("lost+found");
    if lost.is_dir() {
        fs::remove_dir_all(&lost).map_err(EngineError::file(lost))?;
    }
    // By the folder that is open: a job of an earlier attempt could put a link in its place.
    let folder = fs::OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_DIRECTORY)
        .open(at)
        .map_err(EngineError::file(at))?;
    fchown(&folder, Some(uid), Some(uid)).map_err(EngineError::file(at))?;
    folder
        .set_permissions(fs::Permissions::from_mode(0o700))
        .map_err(EngineError::file(at))
}

fn tool(program: &str, args: &[&str], paths: &[&Path]) -> Result<(), EngineError> {
    let output = Command::new(program)
        .args(args)
        .args(paths)
        .env("LC_ALL", "C")
        .output();
    let output = output.map_err(|error| host(&format!("{program}: {error}")))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(host(&format!(
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
    }
}

fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "disk",
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests;
