//! Everything that goes to standard output: records as tables or JSON.

mod record;

pub use record::{printable, rfc3339, Cell, Record, Time};

use clap::ValueEnum;
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// `--output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Json,
    JsonCompact,
}

/// Where and how results are written.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    format: Format,
    bold: bool,
}

impl Output {
    /// Bold headings only on a terminal whose user wants them.
    pub fn new(format: Format, no_color: bool) -> Self {
        let refused =
            no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            format,
            bold: !refused && std::io::stdout().is_terminal(),
        }
    }

    pub fn format(&self) -> Format {
        self.format
    }

    pub fn one(&self, record: &Record) {
        match self.format {
            Format::Table => write(&self.lines(record)),
            _ => self.json(record),
        }
    }

    /// A list; `empty` is said on standard error when there is nothing to list in a table.
    pub fn many(&self, records: &[Record], empty: &str) {
        match self.format {
            Format::Table if records.is_empty() => eprintln!("{empty}"),
            Format::Table => write(&self.table(records)),
            _ => self.json(&records),
        }
    }

    fn json(&self, value: &impl Serialize) {
        let text = match self.format {
            Format::JsonCompact => serde_json::to_string(value),
            _ => serde_json::to_string_pretty(value),
        };
        // Maps with string keys and plain values always serialise.
        if let Ok(text) = text {
            write(&format!("{text}\n"));
        }
    }

    fn lines(&self, record: &Record) -> String {
        let width = record.0.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
        let mut text = String::new();
        let mut tables = String::new();
        for (key, cell) in &record.0 {
            match cell {
                Cell::Records(records) if !records.is_empty() => {
                    tables += &format!("\n{}\n{}", self.heading(&label(key)), self.table(records));
                }
                Cell::Blocks(records) if !records.is_empty() => {
                    let blocks = records.iter().map(|record| self.lines(record));
                    let blocks = blocks.collect::<Vec<_>>().join("\n");
                    tables += &format!("\n{}\n{blocks}", self.heading(&label(key)));
                }
                cell => {
                    let name = format!("{:width$}", label(key));
                    text += &format!("{}  {}\n", self.heading(&name), cell.show());
                }
            }
        }
        text + &tables
    }

    fn table(&self, records: &[Record]) -> String {
        let Some(first) = records.first() else {
            return String::new();
        };
        let mut rows: Vec<Vec<String>> = vec![first.0.iter().map(|(key, _)| label(key)).collect()];
        rows.extend(
            records
                .iter()
                .map(|record| record.0.iter().map(|(_, cell)| cell.show()).collect()),
        );
        let mut widths = vec![0; first.0.len()];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for (number, row) in rows.iter().enumerate() {
            let cells = row.iter().zip(&widths);
            let line: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            let line = line.join("  ");
            let line = line.trim_end();
            text += &if number == 0 {
                self.heading(line)
            } else {
                line.to_string()
            };
            text.push('\n');
        }
        text
    }

    fn heading(&self, text: &str) -> String {
        if self.bold {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_string()
        }
    }
}

fn label(key: &str) -> String {
    key.replace('_', " ")
}

/// A closed pipe (`| head`) is no error.
pub fn write(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Output = Output {
        format: Format::Table,
        bold: false,
    };

    #[test]
    fn long_texts_stand_below_each_other() {
        let block = |who: &str| Record::new().put("who", who).put("may_do", "much");
        let record = Record::new()
            .put("id", 1u8)
            .put("powers", Cell::Blocks(vec![block("a"), block("b")]));
        assert_eq!(
            PLAIN.lines(&record),
            "id      1\n\npowers\nwho     a\nmay do  much\n\nwho     b\nmay do  much\n"
        );
        let json = serde_json::to_string(&record).unwrap();
        assert!(
            json.contains(r#""powers":[{"who":"a","may_do":"much"},"#),
            "{json}"
        );
    }

    #[test]
    fn tables_align() {
        let output = PLAIN;
        let rows = [
            Record::new().put("id", 1u8).put("name", "a"),
            Record::new().put("id", 100u8).put("name", "b"),
        ];
        assert_eq!(output.table(&rows), "id   name\n1    a\n100  b\n");
    }
}
