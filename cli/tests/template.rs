//! `iog job template`: from its name to a job file that `iog job validate` takes. Without a network.

mod common;

use common::{json, text, Iog};
use std::fs;

const DIGEST: &str = "0101010101010101010101010101010101010101010101010101010101010101";

fn refused(output: &std::process::Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    text(&output.stderr)
}

#[test]
fn a_template_becomes_a_job() {
    let iog = Iog::new();
    let all = json(&iog.offline("job template list -o json"));
    let all = all.as_array().unwrap();
    assert!(all.len() >= 12);
    for template in all {
        let name = template["name"].as_str().unwrap();
        let shown = json(&iog.offline(&format!("job template show {name} -o json")));
        let image = format!("{}@sha256:{DIGEST}", shown["image"].as_str().unwrap());
        let made = iog.offline(&format!(
            "job template use {name} --image {image} --to {name}/job.yaml -o json"
        ));
        assert_eq!(json(&made)["files"], shown["files"], "{name}");
        let own = shown["parameters"].as_array().unwrap().iter();
        for path in own.filter(|parameter| parameter["kind"] == "path") {
            let file = path["default"].as_str().unwrap();
            // What the renter has to put there is told.
            assert!(text(&made.stderr).contains("not there yet"), "{made:?}");
            fs::write(iog.path(&format!("{name}/{file}")), "the renter's").unwrap();
        }
        let valid = json(&iog.offline(&format!("job validate {name}/job.yaml -o json")));
        assert_eq!(valid["image"], format!("sha256:{DIGEST}"), "{name}");
    }
}

#[test]
fn values_and_images_are_the_renters() {
    let iog = Iog::new();
    let line = "job template use llama-cpp --no-image --set model=own.gguf --set gpu_layers=0 --to job.yaml";
    fs::write(iog.path("own.gguf"), "weights").unwrap();
    assert!(iog.offline(line).status.success());
    let job = fs::read_to_string(iog.path("job.yaml")).unwrap();
    assert!(
        job.contains("{source: \"own.gguf\", target: model.gguf}") && job.contains("- \"0\""),
        "{job}"
    );
    assert!(!job.contains("image:"), "{job}");
    // The names of secrets, and nothing in their place.
    assert!(
        job.contains("{name: LLAMA_API_KEY, env: LLAMA_API_KEY}"),
        "{job}"
    );
    // What is there stays.
    assert!(refused(&iog.offline(line)).contains("job.yaml is there already"));
    assert_eq!(fs::read_to_string(iog.path("job.yaml")).unwrap(), job);
    // A job without files of its own needs no folder.
    let printed = iog.offline("job template use ssh --no-image");
    assert!(
        text(&printed.stdout).contains("kind: session"),
        "{printed:?}"
    );
    let archive = iog.offline("job template use ssh --archive image.tar");
    assert!(
        text(&archive.stdout).contains("archive: \"image.tar\""),
        "{archive:?}"
    );
}

/// redteam C3: no digest, no job; the error says how one is found
#[test]
fn mistakes_say_what_to_do() {
    let iog = Iog::new();
    let says = |line: &str, wanted: &str| {
        let said = refused(&iog.offline(&format!("job template {line}")));
        assert!(said.contains(wanted), "{said}");
    };
    says(
        "show jupiter",
        "there is no template `jupiter`; there are blender",
    );
    says(
        "use vllm",
        "skopeo inspect --format '{{.Digest}}' docker://docker.io/vllm/vllm-openai:latest",
    );
    says(
        "use vllm --image docker.io/vllm/vllm-openai:latest",
        "has no digest",
    );
    says(
        "use vllm --no-image --set modle=x",
        "it has model, cards, context, disk",
    );
    says(
        "use vllm --no-image --set cards=two",
        "cards: `two` is no whole number",
    );
    says(
        "use vllm --no-image --set cards",
        "'cards' is not NAME=VALUE",
    );
    says(
        "use vllm --no-image --set cards=1 --set cards=2",
        "--set cards is given twice",
    );
    says(
        "use pytorch-ddp --no-image",
        "train.py along: give --to FILE",
    );
}
