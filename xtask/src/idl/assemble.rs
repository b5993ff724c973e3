//! One IDL out of the printed pieces: own types only, sorted, with every reference resolved.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang_idl_spec::{
    Idl, IdlDefinedFields, IdlGenericArg, IdlInstructionAccountItem, IdlType, IdlTypeDef,
    IdlTypeDefTy,
};
use anyhow::{bail, ensure, Result};

use super::collect::Printed;

/// `declared` are the names in the program's own sources; `lenders` the IDLs of programs it is compiled with.
pub fn assemble(printed: &Printed, declared: &BTreeSet<String>, lenders: &[&Idl]) -> Result<Idl> {
    let mut idl = printed.program.clone();
    idl.address.clone_from(&printed.address);
    // A program that reads another's accounts prints those as well; they are in the other program's IDL.
    idl.accounts
        .retain(|account| declared.contains(&account.name));
    idl.accounts.sort_by(|a, b| a.name.cmp(&b.name));
    idl.accounts.dedup();
    idl.events = printed.events.iter().map(|e| e.event.clone()).collect();
    idl.events.sort_by(|a, b| a.name.cmp(&b.name));
    idl.errors.clone_from(&printed.errors);
    idl.errors.sort_by_key(|error| error.code);
    idl.constants.clone_from(&printed.constants);
    idl.constants.sort_by(|a, b| a.name.cmp(&b.name));

    let mut types = by_name(printed, declared, lenders)?;
    let needed = reachable(&idl, &types)?;
    types.retain(|name, _| needed.contains(name));
    idl.types = types.into_values().collect();

    drop_address_paths(&mut idl)?;
    verify(&idl)?;
    Ok(idl)
}

/// The printed types by name. Where several programs have a `Config`, ours is the one that no other program lends us; a name
/// that only others use, for different types, is left out.
fn by_name(
    printed: &Printed,
    declared: &BTreeSet<String>,
    lenders: &[&Idl],
) -> Result<BTreeMap<String, IdlTypeDef>> {
    let lent = |def: &IdlTypeDef| lenders.iter().any(|idl| idl.types.contains(def));
    let of_events = printed.events.iter().flat_map(|e| &e.types);
    let mut namesakes: BTreeMap<&str, Vec<&IdlTypeDef>> = BTreeMap::new();
    for def in printed.program.types.iter().chain(of_events) {
        let defs = namesakes.entry(&def.name).or_default();
        if !defs.contains(&def) {
            defs.push(def);
        }
    }
    let mut types = BTreeMap::new();
    for (name, mut defs) in namesakes {
        if defs.len() > 1 {
            defs.retain(|def| declared.contains(name) && !lent(def));
        }
        match defs[..] {
            [] => {}
            [def] => {
                types.insert(name.to_string(), def.clone());
            }
            _ => bail!("several types are named {name}: rename one, or build the IDL of the program it is from first"),
        }
    }
    Ok(types)
}

/// Names of the types that instructions, events and own accounts are made of.
fn reachable(idl: &Idl, types: &BTreeMap<String, IdlTypeDef>) -> Result<BTreeSet<String>> {
    let mut open: Vec<String> = Vec::new();
    open.extend(idl.accounts.iter().map(|a| a.name.clone()));
    open.extend(idl.events.iter().map(|e| e.name.clone()));
    for instruction in &idl.instructions {
        for ty in instruction
            .args
            .iter()
            .map(|a| &a.ty)
            .chain(&instruction.returns)
        {
            named(ty, &mut open);
        }
    }
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some(def) = types.get(&name) else {
            bail!(
                "{name} is used but not described: spell an alias out (`[u8; 20]`), derive IdlType for a struct"
            );
        };
        if found.insert(name) {
            fields(&def.ty)
                .into_iter()
                .for_each(|ty| named(ty, &mut open));
        }
    }
    Ok(found)
}

fn fields(ty: &IdlTypeDefTy) -> Vec<&IdlType> {
    match ty {
        IdlTypeDefTy::Struct { fields } => types_in(fields.as_ref()),
        IdlTypeDefTy::Enum { variants } => variants
            .iter()
            .flat_map(|v| types_in(v.fields.as_ref()))
            .collect(),
        IdlTypeDefTy::Type { alias } => vec![alias],
    }
}

fn types_in(fields: Option<&IdlDefinedFields>) -> Vec<&IdlType> {
    match fields {
        None => vec![],
        Some(IdlDefinedFields::Named(named)) => named.iter().map(|f| &f.ty).collect(),
        Some(IdlDefinedFields::Tuple(types)) => types.iter().collect(),
    }
}

fn named(ty: &IdlType, names: &mut Vec<String>) {
    match ty {
        IdlType::Option(inner) | IdlType::Vec(inner) | IdlType::Array(inner, _) => {
            named(inner, names);
        }
        IdlType::Defined { name, generics } => {
            names.push(name.clone());
            for generic in generics {
                if let IdlGenericArg::Type { ty } = generic {
                    named(ty, names);
                }
            }
        }
        _ => {}
    }
}

/// Anchor 2 prints `address = minter.authority` as the address "minter.authority"; the specification knows only addresses.
fn drop_address_paths(idl: &mut Idl) -> Result<()> {
    for instruction in &mut idl.instructions {
        for item in &mut instruction.accounts {
            let IdlInstructionAccountItem::Single(account) = item else {
                bail!("{}: groups of accounts are not supported", instruction.name);
            };
            account.address = account.address.take().filter(|a| !a.contains('.'));
        }
    }
    Ok(())
}

fn verify(idl: &Idl) -> Result<()> {
    ensure!(!idl.instructions.is_empty(), "no instructions");
    unique(
        "instruction",
        idl.instructions.iter().map(|i| (&i.name, &i.discriminator)),
    )?;
    unique(
        "account",
        idl.accounts.iter().map(|a| (&a.name, &a.discriminator)),
    )?;
    unique(
        "event",
        idl.events.iter().map(|e| (&e.name, &e.discriminator)),
    )?;
    for pair in idl.errors.windows(2) {
        ensure!(
            pair[0].code != pair[1].code,
            "errors {} and {} have the same code",
            pair[0].name,
            pair[1].name
        );
    }
    Ok(())
}

fn unique<'a>(kind: &str, items: impl Iterator<Item = (&'a String, &'a Vec<u8>)>) -> Result<()> {
    let mut seen: BTreeMap<&Vec<u8>, &String> = BTreeMap::new();
    for (name, discriminator) in items {
        // Clients take the first eight bytes; a custom length would need code of its own there.
        ensure!(
            discriminator.len() == 8,
            "{kind} {name}: discriminator is not eight bytes"
        );
        if let Some(other) = seen.insert(discriminator, name) {
            bail!("{kind}s {name} and {other} have the same discriminator");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, Value};

    fn structure(name: &str, field: &str, ty: Value) -> Value {
        json!({"name": name, "type": {"kind": "struct", "fields": [{"name": field, "type": ty}]}})
    }

    fn printed(types: Vec<Value>) -> Printed {
        let program = json!({
            "address": "",
            "metadata": {"name": "p", "version": "0", "spec": "0.1.0"},
            "instructions": [{
                "name": "go", "discriminator": [1, 2, 3, 4, 5, 6, 7, 8], "args": [],
                "accounts": [{"name": "minter", "address": "config.minter"}],
            }],
            "accounts": [
                {"name": "Config", "discriminator": [1, 1, 1, 1, 1, 1, 1, 1]},
                {"name": "Device", "discriminator": [2, 2, 2, 2, 2, 2, 2, 2]},
            ],
            "types": types,
        });
        Printed {
            address: "here".into(),
            program: serde_json::from_value(program).unwrap(),
            events: vec![],
            errors: vec![],
            constants: vec![],
        }
    }

    fn declared() -> BTreeSet<String> {
        ["Config".to_string()].into()
    }

    #[test]
    fn keeps_own_types_where_another_program_has_the_same_names() {
        let theirs = structure("Config", "theirs", json!("u8"));
        let lender = assemble(&printed(vec![theirs.clone()]), &declared(), &[]).unwrap();
        let ours = structure("Config", "ours", json!("u8"));
        let device = structure("Device", "key", json!("pubkey"));
        let all = printed(vec![ours.clone(), theirs, device]);
        let idl = assemble(&all, &declared(), &[&lender]).unwrap();
        assert_eq!(idl.accounts.len(), 1);
        assert_eq!(idl.types, [serde_json::from_value(ours).unwrap()]);
        assert_eq!(idl.address, "here");
        // Without the other program's IDL nobody can say which one is ours.
        assert!(assemble(&all, &declared(), &[]).is_err());
    }

    #[test]
    fn drops_paths_that_stand_for_addresses() {
        let idl = printed(vec![structure("Config", "a", json!("u8"))]);
        let idl = assemble(&idl, &declared(), &[]).unwrap();
        let IdlInstructionAccountItem::Single(minter) = &idl.instructions[0].accounts[0] else {
            panic!("a group");
        };
        assert_eq!(minter.address, None);
    }

    #[test]
    fn refuses_a_type_that_is_only_a_name() {
        let root = json!({"array": [{"defined": {"name": "Root"}}, 24]});
        let error = assemble(
            &printed(vec![structure("Config", "a", root)]),
            &declared(),
            &[],
        );
        assert!(error
            .unwrap_err()
            .to_string()
            .starts_with("Root is used but not described"));
    }
}
