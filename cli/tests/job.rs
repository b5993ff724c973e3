//! `iog job`: job files, without a network.

mod common;

use common::{json, text, Iog};
use std::fs;

const SALT: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// The hash of the vectors that Rust and TypeScript share, by the command and from both forms.
#[test]
fn hashes_are_those_of_the_vectors() {
    let iog = Iog::new();
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../crates/job/vectors/job.json")).unwrap();
    let batch = &vectors[0];
    fs::write(iog.path("job.yaml"), "command: [sh, -c, echo hello]\n").unwrap();
    let found = json(&iog.offline(&format!("job hash job.yaml --salt {SALT} -o json")));
    assert_eq!(found["job_hash"], batch["job_hash"]);
    assert!(found["image_hash"].is_null());
    fs::write(iog.path("job.json"), batch["spec"].to_string()).unwrap();
    let found = json(&iog.offline("job hash job.json -o json"));
    assert_eq!(
        (&found["job_hash"], &found["salt"]),
        (&batch["job_hash"], &SALT.into())
    );
    // Without a salt each is another.
    let one = json(&iog.offline("job hash job.yaml -o json"));
    let other = json(&iog.offline("job hash job.yaml -o json"));
    assert_ne!(one["job_hash"], other["job_hash"]);
    let refused = iog.offline(&format!("job hash job.json --salt {SALT}"));
    assert_eq!(refused.status.code(), Some(2));
}

/// Field cases 17 and 25
#[test]
fn validate_names_field_and_line_and_warns() {
    let iog = Iog::new();
    fs::write(
        iog.path("job.json"),
        "{\"command\": [\"a\"],\n\"env\": {\"EPOCHS\": 10}}",
    )
    .unwrap();
    let output = iog.offline("job validate job.json");
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("line 2: env.EPOCHS: is the number 10"),
        "{said}"
    );
    fs::write(
        iog.path("job.yaml"),
        "\u{feff}command: ['python3 -c 1']\nports: [80]\n",
    )
    .unwrap();
    let output = iog.offline("job validate job.yaml -o json");
    assert!(text(&output.stderr).contains("warning: command: the program's name has blanks"));
    let found = json(&output);
    assert_eq!(
        (&found["kind"], &found["ports"][0]),
        (&"batch".into(), &"80".into())
    );
}

#[test]
fn convert_writes_a_job_once() {
    let iog = Iog::new();
    fs::write(
        iog.path("compose.yml"),
        "services: {a: {image: redis:7, command: redis-server}}",
    )
    .unwrap();
    let output = iog.offline("job convert compose.yml --to job.yaml -o json");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr)
        .contains("note: image: docker.io/library/redis:7 may become another image"));
    assert!(fs::read_to_string(iog.path("job.yaml"))
        .unwrap()
        .starts_with("image: docker.io/library/redis:7\n"));
    let again = iog.offline("job convert compose.yml --to job.yaml");
    assert_eq!(again.status.code(), Some(2), "what is there is left alone");
    let printed = text(&iog.offline("job convert compose.yml").stdout);
    assert!(printed.contains("- redis-server"), "{printed}");
    fs::write(
        iog.path("bad.yml"),
        "services: {a: {build: ., privileged: true}}",
    )
    .unwrap();
    let output = iog.offline("job convert bad.yml");
    let said = text(&output.stderr);
    assert_eq!(
        (output.status.code(), said.lines().count()),
        (Some(2), 1),
        "{said}"
    );
    assert!(
        said.contains("services.a.build: devices build nothing")
            && said.contains("services.a.privileged"),
        "{said}"
    );
}
