//! The recipe as a whole, and a build with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::cache::{key, Cache};
use super::linker::Linker;
use super::llvm::Llvm;
use super::rust::{self, Rust};
use crate::programs::Program;
use crate::{repo, run};

/// Names the target folder, and `target_triple` in messages.
const TARGET: &str = "sbf-solana";

/// cpu v3: v4 emits byte swaps and indirect jumps that SBPF v3 refuses, v0 has frames with gaps where stack arguments
/// fault. Jump tables are not relocatable there, hence their minimum. Atomics become plain loads and stores.
const RUSTFLAGS: &[&str] = &[
    "--cfg=iog_sbf_recipe",
    "-Ctarget-cpu=v3",
    "-Crelocation-model=static",
    "-Cpasses=lower-atomic",
    "-Clink-arg=--arch=v3",
    "-Clink-arg=--deploy=false",
    "-Clink-arg=--llvm-args=--bpf-stack-size=4096",
    "-Clink-arg=--llvm-args=--disable-movsx",
    "-Clink-arg=--llvm-args=--disable-ldsx",
    "-Clink-arg=--llvm-args=--bpf-min-jump-table-entries=1000000",
];

const FORMER_RECIPE_KEPT: Duration = Duration::from_secs(24 * 3600);

/// Everything that a build needs, in the cache.
pub struct Recipe {
    rust: Rust,
    llvm: Llvm,
    linker: Linker,
    key: String,
    folder: PathBuf,
}

impl Recipe {
    /// Makes what is missing. Takes no time when nothing is.
    pub fn ensure() -> Result<Self> {
        let rust = Rust::ensure()?;
        let cache = Cache::open()?;
        let llvm = Llvm::ensure(&cache)?;
        let linker = Linker::ensure(&cache, &rust, &llvm)?;
        let script = wrapper_text()?;
        let patch = rust::patch_text()?;
        let spec = rust.target_spec("")?;
        let parts = [
            rust.version.as_bytes(),
            spec.as_bytes(),
            linker.key.as_bytes(),
            &script,
            &patch,
        ];
        let key = key(parts
            .into_iter()
            .chain(RUSTFLAGS.iter().map(|f| f.as_bytes())));
        let folder = cache.part("sdk", &key, |folder| {
            rust.copy_std(folder)?;
            let wrapper = folder.join("link");
            fs::write(&wrapper, &script)?;
            fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
            // The folder is renamed when it is whole, and the specification names the wrapper where it will be.
            let wrapper = folder.with_extension("").join("link");
            let spec = rust.target_spec(wrapper.to_str().context("cache path is not UTF-8")?)?;
            fs::write(folder.join(format!("{TARGET}.json")), spec)?;
            Ok(())
        })?;
        Ok(Self {
            rust,
            llvm,
            linker,
            key,
            folder,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Compiles one program. Each has its own cargo run: together their dependencies' features would be merged, and a
    /// program would have other bytes when it is built with others than when it is built alone.
    pub fn build(&self, program: &Program, deploy: &Path) -> Result<()> {
        let target = self.target_folder()?;
        run::step(&format!("{} (recipe)", program.lib), || {
            let mut cargo = self.rust.cargo()?;
            cargo
                // As a cdylib alone: cargo skips link-time optimisation for a crate that is a library too.
                .args(["rustc", "--release", "--lib", "--crate-type", "cdylib"])
                .args(["--package", &program.package])
                .arg("--target")
                .arg(self.folder.join(format!("{TARGET}.json")))
                .args(["-Zjson-target-spec", "-Zbuild-std=std,panic_abort"])
                .arg("--target-dir")
                .arg(&target)
                .current_dir(repo::programs())
                // A program is also compiled without its entry point, for those that call it. Cargo gives both the same
                // file names and so builds each again and again, unless it is told to put a hash in.
                .env("__CARGO_DEFAULT_LIB_METADATA", TARGET)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("RUSTC_BOOTSTRAP_SYNTHETIC_TARGET", "1")
                .env("__CARGO_TESTS_ONLY_SRC_ROOT", self.folder.join("library"))
                .env("CARGO_ENCODED_RUSTFLAGS", self.rustflags()?.join("\x1f"))
                .env("IOG_SBF_LLVM", self.llvm.root())
                .env("IOG_SBF_LINKER", &self.linker.program);
            run::check(&mut cargo, "the compiler's messages above say why")?;
            let built = target.join(TARGET).join("release");
            let built = built.join(format!("lib{}", program.so()));
            repo::copy_if_changed(&built, &deploy.join(program.so()))
        })
    }

    /// The flags, and neutral names for the folders of this machine: a panic carries the name of its source file, which
    /// would make a program's bytes depend on who built it.
    fn rustflags(&self) -> Result<Vec<String>> {
        let registry = repo::cargo_home()?.join("registry/src");
        let names = [
            (registry, "registry"),
            (self.folder.join("library"), "library"),
            (repo::root(), "."),
        ];
        let mut flags: Vec<String> = RUSTFLAGS.iter().map(|flag| flag.to_string()).collect();
        for (folder, name) in names {
            flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
        }
        Ok(flags)
    }

    /// Cargo does not see that std's source or the linker changed, so every recipe has its own target folder. Those of
    /// former recipes go when they are a day old: a build with one may still run.
    fn target_folder(&self) -> Result<PathBuf> {
        let all = repo::root().join("target/sbf");
        let ours = all.join(&self.key);
        fs::create_dir_all(&ours).with_context(|| format!("creating {}", ours.display()))?;
        for entry in fs::read_dir(&all)? {
            let path = entry?.path();
            let age = fs::metadata(&path)?
                .modified()?
                .elapsed()
                .unwrap_or_default();
            if path != ours && age > FORMER_RECIPE_KEPT {
                fs::remove_dir_all(&path)
                    .with_context(|| format!("removing {}", path.display()))?;
            }
        }
        Ok(ours)
    }
}

fn wrapper_text() -> Result<Vec<u8>> {
    let path = repo::root().join("toolchain/link.sh");
    fs::read(&path).with_context(|| format!("reading {}", path.display()))
}
