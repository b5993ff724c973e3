//! `cargo xtask idl`

use anyhow::{bail, Context, Result};
use clap::Args;

use crate::{idl, run};

/// Build the programs' IDLs and the clients made from them
///
/// Writes idl/<program>.json, crates/client/src/generated and clients/ts/src/generated. The TypeScript client needs Node (20
/// or later); everything else only cargo and rustfmt.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Idl {
    /// Programs by folder or package name; all of them if none is named
    programs: Vec<String>,
    /// Write nothing and fail if a generated file is out of date
    #[arg(long, conflicts_with = "programs")]
    check: bool,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask idl
  cargo xtask idl token registry
  cargo xtask idl --check";

/// Lines of difference shown before the rest is only counted.
const SHOWN: usize = 20;

impl Idl {
    /// `--check`.
    pub fn check() -> Self {
        Self {
            programs: Vec::new(),
            check: true,
        }
    }

    pub fn run(self) -> Result<()> {
        let idls = idl::build(&self.programs)?;
        let json = idl::json(&idls)?;
        let rust = run::step("generate the Rust client", || idl::rust(&idls))?;
        let mut trees = vec![rust];
        let ready = idl::typescript_ready();
        if ready.is_ok() {
            trees.push(run::step("generate the TypeScript client", || {
                idl::typescript(&idls, &json)
            })?);
        }
        trees.push(json);
        if self.check {
            if ready.is_ok() {
                run::step("type-check the TypeScript client", idl::check_typescript)?;
            }
            return check(&idls, &trees, ready);
        }
        for tree in &trees {
            tree.write()?;
        }
        ready.context(
            "idl/ and the Rust client are written, clients/ts is not: run this again with Node",
        )
    }
}

fn check(idls: &idl::Idls, trees: &[idl::Tree], typescript: Result<()>) -> Result<()> {
    let mut lines = Vec::new();
    for tree in trees {
        lines.extend(tree.differences()?);
    }
    if let Err(why) = typescript {
        eprintln!("note: clients/ts is checked by the hash of its IDLs only: {why:#}");
        if !idl::typescript_is_recorded(idls)? {
            lines.push("clients/ts: made from other IDLs".to_string());
        }
    }
    if lines.is_empty() {
        eprintln!("idl/ and the clients are up to date");
        return Ok(());
    }
    for line in lines.iter().take(SHOWN) {
        eprintln!("  {line}");
    }
    if lines.len() > SHOWN {
        eprintln!("  and {} more", lines.len() - SHOWN);
    }
    bail!("generated files are out of date: run `cargo xtask idl` and commit what it writes")
}
