//! Plain types, and how any type is written in Rust.

use std::collections::BTreeSet;
use std::fmt::Write;

use anchor_lang_idl_spec::{
    IdlArrayLen, IdlDefinedFields, IdlField, IdlType, IdlTypeDef, IdlTypeDefTy,
};
use anyhow::{bail, Context, Result};

use super::Program;
use crate::idl::names::field;

impl Program<'_> {
    pub fn definition(&self, name: &str) -> Result<&IdlTypeDef> {
        let found = self.idl.types.iter().find(|t| t.name == name);
        found.with_context(|| format!("type {name} is not described"))
    }

    /// The module that a described type is rendered to.
    fn home(&self, name: &str) -> &'static str {
        if self.idl.accounts.iter().any(|a| a.name == name) {
            "accounts"
        } else if self.idl.events.iter().any(|e| e.name == name) {
            "events"
        } else {
            "types"
        }
    }

    /// The type as written in Rust; described types are added to `uses`.
    pub fn rust(&self, ty: &IdlType, uses: &mut BTreeSet<String>) -> Result<String> {
        Ok(match ty {
            IdlType::Bool => "bool".into(),
            IdlType::U8 => "u8".into(),
            IdlType::I8 => "i8".into(),
            IdlType::U16 => "u16".into(),
            IdlType::I16 => "i16".into(),
            IdlType::U32 => "u32".into(),
            IdlType::I32 => "i32".into(),
            IdlType::U64 => "u64".into(),
            IdlType::I64 => "i64".into(),
            IdlType::U128 => "u128".into(),
            IdlType::I128 => "i128".into(),
            IdlType::Bytes => "Vec<u8>".into(),
            IdlType::String => "String".into(),
            IdlType::Pubkey => "Pubkey".into(),
            IdlType::Option(inner) => format!("Option<{}>", self.rust(inner, uses)?),
            IdlType::Vec(inner) => format!("Vec<{}>", self.rust(inner, uses)?),
            IdlType::Array(inner, IdlArrayLen::Value(len)) => {
                format!("[{}; {len}]", self.rust(inner, uses)?)
            }
            IdlType::Defined { name, generics } if generics.is_empty() => {
                uses.insert(name.clone());
                name.clone()
            }
            other => bail!("the client has no Rust for {other:?}"),
        })
    }

    /// The fields of a described struct, in the order of their bytes.
    pub fn fields(&self, name: &str) -> Result<&[IdlField]> {
        match &self.definition(name)?.ty {
            IdlTypeDefTy::Struct { fields: None } => Ok(&[]),
            IdlTypeDefTy::Struct {
                fields: Some(IdlDefinedFields::Named(fields)),
            } => Ok(fields),
            _ => bail!("{name} is not a struct with named fields"),
        }
    }

    /// Imports for the described types in `uses`, seen from any file of the program.
    pub fn imports(&self, uses: &BTreeSet<String>, but_from: &str) -> String {
        let mut out = String::new();
        for name in uses.iter().filter(|name| self.home(name) != but_from) {
            let _ = writeln!(
                out,
                "use crate::generated::{}::{}::{name};",
                self.module,
                self.home(name)
            );
        }
        out
    }

    /// A struct with its docs and derives.
    pub fn structure(&self, name: &str, uses: &mut BTreeSet<String>) -> Result<String> {
        let def = self.definition(name)?;
        let mut out = docs(&def.docs);
        let copy = if self.home(name) == "types" && self.is_fixed(name)? {
            "Copy, "
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "#[derive(Clone, {copy}Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]"
        );
        let _ = writeln!(out, "pub struct {name} {{");
        for member in self.fields(name)? {
            let ty = self.rust(&member.ty, uses)?;
            let _ = writeln!(
                out,
                "{}pub {}: {ty},",
                docs(&member.docs),
                field(&member.name)
            );
        }
        out.push_str("}\n");
        Ok(out)
    }

    fn enumeration(&self, def: &IdlTypeDef, uses: &mut BTreeSet<String>) -> Result<String> {
        let IdlTypeDefTy::Enum { variants } = &def.ty else {
            bail!("{} is not an enum", def.name);
        };
        let mut out = docs(&def.docs);
        let _ = writeln!(
            out,
            "#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]"
        );
        let _ = writeln!(out, "pub enum {} {{", def.name);
        for variant in variants {
            let body = match &variant.fields {
                None => String::new(),
                Some(IdlDefinedFields::Named(fields)) => {
                    let mut body = String::from("{");
                    for member in fields {
                        let _ = write!(
                            body,
                            "{}: {},",
                            field(&member.name),
                            self.rust(&member.ty, uses)?
                        );
                    }
                    body + "}"
                }
                Some(IdlDefinedFields::Tuple(types)) => {
                    let types: Result<Vec<_>> =
                        types.iter().map(|ty| self.rust(ty, uses)).collect();
                    format!("({})", types?.join(", "))
                }
            };
            let _ = writeln!(out, "{}{body},", variant.name);
        }
        out.push_str("}\n");
        Ok(out)
    }
}

/// Types that are neither accounts nor events.
pub fn render(program: &Program<'_>) -> Result<String> {
    let mut uses = BTreeSet::new();
    let mut body = String::new();
    for def in program
        .idl
        .types
        .iter()
        .filter(|t| program.home(&t.name) == "types")
    {
        body += &match &def.ty {
            IdlTypeDefTy::Struct { .. } => program.structure(&def.name, &mut uses)?,
            IdlTypeDefTy::Enum { .. } => program.enumeration(def, &mut uses)?,
            IdlTypeDefTy::Type { alias } => {
                format!(
                    "{}pub type {} = {};\n",
                    docs(&def.docs),
                    def.name,
                    program.rust(alias, &mut uses)?
                )
            }
        };
        body.push('\n');
    }
    if body.is_empty() {
        return Ok("//! The program has no types besides accounts and events.\n".into());
    }
    let imports = program.imports(&uses, "types") + &foreign_imports(&body);
    Ok(format!(
        "//! Arguments and parts of accounts.\n\n{imports}\n{body}"
    ))
}

/// Imports of what the text mentions from other crates.
pub fn foreign_imports(body: &str) -> String {
    let mut out = String::new();
    if body.contains("BorshSerialize") {
        out += "use borsh::{BorshDeserialize, BorshSerialize};\n";
    }
    if body.contains("Pubkey") {
        out += "use solana_pubkey::Pubkey;\n";
    }
    out
}

/// Doc comments; `CHECK:` is a note to Anchor, not to readers.
pub fn docs(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| format!("/// {}\n", line.strip_prefix("CHECK: ").unwrap_or(line)))
        .collect()
}
