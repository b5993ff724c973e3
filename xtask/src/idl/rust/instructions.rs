//! Instructions: a file each, with the accounts that the caller must name and the arguments as fields.

use std::collections::BTreeSet;
use std::fmt::Write;

use anchor_lang_idl_spec::{
    IdlInstruction, IdlInstructionAccount, IdlInstructionAccountItem, IdlSeed,
};
use anyhow::{bail, Result};

use super::types::{docs, foreign_imports};
use super::Program;
use crate::idl::names::{field, pascal, upper};

/// Files by path under the program's folder.
pub fn render(program: &Program<'_>) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut index = String::from("//! What can be asked of the program.\n\n");
    let mut reexports = String::new();
    for instruction in &program.idl.instructions {
        let file = &instruction.name;
        index += &format!("mod {file};\n");
        reexports += &format!("pub use {file}::{};\n", pascal(file));
        files.push((
            format!("instructions/{file}.rs"),
            program.instruction(instruction)?,
        ));
    }
    files.push(("instructions/mod.rs".into(), index + "\n" + &reexports));
    Ok(files)
}

impl Program<'_> {
    fn instruction(&self, instruction: &IdlInstruction) -> Result<String> {
        let mut uses = BTreeSet::new();
        let accounts = accounts(instruction)?;
        let name = pascal(&instruction.name);
        let mut fields = String::new();
        for account in &accounts {
            if self.fixed(account).is_none() {
                fields += &account_field(account);
            }
        }
        let mut puts = String::new();
        for arg in &instruction.args {
            let clash = accounts.iter().any(|a| a.name == arg.name);
            let arg_name = if clash {
                format!("{}_arg", arg.name)
            } else {
                field(&arg.name)
            };
            let ty = self.rust(&arg.ty, &mut uses)?;
            let _ = writeln!(fields, "{}pub {arg_name}: {ty},", docs(&arg.docs));
            let _ = writeln!(puts, "put(&mut data, &self.{arg_name});");
        }
        let metas: String = accounts.iter().map(|a| self.meta(a) + ",\n").collect();
        let positions = positions(&accounts);
        let data = if puts.is_empty() {
            "Self::DISCRIMINATOR.to_vec()".to_string()
        } else {
            format!("let mut data = Self::DISCRIMINATOR.to_vec();\n{puts}data")
        };
        let body = format!(
            "{docs}#[derive(Clone, Debug, PartialEq, Eq)]
pub struct {name} {{
{fields}}}

impl {name} {{
    /// First bytes of the instruction's data.
    pub const DISCRIMINATOR: [u8; 8] = {discriminator:?};
{positions}
    /// Account metas, in the program's order.
    pub fn accounts(&self) -> Vec<AccountMeta> {{
        vec![
            {metas}]
    }}

    /// Discriminator and arguments.
    pub fn data(&self) -> Vec<u8> {{
        {data}
    }}

    /// The instruction, ready to be put in a transaction.
    pub fn instruction(&self) -> Instruction {{
        Instruction {{ program_id: ID, accounts: self.accounts(), data: self.data() }}
    }}
}}
",
            docs = docs(&instruction.docs),
            discriminator = instruction.discriminator,
        );
        let put = if puts.is_empty() {
            ""
        } else {
            "use crate::account::put;\n"
        };
        let imports = self.imports(&uses, "") + &foreign_imports(&body);
        Ok(format!(
            "{put}use crate::generated::{}::ID;
{imports}use solana_instruction::{{AccountMeta, Instruction}};

{body}",
            self.module
        ))
    }

    fn meta(&self, account: &IdlInstructionAccount) -> String {
        let kind = if account.writable {
            "new"
        } else {
            "new_readonly"
        };
        let signer = account.signer;
        match self.fixed(account) {
            Some(address) => format!("AccountMeta::{kind}({address}, {signer})"),
            None if account.optional => format!(
                "self.{0}.map_or(AccountMeta::new_readonly(ID, false), |{0}| AccountMeta::{kind}({0}, {signer}))",
                field(&account.name)
            ),
            None => format!("AccountMeta::{kind}(self.{}, {signer})", field(&account.name)),
        }
    }

    /// An expression for an address that is the same in every call: no caller need name it.
    fn fixed(&self, account: &IdlInstructionAccount) -> Option<String> {
        if account.optional {
            return None;
        }
        if let Some(address) = &account.address {
            return Some(self.address(address));
        }
        let pda = account.pda.as_ref()?;
        let seeds: Option<Vec<String>> = pda.seeds.iter().map(const_seed).collect();
        let program = match &pda.program {
            None => "ID".to_string(),
            Some(IdlSeed::Const(seed)) => self.address(&bs58::encode(&seed.value).into_string()),
            Some(_) => return None,
        };
        Some(format!(
            "crate::pda::find(&[{}], &{program})",
            seeds?.join(", ")
        ))
    }

    /// An address as an expression, by name where it is one of our programs.
    fn address(&self, address: &str) -> String {
        match self.idls.iter().find(|(_, idl)| idl.address == address) {
            Some((module, _)) => format!("crate::generated::{module}::ID"),
            None => format!("Pubkey::from_str_const({address:?})"),
        }
    }
}

fn accounts(instruction: &IdlInstruction) -> Result<Vec<&IdlInstructionAccount>> {
    let mut accounts = Vec::new();
    for item in &instruction.accounts {
        match item {
            IdlInstructionAccountItem::Single(account) => accounts.push(account),
            IdlInstructionAccountItem::Composite(group) => {
                bail!("group of accounts {}", group.name)
            }
        }
    }
    Ok(accounts)
}

fn account_field(account: &IdlInstructionAccount) -> String {
    let ty = if account.optional {
        "Option<Pubkey>"
    } else {
        "Pubkey"
    };
    let access = match (account.writable, account.signer) {
        (true, true) => "Writable, signer.",
        (true, false) => "Writable.",
        (false, true) => "Signer.",
        (false, false) => "Read only.",
    };
    let space = if account.docs.is_empty() { "" } else { "///\n" };
    format!(
        "{}{space}/// {access}\npub {}: {ty},\n",
        docs(&account.docs),
        field(&account.name)
    )
}

/// `CONFIG: usize = 1`: a name for each place in the account list.
fn positions(accounts: &[&IdlInstructionAccount]) -> String {
    let line = |(position, account): (usize, &&IdlInstructionAccount)| {
        format!(
            "/// Position of `{}` in the account list.\npub const {}: usize = {position};\n",
            account.name,
            upper(&account.name)
        )
    };
    accounts.iter().enumerate().map(line).collect()
}

/// A constant seed as a byte string, or as numbers where it is not plain text.
fn const_seed(seed: &IdlSeed) -> Option<String> {
    let IdlSeed::Const(seed) = seed else {
        return None;
    };
    let plain = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
    Some(if seed.value.iter().all(plain) {
        format!("b{:?}", String::from_utf8_lossy(&seed.value))
    } else {
        format!("&{:?}", seed.value)
    })
}
