//! `cargo xtask build`

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::programs::{self, Program};
use crate::repo;
use crate::sbf::{platform_tools, Recipe};

/// Compile programs to SBF
///
/// Leaves target/deploy/<program>.so and <program>-keypair.json. Uses `cargo build-sbf` where it is installed with its
/// platform-tools, else the recipe of toolchain/ (made by `cargo xtask setup`, which runs first if need be).
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Build {
    /// Programs by folder or package name; all of them if none is named
    programs: Vec<String>,
    /// What compiles
    #[arg(long, value_enum, default_value_t = With::Auto)]
    with: With,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum With {
    /// platform-tools if installed, else the recipe
    Auto,
    /// `cargo build-sbf`
    PlatformTools,
    /// rustc and LLVM from Debian
    Recipe,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask build
  cargo xtask build token market
  cargo xtask build --with recipe conformance";

impl Build {
    /// Every program, with what is there.
    pub fn all() -> Self {
        Self {
            programs: Vec::new(),
            with: With::Auto,
        }
    }

    pub fn run(self) -> Result<()> {
        let programs = programs::select(&self.programs)?;
        let deploy = repo::deploy();
        fs::create_dir_all(&deploy).with_context(|| format!("creating {}", deploy.display()))?;
        let platform_tools = match self.with {
            With::Auto => platform_tools::ready(),
            With::PlatformTools => true,
            With::Recipe => false,
        };
        if platform_tools {
            for program in &programs {
                platform_tools::build(program, &deploy)?;
            }
        } else {
            let recipe = Recipe::ensure()?;
            for program in &programs {
                recipe.build(program, &deploy)?;
            }
        }
        for program in &programs {
            install_keypair(program, &deploy)?;
        }
        print_sizes(&programs, &deploy)
    }
}

/// Local networks deploy to the ids that the source declares, so a keypair that some tool generated is replaced.
fn install_keypair(program: &Program, deploy: &Path) -> Result<()> {
    let name = format!("{}-keypair.json", program.lib);
    let source = repo::root().join("toolchain/keys").join(&name);
    if !source.exists() {
        eprintln!(
            "note: no {} in toolchain/keys; the program has no fixed local id",
            name
        );
        return Ok(());
    }
    repo::copy_if_changed(&source, &deploy.join(&name))
}

fn print_sizes(programs: &[Program], deploy: &Path) -> Result<()> {
    // On standard error: `cargo xtask demo --json` builds first, and prints JSON alone.
    eprintln!("{:<20} {:>10}", "program", "bytes");
    for program in programs {
        let path = deploy.join(program.so());
        let bytes = fs::metadata(&path)
            .with_context(|| format!("the build left no {}", path.display()))?
            .len();
        eprintln!("{:<20} {:>10}", program.lib, bytes);
    }
    Ok(())
}
