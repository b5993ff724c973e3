//! What each role can do at most: the table of docs/governance.md, with the numbers and the keys of a live network.

use super::{live::Live, parameter, program::Program};
use crate::{
    error::{CliError, Result},
    output::Record,
};
use clap::ValueEnum as _;
use serde::Deserialize;

/// The same rows as in docs/governance.md; a test compares the two.
const TABLE: &str = include_str!("powers.toml");

/// A role, and the most that it can do. `{program.parameter}` in a text stands for the parameter's present value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Power {
    id: String,
    role: String,
    programs: Vec<String>,
    at_once: String,
    after_delay: String,
    never: String,
}

#[derive(Deserialize)]
struct Table {
    power: Vec<Power>,
}

impl Power {
    fn programs(&self) -> impl Iterator<Item = Program> + '_ {
        let named = self.programs.iter();
        named.filter_map(|name| Program::from_str(name, false).ok())
    }

    fn record(&self, live: &Live) -> Record {
        let filled = |text: &str| fill(text, |program, name| live.parameter(program, name));
        let keys = self.programs().flat_map(|program| {
            let keys = live.holders(&self.id, program).into_iter();
            keys.map(move |key| (program, key))
        });
        Record::new()
            .put("role", self.role.as_str())
            .put("programs", self.programs.clone())
            .put("held_by", grouped(keys))
            .put("at_once", filled(&self.at_once))
            .put("after_delay", filled(&self.after_delay))
            .put("never", filled(&self.never))
    }
}

/// `token market: KEY` for a key that several programs name.
fn grouped(keys: impl Iterator<Item = (Program, String)>) -> Vec<String> {
    let mut grouped: Vec<(String, Vec<&str>)> = Vec::new();
    for (program, key) in keys {
        match grouped.iter_mut().find(|(known, _)| *known == key) {
            Some((_, programs)) => programs.push(program.name()),
            None => grouped.push((key, vec![program.name()])),
        }
    }
    let lines = grouped.into_iter();
    let lines = lines.map(|(key, programs)| format!("{}: {key}", programs.join(" ")));
    lines.collect()
}

fn table() -> Result<Vec<Power>> {
    let table: Table = toml::from_str(TABLE)
        .map_err(|error| CliError::usage(format!("the table of powers is broken: {error}")))?;
    Ok(table.power)
}

/// The rows that are about the program, or all.
pub fn records(live: &Live, program: Option<Program>) -> Result<Vec<Record>> {
    let rows = table()?.into_iter();
    let wanted = |power: &Power| program.is_none_or(|wanted| power.programs().any(|p| p == wanted));
    let rows = rows.filter(wanted);
    Ok(rows.map(|power| power.record(live)).collect())
}

/// Puts values in the place of `{program.parameter}`; what is not known stays as it is.
fn fill(text: &str, value: impl Fn(Program, &str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((named, tail)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        let found = parse(named).and_then(|(program, name)| value(program, name));
        filled.push_str(&found.unwrap_or_else(|| format!("{{{named}}}")));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

fn parse(named: &str) -> Option<(Program, &str)> {
    let (program, name) = named.split_once('.')?;
    let program = Program::from_str(program, false).ok()?;
    let known = parameter::of(program).iter();
    let known = known.filter(|parameter| parameter.name() == name);
    known.map(|_| (program, name)).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nouns::governance::live::HELD;

    #[test]
    fn values_take_the_place_of_names() {
        let value = |_, name: &str| (name == "case-cap-bps").then(|| "1000 bps".to_string());
        let said = fill("at most {staking.case-cap-bps} of a stake", value);
        assert_eq!(said, "at most 1000 bps of a stake");
        for same in ["{staking.month-cap-bps}", "{no.such}", "a { b", "a } b", ""] {
            assert_eq!(fill(same, value), same);
        }
    }

    /// Every row is about programs and names parameters that there are, and no role that the network keeps is without a row.
    #[test]
    fn the_table_names_what_there_is() {
        let rows = table().unwrap();
        for row in &rows {
            assert_eq!(row.programs().count(), row.programs.len(), "{}", row.id);
            for text in [&row.at_once, &row.after_delay, &row.never] {
                let marked = fill(text, |_, _| Some(String::new()));
                assert!(!marked.contains(['{', '}']), "{}: {text}", row.id);
                assert!(!text.contains('\n'), "{}", row.id);
            }
        }
        for id in HELD {
            assert!(rows.iter().any(|row| row.id == id), "{id} has no row");
        }
    }

    #[test]
    fn a_key_of_several_programs_is_named_once() {
        let keys = [
            (Program::Token, "K".to_string()),
            (Program::Market, "K".to_string()),
            (Program::Staking, "L".to_string()),
        ];
        assert_eq!(grouped(keys.into_iter()), ["token market: K", "staking: L"]);
    }
}
