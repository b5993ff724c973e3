//! Errors: one enum for each program, by code.

use super::Program;
use crate::idl::names::pascal;

pub fn render(program: &Program<'_>) -> String {
    let name = format!("{}Error", pascal(program.module));
    let errors = &program.idl.errors;
    let of = |line: &dyn Fn(&str, u32, &str) -> String| -> String {
        errors
            .iter()
            .map(|e| line(&e.name, e.code, e.msg.as_deref().unwrap_or(&e.name)))
            .collect()
    };
    let variants = of(&|variant, code, msg| format!("/// {msg}\n{variant} = {code},\n"));
    let from = of(&|variant, code, _| format!("{code} => Some(Self::{variant}),\n"));
    let names = of(&|variant, _, _| format!("Self::{variant} => {variant:?},\n"));
    let messages = of(&|variant, _, msg| format!("Self::{variant} => {msg:?},\n"));
    format!(
        "//! What the program refuses with.

/// An error of the program; its number is the custom error code of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum {name} {{
{variants}}}

impl {name} {{
    /// The error with this code.
    pub fn from_code(code: u32) -> Option<Self> {{
        match code {{
            {from}_ => None,
        }}
    }}

    /// The custom error code.
    pub const fn code(self) -> u32 {{
        self as u32
    }}

    /// The name in the program's source.
    pub const fn name(self) -> &'static str {{
        match self {{
            {names}}}
    }}

    /// What the caller can do.
    pub const fn message(self) -> &'static str {{
        match self {{
            {messages}}}
    }}
}}

impl core::fmt::Display for {name} {{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {{
        f.write_str(self.message())
    }}
}}

impl core::error::Error for {name} {{}}
"
    )
}
