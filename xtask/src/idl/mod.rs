//! The programs' interface descriptions in idl/, and the clients generated from them.
//!
//! `collect` compiles each program with `idl-build` and reads what its tests print; `assemble` makes one IDL of the pieces;
//! `rust` and `typescript` turn IDLs into clients; `tree` compares with the checkout or writes to it.

mod assemble;
mod collect;
mod names;
mod rust;
mod sources;
mod tree;
mod typescript;

use std::collections::BTreeMap;
use std::fs;

use anchor_lang_idl_spec::Idl;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{repo, run};
use collect::Printed;
use sources::Source;
pub use tree::Tree;

/// IDLs by module name (`token`, `market`): the order in which everything is generated.
pub type Idls = BTreeMap<String, Idl>;

/// Where generated files lie; everything in these folders is ours to replace.
const IDL: &str = "idl";
const RUST: &str = "crates/client/src/generated";
const TYPESCRIPT: &str = "clients/ts/src/generated";

/// Builds the IDLs of the named programs (all, if none is named) and leaves the checked-in ones of the others.
pub fn build(names: &[String]) -> Result<Idls> {
    let sources = sources::all()?;
    let wanted = sources::select(&sources, names)?;
    let mut idls = if names.is_empty() {
        Idls::new()
    } else {
        checked_in()?
    };
    let printed = run::step("print the IDLs", || collect::print(&wanted))?;
    // Dependencies come first, so that a type which a program only borrows is known by the time it turns up there.
    for source in sources.iter().filter(|s| printed.contains_key(&s.package)) {
        let idl = assemble_one(source, &printed[&source.package], &idls)
            .with_context(|| format!("IDL of {}", source.package))?;
        idls.insert(source.module.clone(), idl);
    }
    Ok(idls)
}

fn assemble_one(source: &Source, printed: &Printed, done: &Idls) -> Result<Idl> {
    let lenders = source
        .dependencies
        .iter()
        .filter_map(|module| done.get(module))
        .collect::<Vec<_>>();
    assemble::assemble(printed, &source.declared()?, &lenders)
}

/// What idl/ should hold.
pub fn json(idls: &Idls) -> Result<Tree> {
    let mut tree = Tree::new(IDL);
    for (module, idl) in idls {
        tree.add(&format!("{module}.json"), to_json(idl)?);
    }
    Ok(tree)
}

/// What the Rust client's generated folder should hold.
pub fn rust(idls: &Idls) -> Result<Tree> {
    rust::render(idls, RUST)
}

/// What the TypeScript client's generated folder should hold, once [`typescript_ready`].
pub fn typescript(idls: &Idls, json: &Tree) -> Result<Tree> {
    let mut tree = typescript::render(json, TYPESCRIPT)?;
    tree.add(typescript::HASH_FILE, hash(idls)?);
    Ok(tree)
}

/// Whether the TypeScript client can be generated here; the error says why not.
pub fn typescript_ready() -> Result<()> {
    typescript::ready()
}

/// Type-checks the TypeScript client as it lies there.
pub fn check_typescript() -> Result<()> {
    typescript::check_types()
}

/// The IDLs' hash recorded beside the TypeScript client agrees: all that can be checked where Codama does not run.
pub fn typescript_is_recorded(idls: &Idls) -> Result<bool> {
    let path = repo::root().join(TYPESCRIPT).join(typescript::HASH_FILE);
    Ok(fs::read_to_string(path).is_ok_and(|recorded| hash(idls).is_ok_and(|now| now == recorded)))
}

fn hash(idls: &Idls) -> Result<String> {
    let mut hash = Sha256::new();
    for (module, idl) in idls {
        let text = to_json(idl)?;
        hash.update(format!("{module} {}\n", text.len()));
        hash.update(text);
    }
    let hex: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Ok(hex + "\n")
}

fn to_json(idl: &Idl) -> Result<String> {
    Ok(serde_json::to_string_pretty(idl)? + "\n")
}

fn checked_in() -> Result<Idls> {
    let mut idls = Idls::new();
    let folder = repo::root().join(IDL);
    if !folder.exists() {
        return Ok(idls);
    }
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let (Some(stem), Some("json")) = (
            path.file_stem().and_then(|s| s.to_str()),
            path.extension().and_then(|s| s.to_str()),
        ) else {
            continue;
        };
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let idl = serde_json::from_str(&text).with_context(|| format!("{}", path.display()))?;
        idls.insert(stem.to_string(), idl);
    }
    Ok(idls)
}
