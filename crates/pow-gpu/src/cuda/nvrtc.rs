//! Finding NVRTC and compiling with it. It needs neither a card nor a driver.

use super::{Target, SOURCE};
use cudarc::nvrtc::{
    compile_ptx_with_opts, result::NvrtcError, sys, CompileError, CompileOptions, Ptx,
};
use iog_pow::ProverError;
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

/// Where the library, or the folder that holds it, may be named.
const VARIABLE: &str = "IOG_NVRTC";

/// The kernels for a card, compiled once: a machine with eight cards of a kind need not wait eight times.
pub(super) fn kernels(target: Target) -> Result<Ptx, ProverError> {
    static DONE: Mutex<Vec<(Target, Ptx)>> = Mutex::new(Vec::new());
    let mut done = DONE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, ptx)) = done.iter().find(|(of, _)| *of == target) {
        return Ok(ptx.clone());
    }
    let ptx = compile(target)?;
    done.push((target, ptx.clone()));
    Ok(ptx)
}

fn compile(target: Target) -> Result<Ptx, ProverError> {
    static FOUND: OnceLock<Result<(), String>> = OnceLock::new();
    FOUND
        .get_or_init(find)
        .clone()
        .map_err(ProverError::Unavailable)?;
    let options = CompileOptions {
        options: vec![
            format!("--gpu-architecture=compute_{}", target.architecture),
            format!("-DIOG_MATH={}", target.math as u32),
            "--std=c++17".into(),
        ],
        name: Some("walk.cu".into()),
        ..CompileOptions::default()
    };
    compile_ptx_with_opts(SOURCE, options).map_err(|error| match error {
        CompileError::CompileError { log, .. } => {
            ProverError::Device(format!("NVRTC: {}", log.to_string_lossy()))
        }
        CompileError::CreationError(NvrtcError(code)) => {
            ProverError::Device(format!("NVRTC: {code:?}"))
        }
        other => ProverError::Device(format!("NVRTC: {other}")),
    })
}

/// Makes sure that NVRTC is loaded: the one that is named, the system's, the one in the tool cache.
fn find() -> Result<(), String> {
    if let Some(named) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        let named = PathBuf::from(named);
        let library = if named.is_dir() {
            in_folder(&named)
                .ok_or_else(|| format!("{VARIABLE}={} holds no NVRTC", named.display()))?
        } else {
            named
        };
        load(&library)?;
    } else if !is_present() {
        if let Some(library) = cached() {
            load(&library)?;
        }
    }
    if is_present() {
        return Ok(());
    }
    Err(format!(
        "NVRTC of CUDA 12 is not installed; install it (`cargo xtask setup`, or PyPI's nvidia-cuda-nvrtc-cu12) and set \
         {VARIABLE} to the folder of libnvrtc.so.12"
    ))
}

/// Whether NVRTC can be found by its name. The bindings end the process where it cannot.
fn is_present() -> bool {
    #[allow(unsafe_code)]
    // SAFETY: it loads a library by NVRTC's names, whose initialisers touch nothing of ours.
    unsafe {
        sys::is_culib_present()
    }
}

/// Loads NVRTC with the part that it looks for by name itself.
fn load(library: &Path) -> Result<(), String> {
    let folder = library.parent().unwrap_or(Path::new("."));
    let builtins = matching(folder, "libnvrtc-builtins.so");
    for path in builtins.iter().map(PathBuf::as_path).chain([library]) {
        #[allow(unsafe_code)]
        // SAFETY: the library that the operator or our setup put there; NVRTC's initialisers touch nothing of ours.
        let loaded = unsafe { libloading::Library::new(path) };
        // Kept for good: a library that is loaded is found by its name.
        std::mem::forget(loaded.map_err(|error| format!("{}: {error}", path.display()))?);
    }
    Ok(())
}

/// NVRTC in the tool cache, where `cargo xtask setup` puts it.
fn cached() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let cache = set("IOG_CACHE")
        .map(PathBuf::from)
        .or_else(|| set("XDG_CACHE_HOME").map(|base| Path::new(&base).join("iog")))
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache/iog")))?;
    let versions = fs::read_dir(cache.join("nvrtc")).ok()?.flatten();
    let mut folders = versions.map(|version| version.path());
    // What setup has not finished is called `.part`.
    folders.find_map(|folder| {
        let whole = folder
            .extension()
            .is_none_or(|extension| extension != "part");
        in_folder(&folder.join("nvidia/cuda_nvrtc/lib")).filter(|_| whole)
    })
}

fn in_folder(folder: &Path) -> Option<PathBuf> {
    matching(folder, "libnvrtc.so").into_iter().next()
}

/// Files of a folder whose names begin so.
fn matching(folder: &Path, start: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = files.filter(|file| file.file_name().to_string_lossy().starts_with(start));
    names.map(|file| file.path()).collect()
}

#[cfg(test)]
mod tests;
