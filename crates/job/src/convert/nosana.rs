//! A Nosana job definition: version 0.1, type `container`, one operation `container/run`.

use super::{fields, words, Draft};
use crate::{
    file::{PortOf, Ready, Span},
    spec::{Kind, Port},
};
use serde_yaml::Value;

/// The operation's fields that no job has, and what to do instead.
const REFUSED: [(&str, &str); 5] = [
    ("resources", "devices fetch nothing from S3 or model hubs by themselves: list files as inputs (https with sha256 and size), or fetch in the command with egress: true"),
    ("volumes", "there are no volumes: list files as inputs, results go to /work/out"),
    ("authentication", "devices pull from registries that their operators list, without a login: send a private image as an archive"),
    ("work_dir", "jobs run in /work; change the command to go elsewhere"),
    ("aliases", "a job is one container"),
];

pub fn convert(value: &Value, draft: &mut Draft) {
    if value.get("type").and_then(Value::as_str) != Some("container") {
        draft.refuse("type", "only `container` is known");
    }
    for (name, _) in fields(value, "", draft) {
        match name.as_str() {
            "version" | "type" | "ops" | "global" => {}
            "meta" => draft
                .note("meta is left out: GPUs and their memory are the order's (--gpus, --class)"),
            name => draft.refuse(name, "has no place in a job; leave it out"),
        }
    }
    let ops = value
        .get("ops")
        .and_then(Value::as_sequence)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let is_run = |op: &&Value| op.get("type").and_then(Value::as_str) == Some("container/run");
    let runs: Vec<&Value> = ops.iter().filter(is_run).collect();
    if ops.len() != runs.len() {
        draft.refuse(
            "ops",
            "a volume, and every operation but container/run, has no place in a job",
        );
    }
    let run = match runs.as_slice() {
        [run] => run,
        [] => return draft.refuse("ops", "there is no container/run"),
        several => {
            let count = several.len();
            return draft.refuse("ops", format!("there are {count} operations, and a job is one: make one image of them, or convert each by itself and order it"));
        }
    };
    let Some(args) = run.get("args") else {
        return draft.refuse("ops[0].args", "is missing");
    };
    let (mut entrypoint, mut command) = (Vec::new(), Vec::new());
    // What the operation says wins over what all of them have.
    let global = value.get("global").unwrap_or(&Value::Null);
    for (field, source) in [("global", global), ("ops[0].args", args)] {
        for (name, value) in fields(source, field, draft) {
            let field = format!("{field}.{name}");
            match name.as_str() {
                "entrypoint" => entrypoint = line(value, &field, draft),
                "cmd" => command = line(value, &field, draft),
                _ => one(&name, value, &field, draft),
            }
        }
    }
    if draft.image.is_none() {
        draft.refuse("ops[0].args.image", "is missing");
    }
    if entrypoint.is_empty() && !command.is_empty() {
        draft.note("command: if the image has an entrypoint, write it before the command: a job's command is all that runs");
    }
    draft.job.command = [entrypoint, command].concat();
}

fn one(name: &str, value: &Value, field: &str, draft: &mut Draft) {
    match name {
        "image" => draft.image = words::text(value),
        "env" => {
            for (name, value) in fields(value, field, draft) {
                draft.variable(field, &name, words::text(value));
            }
        }
        "expose" => expose(value, field, draft),
        "output" => match words::text(value)
            .as_deref()
            .map(|path| path.trim_start_matches("/work/"))
        {
            Some(path) if !path.starts_with('/') => {
                draft.job.outputs.push(path.trim_end_matches('/').into())
            }
            _ => draft.refuse(
                field,
                "results are beneath /work; everything in /work/out is kept",
            ),
        },
        "gpu" | "required_vram" => draft.note(format!(
            "{field} is left out: GPUs are the order's (--gpus, --class)"
        )),
        "private" => draft.note(format!(
            "{field} is left out: ports are open to the renter alone"
        )),
        name => {
            let known = REFUSED.iter().find(|(refused, _)| *refused == name);
            draft.refuse(
                field,
                known.map_or("has no place in a job; leave it out", |(_, reason)| reason),
            );
        }
    }
}

/// A line goes to a shell there, and so it does here.
fn line(value: &Value, field: &str, draft: &mut Draft) -> Vec<String> {
    let words = match value {
        Value::String(line) if line.is_empty() => Some(Vec::new()),
        Value::String(line) => Some(["/bin/sh", "-c", line].map(String::from).to_vec()),
        list => words::texts(list),
    };
    let words = words.unwrap_or_else(|| {
        draft.refuse(field, "is neither a line nor a list of words");
        Vec::new()
    });
    if words.iter().any(|word| word.contains("%%")) {
        draft.refuse(
            field,
            "has %% ... %% in it, which only Nosana fills in; write the value",
        );
    }
    words
}

/// A port, or a list of ports with health checks.
fn expose(value: &Value, field: &str, draft: &mut Draft) {
    draft.job.kind = Kind::Service;
    let single = std::slice::from_ref(value);
    for entry in value.as_sequence().map_or(single, Vec::as_slice) {
        let number = entry.get("port").unwrap_or(entry);
        let Some(port) = words::text(number).and_then(|text| text.parse().ok()) else {
            draft.refuse(field, "ranges of ports are not taken; write each port");
            continue;
        };
        draft.job.ports.push(PortOf(Port { port, name: None }));
        let checks = entry.get("health_checks").and_then(Value::as_sequence);
        let http = checks
            .into_iter()
            .flatten()
            .find(|check| check.get("type").and_then(Value::as_str) == Some("http"));
        if let (Some(check), None) = (http, &draft.job.readiness) {
            draft.job.readiness = Some(Ready {
                port,
                path: check.get("path").and_then(words::text),
                within: Some(Span(600)),
            });
        }
    }
}
