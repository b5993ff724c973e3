//! `iog job template`: jobs that people expect, to be filled in.

use super::convert::write_new;
use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    output::{self, Cell, Record},
};
use clap::{Args, Subcommand};
use iog_job::{
    template::{template, templates, Filled, ImageChoice, Template, Value},
    Hash, SpecError,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// All of them
    #[command(after_help = "Example:\n  iog job template list")]
    List,
    /// What one does, needs and takes, how it is ordered, and what of it has been run
    #[command(after_help = "Example:\n  iog job template show jupyter")]
    Show {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// A job file of one, with the files that it takes along
    #[command(
        after_help = "An image is named by its digest, which a release changes: `show` tells how to look it up. Secrets are named in the job file and never written: their values are given with the order.\n\nExamples:\n  iog job template use ssh --no-image\n  iog job template use llama-cpp --set model=/data/qwen.gguf --image ghcr.io/ggml-org/llama.cpp@sha256:DIGEST --to job.yaml\n  iog job template use pytorch-ddp --set epochs=300 --archive image.tar --to train/job.yaml"
    )]
    Use(Use),
}

#[derive(Args, Debug)]
pub struct Use {
    #[arg(value_name = "NAME")]
    name: String,
    /// A value of the template's, paths relative to the job file; can be given several times
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    values: Vec<(String, String)>,
    /// The image, by its digest
    #[arg(long, value_name = "REGISTRY/NAME@sha256:DIGEST", group = "which")]
    image: Option<String>,
    /// An image that travels with the job: an OCI archive
    #[arg(long, value_name = "FILE", group = "which")]
    archive: Option<String>,
    /// No image: the device has the programs itself
    #[arg(long, group = "which")]
    no_image: bool,
    /// Write the job there and its files beside it, not to standard output; a file that exists is left alone
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

fn pair(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("'{text}' is not NAME=VALUE"))?;
    Ok((name.into(), value.into()))
}

pub fn run(context: &Context, verb: &Verb) -> Result<()> {
    match verb {
        Verb::List => {
            let all = templates().map_err(refuse)?;
            let records: Vec<Record> = all.iter().map(line).collect();
            context.out.many(&records, "there are none");
            Ok(())
        }
        Verb::Show { name } => {
            context.out.one(&shown(&template(name).map_err(refuse)?));
            Ok(())
        }
        Verb::Use(terms) => fill(context, terms),
    }
}

fn refuse(error: SpecError) -> CliError {
    CliError::usage(error.to_string())
}

fn line(template: &Template) -> Record {
    let needs = &template.header.needs;
    Record::new()
        .put("name", template.name)
        .put("card_memory", card_memory(template))
        .put("several", needs.several)
        .put("about", template.header.about.as_str())
}

fn card_memory(template: &Template) -> Option<String> {
    let memory = template.header.needs.card_memory;
    (memory.0 > 0).then(|| memory.to_string())
}

fn shown(template: &Template) -> Record {
    let header = &template.header;
    let image = header.image.as_ref();
    let parameters = header.parameters.iter().map(|parameter| {
        Record::new()
            .put("name", parameter.name.as_str())
            .put("default", parameter.default.as_str())
            .put("kind", kind(parameter.kind))
            .put("about", parameter.about.as_str())
    });
    let secrets = header.secrets.iter().map(|(name, about)| {
        Record::new()
            .put("name", name.as_str())
            .put("about", about.as_str())
    });
    let files = template.files.iter().map(|(name, _)| (*name).to_owned());
    let steps = header
        .steps
        .iter()
        .map(|step| Record::new().put("step", step.as_str()));
    Record::new()
        .put("name", template.name)
        .put("about", header.about.as_str())
        .put("image", image.map(|image| image.name.clone()))
        .put("look_up", image.map(|image| image.look_up().to_vec()))
        .put("licence", image.map(|image| image.licence.clone()))
        .put("source", image.map(|image| image.source.clone()))
        .put("cards", header.needs.cards)
        .put("card_memory", card_memory(template))
        .put("several", header.needs.several)
        .put("files", files.collect::<Vec<String>>())
        .put("tried", header.tried.as_str())
        .put("parameters", parameters.collect::<Vec<Record>>())
        .put("secrets", secrets.collect::<Vec<Record>>())
        .put("steps", Cell::Records(steps.collect()))
}

fn kind(value: Value) -> &'static str {
    match value {
        Value::Text => "text",
        Value::Path => "path",
        Value::Whole => "whole",
        Value::Number => "number",
        Value::Size => "size",
    }
}

fn fill(context: &Context, terms: &Use) -> Result<()> {
    let template = template(&terms.name).map_err(refuse)?;
    let mut values = BTreeMap::new();
    for (name, value) in &terms.values {
        if values.insert(name.clone(), value.clone()).is_some() {
            return Err(CliError::usage(format!("--set {name} is given twice")));
        }
    }
    let to = terms.to.as_deref().map(args::expanded).transpose()?;
    let folder = to
        .as_deref()
        .and_then(Path::parent)
        .unwrap_or(Path::new(""));
    let filled = template
        .fill(image(terms).as_ref(), &values, folder)
        .map_err(refuse)?;
    let Some(to) = to.as_deref() else {
        if !template.files.is_empty() {
            let names: Vec<&str> = template.files.iter().map(|(name, _)| *name).collect();
            return Err(CliError::usage(format!(
                "the job takes {} along: give --to FILE, and they are written beside it",
                names.join(", ")
            )));
        }
        output::write(&filled.yaml);
        lacks(context, &filled);
        return Ok(());
    };
    write(&template, &filled, folder, to)?;
    lacks(context, &filled);
    let files = template.files.iter().map(|(name, _)| (*name).to_owned());
    let secrets = template.header.secrets.keys().cloned();
    context.out.one(
        &Record::new()
            .put("job", to.display().to_string())
            .put("files", files.collect::<Vec<String>>())
            .put("secrets", secrets.collect::<Vec<String>>()),
    );
    Ok(())
}

fn image(terms: &Use) -> Option<ImageChoice> {
    let named = terms.image.clone().map(ImageChoice::Pull);
    let archive = terms.archive.clone().map(ImageChoice::Archive);
    named
        .or(archive)
        .or(terms.no_image.then_some(ImageChoice::None))
}

/// All or nothing is looked for first: what lies there is nobody's to overwrite.
fn write(template: &Template, filled: &Filled, folder: &Path, to: &Path) -> Result<()> {
    let mut files: Vec<(PathBuf, &str)> = vec![(to.into(), &filled.yaml)];
    files.extend(
        template
            .files
            .iter()
            .map(|(name, text)| (folder.join(name), *text)),
    );
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(CliError::usage(format!(
            "{} is there already: name another folder with --to",
            there.display()
        )));
    }
    if !folder.as_os_str().is_empty() {
        std::fs::create_dir_all(folder).map_err(|error| {
            CliError::usage(format!("cannot make {}: {error}", folder.display()))
        })?;
    }
    for (path, text) in files {
        write_new(&path, text)?;
    }
    Ok(())
}

/// What has to be put beside the job before it can be ordered.
fn lacks(context: &Context, filled: &Filled) {
    if let Err(error) = filled.job.resolve(Hash([1; 32])) {
        context.note(&format!("note: not there yet: {error}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    /// What a template tells people to type is something that `iog` takes.
    #[test]
    fn steps_are_commands() {
        let key = "4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk";
        let mut seen = 0;
        for template in templates().unwrap() {
            for step in &template.header.steps {
                let command = step.split(" #").next().unwrap_or(step);
                let command = command.split(">>").next().unwrap_or(command);
                if !command.starts_with("iog ") {
                    continue;
                }
                let command = command.replace("ORDER", key).replace("CLASS", "2");
                if let Err(error) = args::Cli::try_parse_from(command.split_whitespace()) {
                    panic!("{}: {step}: {error}", template.name);
                }
                seen += 1;
            }
        }
        assert!(seen > 20);
    }
}
