//! One service of a docker-compose file.

use super::{fields, words, Draft};
use crate::{
    file::{PortOf, Ready, RestartOf, Size, Span},
    spec::{Kind, Port, Restart},
};
use serde_yaml::Value;

/// What runs on without it: labels for other tools, and what a lease has anyway.
const NO_MATTER: [&str; 16] = [
    "container_name",
    "hostname",
    "labels",
    "logging",
    "init",
    "tty",
    "stdin_open",
    "pull_policy",
    "profiles",
    "stop_grace_period",
    "networks",
    "annotations",
    "expose",
    "gpus",
    "runtime",
    "dns",
];

/// What a job cannot have, and what to do instead.
const REFUSED: [(&str, &str); 16] = [
    ("build", "devices build nothing: build the image here, and name it by its digest or send it as an archive"),
    ("privileged", "no job has rights over the supplier's machine; leave it out"),
    ("cap_add", "no job has capabilities; leave it out"),
    ("security_opt", "the node sets the job's walls itself; leave it out"),
    ("devices", "cards come from the order (--gpus), other devices are not given; leave it out"),
    ("network_mode", "each job has a network of its own; leave it out, and ask for the internet by egress: true"),
    ("pid", "no job sees the supplier's processes; leave it out"),
    ("ipc", "no job shares memory with the supplier's machine; use shm_size"),
    ("depends_on", "a job is one container: put what it needs into the image, or order several jobs"),
    ("links", "a job is one container"),
    ("volumes", "there are no host folders and no volumes: list files as inputs, results go to /work/out"),
    ("env_file", "write its lines under environment, what is secret without a value"),
    ("user", "the image's own user runs; set it there"),
    ("working_dir", "jobs run in /work; change the command to go elsewhere"),
    ("secrets", "write each under environment without a value: it becomes a secret of the job"),
    ("extends", "write the service out"),
];

pub fn convert(value: &Value, service: Option<&str>, draft: &mut Draft) {
    let Some(services) = value.get("services") else {
        return draft.refuse("services", "is missing");
    };
    let services = fields(services, "services", draft);
    let names: Vec<&str> = services.iter().map(|(name, _)| name.as_str()).collect();
    let wanted = match (service, names.as_slice()) {
        (Some(name), _) => name,
        (None, [one]) => one,
        (None, _) => {
            return draft.refuse(
                "services",
                format!(
                    "there are {}; a job is one: pick it by --service",
                    names.join(", ")
                ),
            );
        }
    };
    let Some((_, found)) = services.iter().find(|(name, _)| name == wanted) else {
        return draft.refuse(
            "services",
            format!("there is no {wanted}; there are {}", names.join(", ")),
        );
    };
    // A service has ports or comes back when it ends; what does neither runs to its end.
    let comes_back = found
        .get("restart")
        .and_then(Value::as_str)
        .is_some_and(|policy| policy != "no" && !policy.starts_with("on-failure"));
    if comes_back || found.get("ports").is_some() || found.get("healthcheck").is_some() {
        draft.job.kind = Kind::Service;
    }
    let mut entrypoint = Vec::new();
    let mut command = Vec::new();
    for (name, value) in fields(found, wanted, draft) {
        let field = format!("services.{wanted}.{name}");
        match name.as_str() {
            "entrypoint" => entrypoint = line(value, &field, draft),
            "command" => command = line(value, &field, draft),
            _ => one(&name, value, &field, draft),
        }
    }
    if draft.image.is_none() && found.get("build").is_none() {
        draft.refuse(format!("services.{wanted}.image"), "is missing");
    }
    if entrypoint.is_empty() && !command.is_empty() {
        draft.note("command: if the image has an entrypoint, write it before the command: a job's command is all that runs");
    }
    draft.job.command = [entrypoint, command].concat();
}

fn one(name: &str, value: &Value, field: &str, draft: &mut Draft) {
    match name {
        "image" => draft.image = words::text(value),
        "environment" => environment(value, field, draft),
        "ports" => ports(value, field, draft),
        "restart" => restart(value, field, draft),
        "healthcheck" => healthcheck(value, field, draft),
        "deploy" => deploy(value, field, draft),
        "shm_size" | "mem_limit" | "cpus" | "pids_limit" => share(name, value, field, draft),
        "platform" => match words::text(value).and_then(|text| text.parse().ok()) {
            Some(platform) => draft.job.platform = Some(platform),
            None => draft.refuse(field, "devices are linux/amd64 or linux/arm64"),
        },
        name if NO_MATTER.contains(&name) => draft.note(format!("{field} is left out")),
        name => {
            let known = REFUSED.iter().find(|(refused, _)| *refused == name);
            draft.refuse(
                field,
                known.map_or("has no place in a job; leave it out", |(_, reason)| reason),
            );
        }
    }
}

fn line(value: &Value, field: &str, draft: &mut Draft) -> Vec<String> {
    let words = match value {
        Value::String(line) => words::split(line),
        Value::Null => Some(Vec::new()),
        list => words::texts(list),
    };
    words.unwrap_or_else(|| {
        draft.refuse(field, "is neither a line nor a list of words");
        Vec::new()
    })
}

fn environment(value: &Value, field: &str, draft: &mut Draft) {
    if let Some(lines) = words::texts(value) {
        for line in lines {
            match line.split_once('=') {
                Some((name, value)) => draft.variable(field, name, Some(value.into())),
                None => draft.variable(field, &line, None),
            }
        }
        return;
    }
    for (name, value) in fields(value, field, draft) {
        draft.variable(field, &name, words::text(value));
    }
}

fn ports(value: &Value, field: &str, draft: &mut Draft) {
    for entry in value.as_sequence().into_iter().flatten() {
        // `127.0.0.1:8080:80/tcp`: the last number is the container's.
        let inner = match entry.get("target") {
            Some(target) => words::text(target),
            None => words::text(entry),
        };
        let inner = inner.unwrap_or_default();
        let port = inner
            .trim_end_matches("/tcp")
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        match port {
            Some(port) => draft.job.ports.push(PortOf(Port { port, name: None })),
            None => draft.refuse(field, format!("`{inner}` is no single TCP port")),
        }
    }
    draft.note("ports: the host's side of a mapping is left out; `iog order forward` opens a port on the renter's machine");
}

fn restart(value: &Value, field: &str, draft: &mut Draft) {
    let policy = words::text(value).unwrap_or_default();
    let (policy, times) = policy.split_once(':').unwrap_or((&policy, ""));
    let times = match policy {
        "no" | "false" => return,
        "on-failure" if times.is_empty() => 10,
        "on-failure" => match times.parse() {
            Ok(times) => times,
            Err(_) => return draft.refuse(field, format!("`{times}` is no number of times")),
        },
        _ => {
            draft.note(format!(
                "{field}: a lost service starts again by itself; after a failure it does 10 times"
            ));
            10
        }
    };
    draft.job.restart = RestartOf(Restart::OnFailure(times));
}

/// `curl -f http://localhost:8080/health` and its like are a readiness check.
fn healthcheck(value: &Value, field: &str, draft: &mut Draft) {
    let test = value
        .get("test")
        .map(|test| line(test, field, draft))
        .unwrap_or_default()
        .join(" ");
    let url = test
        .split([' ', '"', '\''])
        .find_map(|word| word.strip_prefix("http://"));
    let (host, path) = url
        .map(|url| url.split_once('/').unwrap_or((url, "")))
        .unwrap_or_default();
    let (host, port) = host.split_once(':').unwrap_or((host, "80"));
    match (host, port.parse()) {
        ("localhost" | "127.0.0.1" | "0.0.0.0", Ok(port)) => {
            draft.job.readiness = Some(Ready {
                port,
                path: Some(format!("/{path}")),
                within: Some(Span(600)),
            });
            if !draft.job.ports.iter().any(|own| own.0.port == port) {
                draft.job.ports.push(PortOf(Port { port, name: None }));
            }
        }
        _ => draft.note(format!("{field}: only a check by http://localhost:<port>/<path> becomes a readiness check; this one is left out")),
    }
}

fn deploy(value: &Value, field: &str, draft: &mut Draft) {
    for (name, value) in fields(value, field, draft) {
        let field = format!("{field}.{name}");
        match name.as_str() {
            "replicas" if value.as_u64() != Some(1) => {
                draft.refuse(
                    field,
                    "a job is one container for each device; order as many devices",
                );
            }
            "resources" => {
                let limits = value.get("limits").unwrap_or(&Value::Null);
                for (name, value) in fields(limits, &field, draft) {
                    share(&name, value, &format!("{field}.limits.{name}"), draft);
                }
                if value.get("reservations").is_some() {
                    draft.note(format!(
                        "{field}.reservations is left out: GPUs are the order's (--gpus, --class)"
                    ));
                }
            }
            _ => draft.note(format!("{field} is left out")),
        }
    }
}

/// A limit, by any of its names.
fn share(name: &str, value: &Value, field: &str, draft: &mut Draft) {
    let share = &mut draft.job.resources;
    let text = words::text(value).unwrap_or_default();
    let understood = match name {
        "shm_size" => size(&text).map(|size| share.shm = size),
        "mem_limit" | "memory" => size(&text).map(|size| share.memory = size),
        "cpus" => text.parse().ok().map(|cpus| share.cpus = cpus),
        _ => text.parse().ok().map(|pids| share.pids = pids),
    };
    if understood.is_none() {
        draft.refuse(field, format!("`{text}` is not understood"));
    }
}

/// `2gb`, `512m`, `1g`: powers of two to Docker.
fn size(text: &str) -> Option<Size> {
    let text = text.to_ascii_lowercase();
    let at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let shift = match unit {
        "" | "b" => 0,
        "k" | "kb" => 10,
        "m" | "mb" => 20,
        "g" | "gb" => 30,
        "t" | "tb" => 40,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(1 << shift)
        .map(Size)
}
