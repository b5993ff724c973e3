//! Names of environment variables and secrets.

use super::{refuse, Result};
use crate::spec::JobSpec;
use std::collections::BTreeSet;

/// redteam J3: what runtimes, loaders and the node itself read is not the job's to set
fn reserved(name: &str) -> bool {
    let prefixes = ["IOG_", "NVIDIA_", "LD_"];
    let names = [
        "CUDA_VISIBLE_DEVICES",
        "MASTER_ADDR",
        "NCCL_SOCKET_IFNAME",
        "GLOO_SOCKET_IFNAME",
    ];
    names.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

fn variable(field: &str, name: &str) -> Result<()> {
    let first = name.chars().next();
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.len() > 255 || !name.chars().all(sound) || first.is_none_or(|c| c.is_ascii_digit()) {
        return refuse(
            field,
            format!("`{name}` is no name of a variable: letters, digits and _, no digit first"),
        );
    }
    match reserved(name) {
        true => refuse(
            field,
            "is set by the node: IOG_*, NVIDIA_*, LD_*, CUDA_VISIBLE_DEVICES, MASTER_ADDR, NCCL_SOCKET_IFNAME and GLOO_SOCKET_IFNAME are not the job's",
        ),
        false => Ok(()),
    }
}

pub fn env(spec: &JobSpec) -> Result<()> {
    for (name, value) in &spec.env {
        let field = format!("env.{name}");
        variable(&field, name)?;
        if value.contains('\0') {
            return refuse(field, "holds a zero byte");
        }
    }
    Ok(())
}

/// Values are files of these names.
pub fn secrets(spec: &JobSpec, most: usize) -> Result<()> {
    if spec.secrets.len() > most {
        return refuse("secrets", format!("there are more than {most}"));
    }
    let (mut names, mut variables) = (BTreeSet::new(), BTreeSet::new());
    for secret in &spec.secrets {
        let name = &secret.name;
        let field = format!("secrets.{name}");
        let sound = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || name.len() > 255 || name.starts_with('.') || !name.chars().all(sound)
        {
            return refuse(
                field,
                "its name is that of a file: letters, digits, . _ -, no . first",
            );
        }
        if !names.insert(name) {
            return refuse(field, "is named twice");
        }
        let Some(env) = &secret.env else {
            continue;
        };
        variable(&format!("{field}.env"), env)?;
        if spec.env.contains_key(env) || !variables.insert(env) {
            return refuse(format!("{field}.env"), format!("{env} is set twice"));
        }
    }
    Ok(())
}
