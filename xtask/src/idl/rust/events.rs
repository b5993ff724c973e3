//! Events: a struct each, and an enum of all.

use std::collections::BTreeSet;

use anyhow::Result;

use super::types::foreign_imports;
use super::Program;

pub fn render(program: &Program<'_>) -> Result<String> {
    let mut uses = BTreeSet::new();
    let mut structs = String::new();
    let (mut variants, mut arms, mut names) = (String::new(), String::new(), String::new());
    for event in &program.idl.events {
        let name = &event.name;
        let structure = program.structure(name, &mut uses)?;
        structs += &format!(
            "{structure}
impl {name} {{
    /// First bytes of the logged data.
    pub const DISCRIMINATOR: [u8; 8] = {:?};
}}

",
            event.discriminator
        );
        variants += &format!("{name}({name}),\n");
        arms +=
            &format!("{name}::DISCRIMINATOR => borsh::from_slice(data).ok().map(Self::{name}),\n");
        names += &format!("Self::{name}(_) => {name:?},\n");
    }
    if program.idl.events.is_empty() {
        // An empty enum needs no arms, but `match` on a reference does.
        names = "_ => \"\",\n".into();
    }
    let body = format!(
        "{structs}
/// An event of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {{
{variants}}}

impl Event {{
    /// Decodes what the program logged; `None` for unknown events.
    pub fn decode(data: &[u8]) -> Option<Self> {{
        let (discriminator, data) = data.split_first_chunk::<8>()?;
        let _ = data;
        match *discriminator {{
            {arms}_ => None,
        }}
    }}

    /// The event's name, as in the IDL.
    pub fn name(&self) -> &'static str {{
        match self {{
            {names}}}
    }}
}}
"
    );
    let imports = program.imports(&uses, "events") + &foreign_imports(&body);
    Ok(format!(
        "//! What happened, as the program logs it.\n\n{imports}\n{body}"
    ))
}
