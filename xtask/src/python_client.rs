//! The Python client: its wheel, its types, its tests against the built programs.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};

use crate::{python, repo, run};

const TOOLS: &str = include_str!("../../clients/python/requirements-dev.txt");
const BINARIES: [(&str, &str); 2] = [("IOG_BIN", "iog"), ("IOG_KEEPER_BIN", "iog-keeper")];

/// Builds the wheel, installs it as a user would, and tests that with the binaries that the host's tests built. `full`: with Ray, too.
pub fn check(full: bool) -> Result<()> {
    let tools = python::venv("client", TOOLS)?;
    let source = repo::root().join("clients/python");
    let made = repo::root().join("target/python");
    let installed = install(&tools, &source, &made)?;
    let tool = |name: &str, args: &[&OsStr]| {
        let mut command = Command::new(tools.join("bin").join(name));
        command.args(args).current_dir(&source);
        command
    };
    let of = OsStr::new;
    let advice = "see its output above";
    run::check(&mut tool("ruff", &[of("check"), of("--no-cache")]), advice)?;
    let formatted = [of("format"), of("--check"), of("--no-cache")];
    run::check(
        &mut tool("ruff", &formatted),
        "run ruff format in clients/python",
    )?;
    let cache = made.join("mypy");
    run::check(
        &mut tool("mypy", &[of("--cache-dir"), cache.as_os_str()]),
        advice,
    )?;
    // Of the last a run of its own: a device that was hired is taken for an hour.
    let short = ["not ray and not lab"];
    let long = ["not lab", "lab"];
    let runs: &[&str] = if full { &long } else { &short };
    for chosen in runs {
        let mut tests = tool("python3", &[of("-B"), of("-m"), of("pytest"), of("-q")]);
        tests.args(["-m", chosen]).env("PYTHONPATH", &installed);
        if full {
            tests.env("IOG_RAY", python::ray()?);
        }
        for (variable, name) in BINARIES {
            tests.env(variable, built(name)?);
        }
        run::check(&mut tests, advice)?;
    }
    Ok(())
}

/// The wheel into a folder of its own: the environment is of all checkouts.
fn install(tools: &Path, source: &Path, made: &Path) -> Result<PathBuf> {
    let (wheels, installed) = (made.join("wheel"), made.join("installed"));
    for old in [&wheels, &installed] {
        if old.exists() {
            fs::remove_dir_all(old).with_context(|| old.display().to_string())?;
        }
    }
    let pip = || {
        let mut command = Command::new(tools.join("bin/python3"));
        command.args(["-m", "pip", "--quiet", "--no-input"]);
        command.arg("--disable-pip-version-check");
        command
    };
    let advice = "the wheel of clients/python";
    let mut build = pip();
    build.args([
        "wheel",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-w",
    ]);
    run::quiet(build.arg(&wheels).arg(source), advice)?;
    let mut found = fs::read_dir(&wheels)?.collect::<std::io::Result<Vec<_>>>()?;
    let (Some(wheel), true) = (found.pop(), found.is_empty()) else {
        bail!("not one wheel in {}", wheels.display());
    };
    let mut add = pip();
    add.args(["install", "--no-deps", "--no-index", "--target"]);
    run::quiet(add.arg(&installed).arg(wheel.path()), advice)?;
    Ok(installed)
}

fn built(name: &str) -> Result<PathBuf> {
    let path = repo::root().join("target/debug").join(name);
    if !path.is_file() {
        bail!("{} is not there: the host's tests build it", path.display());
    }
    Ok(path)
}
