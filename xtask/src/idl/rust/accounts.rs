//! Accounts: a file each, with discriminator, size and field offsets.

use std::collections::BTreeSet;

use anyhow::Result;

use super::types::foreign_imports;
use super::Program;
use crate::idl::names::snake;

/// Files by path under the program's folder.
pub fn render(program: &Program<'_>) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut index = String::from("//! What the program keeps.\n\n");
    let mut reexports = String::new();
    for account in &program.idl.accounts {
        let name = &account.name;
        let file = snake(name);
        index += &format!("mod {file};\n");
        reexports += &format!("pub use {file}::{name};\n");

        let mut uses = BTreeSet::new();
        let structure = program.structure(name, &mut uses)?;
        let offsets = program.offsets(name)?;
        let body = format!(
            "{structure}
impl {name} {{
{offsets}}}

impl AccountData for {name} {{
    const NAME: &'static str = {name:?};
    const OWNER: Pubkey = crate::generated::{module}::ID;
    const DISCRIMINATOR: [u8; 8] = {discriminator:?};
}}
",
            module = program.module,
            discriminator = account.discriminator,
        );
        let imports = program.imports(&uses, "") + &foreign_imports(&body);
        let text = format!("use crate::account::AccountData;\n{imports}\n{body}");
        files.push((format!("accounts/{file}.rs"), text));
    }
    files.push(("accounts/mod.rs".into(), index + "\n" + &reexports));
    Ok(files)
}
