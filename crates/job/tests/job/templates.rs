//! The folders under `templates/`.

use iog_job::{
    ray,
    template::{template, templates, ImageChoice, Template, Value},
    Hash, JobSpec, Kind,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const SALT: Hash = Hash([9; 32]);

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn pulled(template: &Template) -> ImageChoice {
    let image = template.header.image.as_ref().unwrap();
    ImageChoice::Pull(format!("{}@sha256:{}", image.name, "01".repeat(32)))
}

/// As `iog job template use` leaves it, with what the renter has to put there.
fn made(template: &Template, image: &ImageChoice) -> JobSpec {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in template.files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let own = template.header.parameters.iter();
    for path in own.filter(|parameter| parameter.kind == Value::Path) {
        fs::write(folder.path().join(&path.default), "the renter's own").unwrap();
    }
    let filled = template.fill(Some(image), &BTreeMap::new(), folder.path());
    let filled = filled.unwrap_or_else(|error| panic!("{}: {error}", template.name));
    assert!(!filled.yaml.contains("{{"), "{}", filled.yaml);
    let resolved = filled.job.resolve(SALT);
    resolved
        .unwrap_or_else(|error| panic!("{}: {error}", template.name))
        .spec
}

#[test]
fn every_file_is_compiled_in() {
    let all = templates().unwrap();
    let names: Vec<&str> = all.iter().map(|template| template.name).collect();
    assert!(names.is_sorted() && names.len() >= 12, "{names:?}");
    let mut folders: Vec<String> = fs::read_dir(here("templates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, names);
    for template in &all {
        let there: BTreeSet<String> = fs::read_dir(here("templates").join(template.name))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut known: BTreeSet<String> = ["template.yaml", "job.yaml"].map(Into::into).into();
        known.extend(template.files.iter().map(|(name, _)| (*name).to_owned()));
        assert_eq!(there, known, "{}", template.name);
    }
}

#[test]
fn every_template_is_a_job_that_validates() {
    for template in templates().unwrap() {
        let name = template.name;
        let spec = made(&template, &pulled(&template));
        let secrets: BTreeSet<&str> = spec.secrets.iter().map(|one| one.name.as_str()).collect();
        let told: BTreeSet<&str> = template.header.secrets.keys().map(String::as_str).collect();
        // Ray's token is made by `iog` itself.
        let own: BTreeSet<&str> = secrets
            .into_iter()
            .filter(|name| *name != ray::TOKEN)
            .collect();
        assert_eq!(own, told, "{name}: each secret is told, and no other");
        assert!(
            spec.image.is_some() && spec.resources.disk_bytes > 0,
            "{name}"
        );
        let inputs: BTreeSet<&str> = spec.inputs.iter().map(|one| one.target.as_str()).collect();
        for (file, _) in template.files {
            assert!(inputs.contains(file), "{name}: {file} travels with the job");
        }
        if spec.kind == Kind::Service {
            let ready = spec
                .readiness
                .as_ref()
                .unwrap_or_else(|| panic!("{name} has no readiness"));
            assert_eq!(ready.port, spec.ports[0].port, "{name}");
            assert!(ready.path.is_some(), "{name}");
            // Only the renter's forward reaches it: other members of the order do not.
            let started =
                spec.command.join(" ") + template.files.first().map_or("", |(_, text)| text);
            assert!(
                started.contains("127.0.0.1"),
                "{name} listens to more than its own loopback"
            );
        }
        assert_eq!(
            spec.end_when_done,
            spec.kind == Kind::Batch || name == "ray-search",
            "{name}"
        );
    }
}

/// redteam C3: an image is a digest that somebody looked up; no template has a tag or an old digest in its job
#[test]
fn no_template_names_an_image_by_tag_or_by_a_digest_of_its_own() {
    for template in templates().unwrap() {
        let nothing = template
            .fill(None, &BTreeMap::new(), Path::new(""))
            .unwrap_err();
        assert_eq!(nothing.field, "image");
        let image = template.header.image.as_ref().unwrap();
        assert!(nothing.reason.contains(&image.look_up()[0]), "{nothing}");
        for text in [&image.licence, &image.source] {
            assert!(!text.is_empty());
        }
        let tagged = ImageChoice::Pull(format!("{}:{}", image.name, image.tag));
        let error = template
            .fill(Some(&tagged), &BTreeMap::new(), Path::new(""))
            .unwrap_err();
        assert!(error.to_string().contains("has no digest"), "{error}");
        for file in ["template.yaml", "job.yaml"] {
            let text =
                fs::read_to_string(here("templates").join(template.name).join(file)).unwrap();
            assert!(!text.contains("@sha256:"), "{}: {file}", template.name);
        }
    }
}

/// A value is a value: whatever is in it, no field of the job comes from it.
#[test]
fn values_stay_what_they_are() {
    let strange = "a\" b: [#'\\\n{{disk}} $(x) ${y}";
    for template in templates().unwrap() {
        let plain = made(&template, &pulled(&template));
        for parameter in &template.header.parameters {
            let values = BTreeMap::from([(parameter.name.clone(), strange.to_owned())]);
            let filled = template.fill(Some(&pulled(&template)), &values, Path::new(""));
            if !matches!(parameter.kind, Value::Text | Value::Path) {
                let error = filled.unwrap_err();
                assert_eq!(error.field, parameter.name, "{error}");
                continue;
            }
            let job = filled.unwrap().job;
            let texts = job.command.iter().chain(job.env.0.values());
            let sources = job.inputs.iter().map(|input| &input.source);
            let mut all = texts.chain(sources);
            assert!(
                all.any(|text| text.ends_with(strange)),
                "{}: {}",
                template.name,
                parameter.name
            );
            assert_eq!(job.command.len(), plain.command.len(), "{}", template.name);
        }
    }
}

#[test]
fn mistakes_say_what_there_is() {
    let error = template("jupiter").unwrap_err().to_string();
    assert!(error.contains("there are blender, comfyui"), "{error}");
    let jupyter = template("jupyter").unwrap();
    let image = pulled(&jupyter);
    let fill = |name: &str, value: &str| {
        let values = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        jupyter
            .fill(Some(&image), &values, Path::new(""))
            .unwrap_err()
            .to_string()
    };
    assert!(fill("interfce", "lab").contains("it has interface, disk"));
    assert!(fill("disk", "20 apples").contains("disk: `20 apples` is no size"));
    assert!(fill("disk", "1MiB").contains("nothing runs with less"));
}

/// An archive and no image at all are choices, too.
#[test]
fn an_image_is_the_renters_choice() {
    let vllm = template("vllm").unwrap();
    let archive = ImageChoice::Archive("a \"b\".tar".into());
    let filled = vllm
        .fill(Some(&archive), &BTreeMap::new(), Path::new(""))
        .unwrap();
    let wanted = "image: {archive: \"a \\\"b\\\".tar\"}\n";
    assert!(filled.yaml.contains(wanted), "{}", filled.yaml);
    let none = vllm
        .fill(Some(&ImageChoice::None), &BTreeMap::new(), Path::new(""))
        .unwrap();
    assert!(!none.yaml.contains("image:"), "{}", none.yaml);
}

/// `docs/templates.md` has a line for each, as its header says it.
#[test]
fn the_page_is_of_these_templates() {
    let page = fs::read_to_string(here("../../docs/templates.md")).unwrap();
    let mut rows = String::new();
    for template in templates().unwrap() {
        let header = &template.header;
        let image = header.image.as_ref().unwrap();
        let memory = header.needs.card_memory;
        let several = if header.needs.several {
            ", one or more devices"
        } else {
            ""
        };
        let needs = match memory.0 {
            0 => format!("a card{several}"),
            _ => format!("a card of {memory}{several}"),
        };
        rows += &format!(
            "| `{}` | {} | {needs} | `{}`, {} | {} |\n",
            template.name, header.about, image.name, image.licence, header.tried
        );
    }
    assert!(
        page.contains(&rows),
        "docs/templates.md wants these rows:\n{rows}"
    );
}
