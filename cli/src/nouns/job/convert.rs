//! Other tools' files as job files.

use super::Kind;
use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    output::{self, Record},
};
use iog_job::{
    convert::{convert, From},
    read_file,
};
use std::{fs::OpenOptions, io::Write, path::Path};

pub fn run(
    context: &Context,
    file: &Path,
    from: Option<Kind>,
    service: Option<&str>,
    to: Option<&Path>,
) -> Result<()> {
    let text = read_file(file).map_err(|error| CliError::usage(error.to_string()))?;
    let from = from.map(|from| match from {
        Kind::Compose => From::Compose,
        Kind::Nosana => From::Nosana,
    });
    let converted = convert(&text, from, service).map_err(|refused| {
        let all: Vec<String> = refused.iter().map(ToString::to_string).collect();
        CliError::usage(format!(
            "cannot convert {}: {}",
            file.display(),
            all.join("; ")
        ))
    })?;
    for note in &converted.notes {
        context.note(&format!("note: {note}"));
    }
    let Some(to) = to else {
        output::write(&converted.yaml);
        return Ok(());
    };
    let to = args::expanded(to)?;
    write_new(&to, &converted.yaml)?;
    context.out.one(
        &Record::new()
            .put("job", to.display().to_string())
            .put("notes", converted.notes.len() as u64),
    );
    Ok(())
}

/// Writes a file that is not there yet.
pub fn write_new(path: &Path, text: &str) -> Result<()> {
    let refuse = |error: std::io::Error| {
        CliError::usage(format!("cannot write {}: {error}", path.display()))
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(refuse)?;
    file.write_all(text.as_bytes()).map_err(refuse)
}
