//! Sizes and places of fields.

use std::fmt::Write;

use anchor_lang_idl_spec::{IdlArrayLen, IdlDefinedFields, IdlType, IdlTypeDefTy};
use anyhow::Result;

use super::Program;
use crate::idl::names::upper;

impl Program<'_> {
    /// Bytes that a value takes, if all values take as many.
    pub fn size(&self, ty: &IdlType) -> Result<Option<usize>> {
        Ok(match ty {
            IdlType::Bool | IdlType::U8 | IdlType::I8 => Some(1),
            IdlType::U16 | IdlType::I16 => Some(2),
            IdlType::U32 | IdlType::I32 => Some(4),
            IdlType::U64 | IdlType::I64 => Some(8),
            IdlType::U128 | IdlType::I128 => Some(16),
            IdlType::Pubkey => Some(32),
            IdlType::Array(inner, IdlArrayLen::Value(len)) => self.size(inner)?.map(|s| s * len),
            IdlType::Defined { name, .. } => match &self.definition(name)?.ty {
                IdlTypeDefTy::Struct { fields } => {
                    let sizes = types_of(fields.as_ref())
                        .into_iter()
                        .map(|ty| self.size(ty));
                    sizes
                        .collect::<Result<Option<Vec<_>>>>()?
                        .map(|sizes| sizes.iter().sum())
                }
                IdlTypeDefTy::Enum { variants } => {
                    variants.iter().all(|v| v.fields.is_none()).then_some(1)
                }
                IdlTypeDefTy::Type { alias } => self.size(alias)?,
            },
            _ => None,
        })
    }

    /// Whether all values of a described type take the same room.
    pub fn is_fixed(&self, name: &str) -> Result<bool> {
        let ty = IdlType::Defined {
            name: name.to_string(),
            generics: vec![],
        };
        Ok(self.size(&ty)?.is_some())
    }

    /// `<FIELD>_AT` for each field that lies at a fixed place, and `SIZE` if the whole is fixed.
    pub fn offsets(&self, name: &str) -> Result<String> {
        let mut out = String::new();
        let mut at = Some(8usize);
        for member in self.fields(name)? {
            let Some(offset) = at else { break };
            let _ = writeln!(
                out,
                "/// Offset of `{}` in the account's data, for filters.",
                member.name
            );
            let _ = writeln!(
                out,
                "pub const {}_AT: usize = {offset};",
                upper(&member.name)
            );
            at = self.size(&member.ty)?.map(|size| offset + size);
        }
        if let Some(size) = at {
            let _ = writeln!(
                out,
                "/// Bytes of the account's data, with the discriminator."
            );
            let _ = writeln!(out, "pub const SIZE: usize = {size};");
        }
        Ok(out)
    }
}

fn types_of(fields: Option<&IdlDefinedFields>) -> Vec<&IdlType> {
    match fields {
        None => vec![],
        Some(IdlDefinedFields::Named(named)) => named.iter().map(|f| &f.ty).collect(),
        Some(IdlDefinedFields::Tuple(types)) => types.iter().collect(),
    }
}
