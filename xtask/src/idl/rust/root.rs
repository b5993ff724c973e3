//! `generated/mod.rs` and each program's `mod.rs`.

use super::{header, Program};
use crate::idl::names::pascal;
use crate::idl::Idls;

/// The module tree, and the lookups that go over all programs.
pub fn all(idls: &Idls) -> String {
    let each = |line: &dyn Fn(&str) -> String| -> String { idls.keys().map(|m| line(m)).collect() };
    let modules = each(&|m| format!("pub mod {m};\n"));
    let programs = each(&|m| format!("({m:?}, {m}::ID),\n"));
    let variants = each(&|m| format!("{}({m}::Event),\n", pascal(m)));
    let names = each(&|m| format!("Self::{}(event) => event.name(),\n", pascal(m)));
    let decode = each(&|m| {
        format!(
            "{m}::ID => {m}::Event::decode(data).map(Self::{}),\n",
            pascal(m)
        )
    });
    let errors = each(&|m| {
        format!(
            "{m}::ID => {m}::{p}Error::from_code(code).map(|e| (e.name(), e.message())),\n",
            p = pascal(m)
        )
    });
    header("idl/")
        + &format!(
            "#![allow(clippy::all)]

{modules}
use solana_pubkey::Pubkey;

/// Every program, by module name.
pub const PROGRAMS: &[(&str, Pubkey)] = &[
{programs}];

/// An event of any program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {{
{variants}}}

impl Event {{
    /// Decodes what `program` logged; `None` for other programs and unknown events.
    pub fn decode(program: &Pubkey, data: &[u8]) -> Option<Self> {{
        match *program {{
            {decode}_ => None,
        }}
    }}

    /// The event's name, as in the IDL.
    pub fn name(&self) -> &'static str {{
        match self {{ {names} }}
    }}
}}

/// Name and message of an error of one of the programs.
pub(crate) fn error(program: &Pubkey, code: u32) -> Option<(&'static str, &'static str)> {{
    match *program {{
        {errors}_ => None,
    }}
}}
"
        )
}

pub fn program(program: &Program<'_>) -> String {
    let about = program
        .idl
        .metadata
        .description
        .as_deref()
        .unwrap_or(program.module);
    format!(
        "//! {about}.

pub mod accounts;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod types;

#[allow(unused_imports)]
pub use self::{{accounts::*, errors::{}Error, events::Event, types::*}};

/// The program's address.
pub const ID: solana_pubkey::Pubkey = solana_pubkey::Pubkey::from_str_const({:?});
",
        pascal(program.module),
        program.idl.address
    )
}
