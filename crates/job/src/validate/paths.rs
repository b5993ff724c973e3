//! Where inputs go and outputs are.

use super::{refuse, Result, MAX_INPUTS};
use crate::spec::Input;
use std::collections::BTreeSet;

const MAX_PATH: usize = 4_095;
const MAX_NAME: usize = 255;

/// A path beneath the working directory: no way out of it, and names that every file system has.
pub fn relative(path: &str) -> std::result::Result<(), String> {
    if path.is_empty() {
        return Err("is empty".into());
    }
    if path.starts_with('/') {
        return Err("begins with /; paths are relative to the job's working directory".into());
    }
    if path.len() > MAX_PATH {
        return Err(format!("has more than {MAX_PATH} bytes"));
    }
    for name in path.split('/') {
        match name {
            "" => return Err("has an empty name in it; no / at the end, and none twice".into()),
            "." | ".." => return Err(format!("has `{name}` in it")),
            name if name.len() > MAX_NAME => {
                return Err(format!("has a name of more than {MAX_NAME} bytes"))
            }
            name if name.contains(char::is_control) => {
                return Err("has a control character in it".into())
            }
            _ => {}
        }
    }
    Ok(())
}

/// The field case 5, redteam O2
pub fn inputs(inputs: &[Input], disk_bytes: u64) -> Result<()> {
    if inputs.len() > MAX_INPUTS {
        let reason = format!(
            "there are {}, where {MAX_INPUTS} are allowed; pack them into an archive",
            inputs.len()
        );
        return refuse("inputs", reason);
    }
    let mut targets = BTreeSet::new();
    let mut sum = 0u64;
    for input in inputs {
        let target = input.target.as_str();
        let field = format!("inputs.{target}");
        relative(target).or_else(|reason| refuse(field.clone(), reason))?;
        if target == "out" || target.starts_with("out/") {
            return refuse(field, "out is the folder of the job's own results");
        }
        if !targets.insert(target) {
            return refuse(field, "two inputs have this target");
        }
        input
            .url
            .as_deref()
            .map_or(Ok(()), https)
            .or_else(|reason| refuse(format!("{field}.url"), reason))?;
        sum = sum.saturating_add(input.len);
    }
    // A file that another input needs as a folder.
    for target in &targets {
        let folders = target.match_indices('/').map(|(at, _)| &target[..at]);
        if let Some(file) = folders.into_iter().find(|folder| targets.contains(folder)) {
            return refuse(
                format!("inputs.{target}"),
                format!("`{file}` is an input itself, and cannot be a folder, too"),
            );
        }
    }
    match disk_bytes > 0 && sum > disk_bytes {
        true => refuse(
            "resources.disk_bytes",
            format!("is {disk_bytes}, where the inputs alone have {sum} bytes"),
        ),
        false => Ok(()),
    }
}

/// The specification is no secret to the supplier, and an error of the fetch may quote the address.
pub fn https(url: &str) -> std::result::Result<(), String> {
    let Some(rest) = url.strip_prefix("https://") else {
        return Err("only https is fetched".into());
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err("has a login in it, which every supplier would read".into());
    }
    let sound = !url.contains(|c: char| c.is_control() || c.is_whitespace());
    match !host.is_empty() && url.len() <= 2_048 && sound {
        true => Ok(()),
        false => Err("is no address".into()),
    }
}

pub fn outputs(outputs: &[String], most: usize) -> Result<()> {
    if outputs.len() > most {
        return refuse(
            "outputs",
            format!("there are more than {most}; name folders"),
        );
    }
    let mut seen = BTreeSet::new();
    for output in outputs {
        let field = format!("outputs.{output}");
        relative(output).or_else(|reason| refuse(field.clone(), reason))?;
        if !seen.insert(output) {
            return refuse(field, "is named twice");
        }
    }
    Ok(())
}
