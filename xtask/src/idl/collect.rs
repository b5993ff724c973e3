//! Compiles programs with `idl-build` and reads the pieces of their IDLs.
//!
//! Anchor's derive leaves tests that print JSON between marker lines. The crate `anchor-lang-idl` can run them too, but it
//! calls `cargo "+{toolchain}"` literally wherever rustup has set RUSTUP_TOOLCHAIN, and
//! lets a type of another program replace one of the same name. So we run the tests ourselves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anchor_lang_idl_spec::{Idl, IdlConst, IdlErrorCode, IdlEvent, IdlTypeDef};
use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::Deserialize;
use serde_json::Value;

use super::sources::Source;
use crate::{repo, run};

/// The pieces as printed, in no useful order and with foreign types among them.
pub struct Printed {
    pub address: String,
    pub program: Idl,
    pub events: Vec<PrintedEvent>,
    pub errors: Vec<IdlErrorCode>,
    pub constants: Vec<IdlConst>,
}

#[derive(Deserialize)]
pub struct PrintedEvent {
    pub event: IdlEvent,
    pub types: Vec<IdlTypeDef>,
}

/// The pieces of each program, by package.
pub fn print(sources: &[Source]) -> Result<BTreeMap<String, Printed>> {
    let mut printed = BTreeMap::new();
    for source in sources {
        let test = compile(source).with_context(|| format!("compiling {}", source.package))?;
        let text = run::output(
            Command::new(&test)
                .args(["__anchor_private_print_idl", "--show-output"])
                .current_dir(repo::programs()),
            "the tests that print an IDL must pass",
        )?;
        let pieces = parse(&text).with_context(|| format!("what {} prints", source.package))?;
        printed.insert(source.package.clone(), pieces);
    }
    Ok(printed)
}

/// Compiles a program's tests and returns the binary.
///
/// Not all programs in one call of cargo: features would be united, and a program that others call (feature `cpi`) has an
/// interface only, which prints no IDL.
fn compile(source: &Source) -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["test", "--lib", "--no-run", "--features", "idl-build"])
        .args([
            "--message-format",
            "json-render-diagnostics",
            "--package",
            &source.package,
        ])
        .current_dir(repo::programs())
        // A folder of our own: no waiting for other builds, and no rebuilds because of other features.
        .env("CARGO_TARGET_DIR", repo::root().join("target/idl"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_TEST_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0")
        // The programs' own build reports warnings.
        .env("RUSTFLAGS", "-A warnings");
    let text = run::output(
        &mut cargo,
        "the program must compile with its feature idl-build",
    )?;
    text.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo named no test binary")
}

fn parse(text: &str) -> Result<Printed> {
    let address = sections(text, "address").next().context("no address")?;
    let program = sections(text, "program").next().context("no program")?;
    Ok(Printed {
        address: address.trim().to_string(),
        program: serde_json::from_str(program).context("program")?,
        events: each(text, "event")?,
        errors: each::<Vec<_>>(text, "errors")?
            .into_iter()
            .flatten()
            .collect(),
        constants: each(text, "const")?,
    })
}

fn each<T: DeserializeOwned>(text: &str, kind: &str) -> Result<Vec<T>> {
    sections(text, kind)
        .map(|json| serde_json::from_str(json).with_context(|| format!("{kind}: {json}")))
        .collect()
}

fn sections<'a>(text: &'a str, kind: &str) -> impl Iterator<Item = &'a str> {
    let end = format!("\n--- IDL end {kind} ---");
    text.split(&format!("--- IDL begin {kind} ---\n"))
        .skip(1)
        .filter_map(move |rest| rest.split_once(&end).map(|(section, _)| section))
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_section_of_a_kind() {
        let text = "x\n--- IDL begin event ---\n1\n--- IDL end event ---\n--- IDL begin event ---\n2\n--- IDL end event ---";
        assert_eq!(sections(text, "event").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(sections(text, "errors").count(), 0);
    }
}
