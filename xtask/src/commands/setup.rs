//! `cargo xtask setup`

use anyhow::Result;
use clap::Args;

use crate::sbf::{debian, platform_tools, Recipe};
use crate::{nvrtc, python};

/// Install what the host build and the SBF build need
///
/// Debian packages that are missing are installed with apt-get (and sudo, unless root), and NVIDIA's compiler NVRTC, which the
/// tests of the CUDA kernels need, from the Python registry, as is Ray, which the tests of clusters start. Where `cargo build-sbf` has its
/// platform-tools nothing else is needed; elsewhere an SBF toolchain is made in a cache folder outside the repository.
/// A step that is done is not repeated, and one that was cut off starts again.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Setup {
    /// Make the recipe's toolchain even where `cargo build-sbf` is ready
    #[arg(long)]
    recipe: bool,
    /// Only what the host build and its tests need
    #[arg(long, conflicts_with = "recipe")]
    host_only: bool,
}

const EXAMPLES: &str = "\
Environment:
  IOG_CACHE      where the toolchain is kept (default: $XDG_CACHE_HOME/iog or ~/.cache/iog)
  IOG_SBF_RUST   folder with bin/rustc, bin/cargo and the standard library's source (default: /usr)

Examples:
  cargo xtask setup
  cargo xtask setup --host-only
  IOG_CACHE=/var/cache/iog cargo xtask setup";

impl Setup {
    pub fn run(self) -> Result<()> {
        debian::install_missing(debian::HOST_PACKAGES)?;
        nvrtc::ensure()?;
        python::ray()?;
        if self.host_only {
            return Ok(());
        }
        if !self.recipe && platform_tools::ready() {
            eprintln!("cargo build-sbf and its platform-tools are installed: nothing else to do");
            return Ok(());
        }
        let recipe = Recipe::ensure()?;
        eprintln!("SBF toolchain ready in {}", recipe.folder().display());
        Ok(())
    }
}
