use iog_job::{Hash, JobFile};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

fn sha(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A tar file of these names and contents.
fn tar(path: &Path, files: &[(String, Vec<u8>)]) {
    let mut builder = tar::Builder::new(fs::File::create(path).unwrap());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    builder.finish().unwrap();
}

/// An image's blobs, the digests of its manifest and its configuration.
fn image(architecture: &str) -> (Vec<(String, Vec<u8>)>, String, String) {
    let config = format!(r#"{{"architecture":"{architecture}","os":"linux"}}"#).into_bytes();
    let config_sha = sha(&config);
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"digest":"sha256:{config_sha}","size":1}},"layers":[]}}"#
    )
    .into_bytes();
    let manifest_sha = sha(&manifest);
    let blob = |sha: &str, bytes: Vec<u8>| (format!("blobs/sha256/{sha}"), bytes);
    let blobs = vec![blob(&config_sha, config), blob(&manifest_sha, manifest)];
    (blobs, manifest_sha, config_sha)
}

fn index(manifests: &[(&str, &str)]) -> (String, Vec<u8>) {
    let entries: Vec<String> = manifests
        .iter()
        .map(|(sha, architecture)| {
            format!(r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{sha}","size":1,"platform":{{"os":"linux","architecture":"{architecture}"}}}}"#)
        })
        .collect();
    (
        "index.json".into(),
        format!(
            r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
            entries.join(",")
        )
        .into_bytes(),
    )
}

fn job(folder: &Path, platform: &str) -> Result<iog_job::Resolved, iog_job::SpecError> {
    let text = format!("image: {{archive: image.tar}}\ncommand: [sh]\n{platform}");
    JobFile::parse(&text, folder)
        .unwrap()
        .resolve(Hash([1; 32]))
}

/// redteam C1: an image is its configuration's digest, whatever it is called
#[test]
fn an_archive_is_named_by_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    let (mut files, manifest, config) = image("amd64");
    files.push(index(&[(&manifest, "amd64")]));
    tar(&path, &files);
    let resolved = job(folder.path(), "").unwrap();
    let bytes = fs::read(&path).unwrap();
    let image = resolved.spec.image.unwrap();
    assert_eq!(image.config.to_string(), config);
    assert_eq!(
        (image.digest.to_string(), image.len),
        (sha(&bytes), bytes.len() as u64)
    );
    assert_eq!(resolved.sources[&image.digest], path);
}

#[test]
fn of_several_images_the_platform_picks_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    let (mut files, amd, _) = image("amd64");
    let (more, arm, arm_config) = image("arm64");
    files.extend(more);
    files.push(index(&[
        (&amd, "amd64"),
        (&arm, "arm64"),
        (&sha(b"attestation"), "unknown"),
    ]));
    // Builders mark what is beside the images as of no system.
    let text = String::from_utf8(files.pop().unwrap().1).unwrap();
    let text = text.replace(
        r#""os":"linux","architecture":"unknown""#,
        r#""os":"unknown","architecture":"unknown""#,
    );
    files.push(("index.json".into(), text.into_bytes()));
    tar(&path, &files);
    let error = job(folder.path(), "").unwrap_err().to_string();
    assert!(
        error.contains("image.archive: image.tar: it holds 2 images; say which by platform"),
        "{error}"
    );
    let found = job(folder.path(), "platform: linux/arm64\n")
        .unwrap()
        .spec
        .image
        .unwrap();
    assert_eq!(found.config.to_string(), arm_config);
}

#[test]
fn other_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    let says = |wanted: &str| {
        let error = job(folder.path(), "").unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    };
    says("No such file");
    tar(&path, &[("manifest.json".into(), b"[]".to_vec())]);
    says("Docker's old kind");
    tar(&path, &[("x".into(), b"x".to_vec())]);
    says("there is no index.json");
    fs::write(&path, [0x1f, 0x8b, 0, 0]).unwrap();
    says("it is compressed");
    fs::write(&path, vec![b'x'; 2_048]).unwrap();
    says("it is no tar archive");
    // A configuration that was exchanged under its old name.
    let (mut files, manifest, config) = image("amd64");
    files[0].1.push(b' ');
    files.push(index(&[(&manifest, "amd64")]));
    tar(&path, &files);
    says(&format!("blobs/sha256/{config} is not what its name says"));
}

/// What every device refuses is refused before anybody pays for one.
#[test]
fn what_devices_do_not_take_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    let says = |wanted: &str| {
        let error = job(folder.path(), "").unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    };
    let (mut files, manifest, config) = image("amd64");
    files.push(index(&[(&manifest, "amd64")]));
    let with = |name: &str| [files.clone(), vec![(name.into(), b"[]".to_vec())]].concat();
    // Docker's own are left aside.
    tar(&path, &with("manifest.json"));
    assert!(job(folder.path(), "").is_ok());
    tar(&path, &with("layer.tar"));
    says("it has layer.tar, which devices do not take");
    let many: Vec<_> = (0..1_100)
        .map(|n| (format!("blobs/sha256/{n:064x}"), Vec::new()))
        .collect();
    tar(&path, &[files.clone(), many].concat());
    says("more than 1024 files");
    for (layer, wanted) in [
        (Some([0x28, 0xb5, 0x2f, 0xfd, 0]), "packed with zstd"),
        (None, "there is no blobs/sha256/"),
    ] {
        let sha_of_layer = sha(&[0x28, 0xb5, 0x2f, 0xfd, 0]);
        let text = format!(
            r#"{{"config":{{"digest":"sha256:{config}"}},"layers":[{{"digest":"sha256:{sha_of_layer}"}}]}}"#
        );
        let manifest = sha(text.as_bytes());
        let mut files = vec![
            files[0].clone(),
            (format!("blobs/sha256/{manifest}"), text.into_bytes()),
            index(&[(&manifest, "amd64")]),
        ];
        files.extend(layer.map(|bytes| (format!("blobs/sha256/{sha_of_layer}"), bytes.to_vec())));
        tar(&path, &files);
        says(wanted);
    }
}
