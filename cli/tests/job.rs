//! `iog job`: job files, without a network.

mod common;

use common::{json, text, Iog};
use sha2::{Digest, Sha256};
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

/// redteam P1, V2: ciphertexts named by their own hash, which hold nothing of the files, the job or its keys; the field makes the job one
/// that devices can fetch, whose hash is the same.
#[test]
fn seal_writes_ciphertexts_for_mirrors() {
    let iog = Iog::new();
    let marker = b"what nobody else may read ".repeat(5_000);
    fs::create_dir(iog.path("data")).unwrap();
    for (name, bytes) in [("data/a", &marker[..]), ("data/b", b""), ("code.py", b"x")] {
        fs::write(iog.path(name), bytes).unwrap();
    }
    let job = "command: [sh, code.py]\ninputs:\n- source: data\n- source: code.py\n";
    fs::write(iog.path("job.yaml"), job).unwrap();
    let hash = |file: &str| {
        let hash = json(&iog.offline(&format!("job hash {file} --salt {SALT} -o json")));
        hash["job_hash"].clone()
    };
    let bare = hash("job.yaml");
    let bad = iog.offline("job seal job.yaml --out bad --mirror http://a.example.com");
    assert_eq!(bad.status.code(), Some(2));
    assert!(!std::path::Path::new(&iog.path("bad")).exists());
    let line =
        "job seal job.yaml --out sealed --mirror https://a.example.com/iog --to field.yaml -o json";
    let told = json(&iog.offline(line));
    assert_eq!(
        (&told["files"], &told["bytes"]),
        (&3.into(), &130_065.into())
    );
    let field = fs::read_to_string(iog.path("field.yaml")).unwrap();
    let again = iog.offline(line);
    assert_eq!(again.status.code(), Some(2), "what is there is left alone");

    fs::write(iog.path("mirrored.yaml"), format!("{job}{field}")).unwrap();
    assert_eq!(hash("mirrored.yaml"), bare);
    let parsed: serde_yaml::Value = serde_yaml::from_str(&field).unwrap();
    let sealed = parsed["mirrors"]["sealed"].as_mapping().unwrap();
    let mut names = 0;
    for entry in fs::read_dir(iog.path("sealed")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        assert_eq!(name, hex::encode(Sha256::digest(&bytes)));
        assert!(sealed.values().any(|one| one["sha256"] == name.as_str()));
        assert!(!bytes.windows(16).any(|part| part == &marker[..16]));
        names += 1;
    }
    assert_eq!((names, sealed.len()), (3, 3));
    // A file that changed is not what was sealed.
    fs::write(iog.path("code.py"), "y").unwrap();
    let refused = iog.offline("job validate mirrored.yaml");
    let said = text(&refused.stderr);
    assert!(said.contains("iog job seal again"), "{said}");
}
