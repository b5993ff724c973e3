//! The folders under `examples/`.

use iog_job::{Hash, JobFile, Kind, Resolved, Warning};
use std::path::{Path, PathBuf};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
        .join("job.yaml")
}

fn read(name: &str) -> Resolved {
    JobFile::read(&example(name))
        .unwrap()
        .resolve(Hash([1; 32]))
        .unwrap()
}

#[test]
fn a_batch_job() {
    let resolved = read("job");
    assert_eq!(resolved.spec.kind, Kind::Batch);
    let targets: Vec<&str> = resolved
        .spec
        .inputs
        .iter()
        .map(|input| input.target.as_str())
        .collect();
    assert_eq!(targets, ["summarise.sh", "readings.csv"]);
    assert_eq!(resolved.spec.warnings(), [Warning::NoImage]);
}

#[test]
fn a_service_with_a_port() {
    let spec = read("service").spec;
    assert_eq!(spec.kind, Kind::Service);
    assert_eq!(spec.readiness.as_ref().unwrap().port, spec.ports[0].port);
    assert!(spec.secrets.iter().any(|secret| secret.name == "TOKEN"));
}

#[test]
fn a_session() {
    let spec = read("session").spec;
    assert_eq!((spec.kind, spec.command.len()), (Kind::Session, 0));
}

/// The script makes the archive that the job names, of what Debian has.
#[test]
fn an_image_archive() {
    let folder = tempfile::tempdir().unwrap();
    let source = example("image");
    let script = source.with_file_name("make-image.sh");
    std::fs::copy(&source, folder.path().join("job.yaml")).unwrap();
    let status = std::process::Command::new("sh")
        .arg(&script)
        .arg(folder.path().join("image.tar"))
        .status()
        .unwrap();
    assert!(status.success());
    let make = |folder: &Path| {
        JobFile::read(&folder.join("job.yaml"))
            .unwrap()
            .resolve(Hash([1; 32]))
            .unwrap()
    };
    let image = make(folder.path()).spec.image.unwrap();
    assert!(image.len > 0 && !image.config.is_none());
    // The same bytes each time, so that the same job has the same name.
    let again = std::process::Command::new("sh")
        .arg(&script)
        .arg(folder.path().join("image.tar"))
        .status()
        .unwrap();
    assert!(again.success());
    assert_eq!(make(folder.path()).spec.image.unwrap(), image);
}
