//! The chart as Helm would render it, as far as it goes: its templates use `{{ .Values.a.b }}`, `{{ .Release.Name }}`,
//! `{{ .Release.Namespace }}` and, on lines of their own, `{{- if .Values.a }}` and `{{- end }}`, and nothing else of Helm's. Helm itself is
//! in no registry that tests reach.

use crate::repo;
use serde::Deserialize;
use serde_json::Value;
use std::fs;

/// Of the release that `deploy/manifests` is.
const RELEASE: [(&str, &str); 2] = [(".Release.Name", "iog"), (".Release.Namespace", "iog")];

fn value(values: &Value, path: &str) -> Value {
    if let Some((_, fixed)) = RELEASE.iter().find(|(name, _)| *name == path) {
        return Value::String((*fixed).into());
    }
    let path = path
        .strip_prefix(".Values.")
        .unwrap_or_else(|| panic!("the renderer knows no `{path}`"));
    let found = values.pointer(&format!("/{}", path.replace('.', "/")));
    found
        .unwrap_or_else(|| panic!("values.yaml has no `{path}`"))
        .clone()
}

fn render(template: &str, values: &Value) -> String {
    let (mut text, mut shown) = (String::new(), Vec::new());
    for line in template.lines() {
        let trimmed = line.trim();
        if let Some(condition) = trimmed.strip_prefix("{{- if ") {
            let found = value(values, condition.trim_end_matches("}}").trim());
            shown.push(found != Value::Bool(false) && found != "" && !found.is_null());
            continue;
        }
        if trimmed == "{{- end }}" {
            shown.pop().expect("an end without its beginning");
            continue;
        }
        if shown.iter().all(|shown| *shown) {
            text += &expressions(line, values);
            text.push('\n');
        }
    }
    assert!(shown.is_empty(), "a beginning without its end");
    text
}

fn expressions(line: &str, values: &Value) -> String {
    let Some((before, rest)) = line.split_once("{{") else {
        return line.to_owned();
    };
    let (path, after) = rest.split_once("}}").unwrap();
    let found = match value(values, path.trim()) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    format!("{before}{found}{}", expressions(after, values))
}

fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let values = documents.map(|document| Value::deserialize(document).unwrap());
    values.filter(|value| !value.is_null()).collect()
}

/// All of it with the values as they are, after it was found to be what `deploy/manifests/iog.yaml` says.
pub fn objects() -> Vec<(String, Value)> {
    let chart = repo().join("deploy/chart/iog");
    let read = |path: &std::path::Path| {
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let values: Value = serde_yaml::from_str(&read(&chart.join("values.yaml"))).unwrap();
    let mut text = String::new();
    for name in ["jobs", "node", "scheduler", "relay"] {
        let template = read(&chart.join(format!("templates/{name}.yaml")));
        text += &format!("---\n{}", render(&template, &values));
    }
    let manifests = repo().join("deploy/manifests/iog.yaml");
    if std::env::var_os("IOG_RENDER").is_some() {
        let head = "# Rendered from deploy/chart/iog with its values.yaml, release `iog` in namespace `iog`: IOG_RENDER=1 cargo test -p iog-kubernetes --test schemas\n";
        fs::write(&manifests, format!("{head}{text}")).unwrap();
    }
    assert_eq!(
        documents(&text),
        documents(&read(&manifests)),
        "render deploy/manifests anew: IOG_RENDER=1"
    );
    let named = documents(&text).into_iter().map(|object| {
        let name = format!("{} {}", object["kind"], object["metadata"]["name"]);
        (name, object)
    });
    let objects: Vec<_> = named.collect();
    assert_eq!(objects.len(), 11);
    objects
}
