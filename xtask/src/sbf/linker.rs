//! `sbpf-linker` built against LLVM 23: it joins the bitcode, runs the backend and writes the program.

use std::path::PathBuf;

use anyhow::Result;

use super::cache::{key, Cache};
use super::llvm::Llvm;
use super::rust::Rust;
use crate::run;

const VERSION: &str = "sbpf-linker@0.2.6";
const FEATURES: &str = "bpf-linker/llvm-23";
/// Named after the version of the `llvm-sys` crate in this linker's lock file.
const PREFIX_VARIABLE: &str = "LLVM_SYS_231_PREFIX";

pub struct Linker {
    pub key: String,
    pub program: PathBuf,
}

impl Linker {
    pub fn ensure(cache: &Cache, rust: &Rust, llvm: &Llvm) -> Result<Self> {
        let key = key([&llvm.key, VERSION, FEATURES]);
        let folder = cache.part("linker", &key, |folder| {
            // sid's libraries want a newer C library than the system's, which the loader brings when the linker runs.
            let mut flags = String::from("-C link-arg=-Wl,--allow-shlib-undefined");
            for library in llvm.libraries() {
                flags.push_str(&format!(" -L native={}", library.display()));
            }
            let mut cargo = rust.cargo()?;
            cargo
                .args(["install", VERSION, "--locked", "--no-default-features"])
                .args(["--features", FEATURES, "--root"])
                .arg(folder)
                .env("CARGO_TARGET_DIR", folder.join("build"))
                .env(PREFIX_VARIABLE, llvm.prefix())
                .env("RUSTFLAGS", flags);
            run::quiet(
                &mut cargo,
                "it needs a C compiler and the crate registry: run it again",
            )?;
            std::fs::remove_dir_all(folder.join("build"))?;
            Ok(())
        })?;
        Ok(Self {
            key,
            program: folder.join("bin/sbpf-linker"),
        })
    }
}
