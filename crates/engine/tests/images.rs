//! Images that are not what they say. None of these reaches a container engine: none is needed here.

#[path = "support/image.rs"]
mod made;

use iog_engine::image::{self, ImageLimits};
use iog_job::{Hash, Platform};
use made::{entry, sha256};
use serde_json::json;
use std::path::Path;
use tar::EntryType;

const PLATFORM: Platform = if cfg!(target_arch = "aarch64") {
    Platform::LinuxArm64
} else {
    Platform::LinuxAmd64
};
const LIMITS: ImageLimits = ImageLimits {
    packed_bytes: 1 << 20,
    bytes: 1 << 20,
    files: 20,
    layers: 2,
};

fn layer(entries: &[(EntryType, &str, &str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (kind, path, link, bytes) in entries {
        entry(&mut tar, *kind, path, link, 0o644, bytes);
    }
    tar.into_inner().unwrap()
}

fn good() -> made::Made {
    made::image(
        &[layer(&[(EntryType::Regular, "etc/x", "", b"x")])],
        &["A=b=c"],
        &["/bin/x"],
    )
}

/// Takes an archive apart and checks it, as the engine does before it loads it.
fn check(made: &made::Made, ordered: Hash) -> Result<image::Checked, String> {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("a.tar");
    made.write(&archive);
    check_file(&archive, ordered, &LIMITS)
}

fn check_file(
    archive: &Path,
    ordered: Hash,
    limits: &ImageLimits,
) -> Result<image::Checked, String> {
    let dir = tempfile::tempdir().unwrap();
    let layout = image::unpack(archive, &dir.path().join("blobs"), limits)
        .map_err(|error| error.to_string())?;
    image::check(&layout, &ordered, PLATFORM, limits).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(made: &made::Made, why: &str) {
    let error = check(made, made.config).map(|_| ()).unwrap_err();
    assert!(error.contains(why), "{error}");
}

/// redteam C1, E4: the archive for the engine names nothing, whatever name came with the image.
#[test]
fn what_the_engine_gets_has_no_tag() {
    let made = good();
    let checked = check(&made, made.config).unwrap();
    assert_eq!(
        (checked.config, checked.manifest),
        (made.config, made.manifest)
    );
    assert_eq!(checked.start.command, ["/bin/x"]);
    assert_eq!(checked.start.env, [("A".to_owned(), "b=c".to_owned())]);
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (dir.path().join("a.tar"), dir.path().join("b.tar"));
    made.write(&first);
    let layout = image::unpack(&first, &dir.path().join("a"), &LIMITS).unwrap();
    let checked = image::check(&layout, &made.config, PLATFORM, &LIMITS).unwrap();
    image::pack(&layout, &checked, &second).unwrap();
    let has_name = |path: &Path| {
        std::fs::read(path)
            .unwrap()
            .windows(7)
            .any(|part| part == b"pytorch")
    };
    assert!(has_name(&first) && !has_name(&second));
    assert_eq!(
        check_file(&second, made.config, &LIMITS).unwrap().config,
        made.config
    );
}

/// redteam C1: another image than the ordered one, a changed layer, configuration or manifest.
#[test]
fn every_digest_is_reckoned_anew() {
    let made = good();
    assert!(check(&made, Hash([1; 32]))
        .unwrap_err()
        .contains("ordered was sha256:0101"));
    assert!(check(&made, Hash::default()).is_ok());
    let other = made::gzip(&layer(&[(EntryType::Regular, "etc/x", "", b"y")]));
    for (digest, bytes) in &made.blobs {
        let mut wrong = good();
        let name = match () {
            () if *digest == made.config => "its configuration is not what its digest says",
            () if *digest == made.manifest => "its manifest is not what its digest says",
            () => "a layer is not what the manifest says",
        };
        let bytes = if name.starts_with("a layer") {
            other.clone()
        } else {
            [bytes.as_slice(), b" "].concat()
        };
        wrong.blobs.insert(*digest, bytes);
        refused(&wrong, name);
    }
    // A manifest that is right about a layer that the configuration does not name.
    let mut swapped = good();
    let config = swapped.config;
    let manifest = json!({"config": {"digest": format!("sha256:{config}"), "size": 1},
        "layers": [{"digest": format!("sha256:{}", sha256(&other)), "size": other.len()}]});
    let manifest = manifest.to_string().into_bytes();
    swapped.index = json!({"manifests": [{"digest": format!("sha256:{}", sha256(&manifest)), "size": manifest.len()}]});
    swapped
        .blobs
        .extend([(sha256(&other), other), (sha256(&manifest), manifest)]);
    refused(&swapped, "a layer is not what the configuration says");
}

/// redteam C1, C2: layers that lead out, bring devices, or never end.
#[test]
fn layers_that_do_harm_are_refused() {
    let one =
        |kind, path: &str, link: &str| made::image(&[layer(&[(kind, path, link, b"")])], &[], &[]);
    refused(
        &one(EntryType::Regular, "../../etc/cron.d/x", ""),
        "leads out",
    );
    refused(
        &one(EntryType::Link, "etc/x", "../../../etc/shadow"),
        "leads out",
    );
    refused(&one(EntryType::Char, "dev/mem", ""), "device node");
    refused(
        &made::image(
            &[layer(&[(
                EntryType::Regular,
                "zeros",
                "",
                &vec![0; 2 << 20],
            )])],
            &[],
            &[],
        ),
        "more than 1048576 bytes",
    );
    let names: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    let files: Vec<_> = names
        .iter()
        .map(|name| (EntryType::Regular, name.as_str(), "", &b""[..]))
        .collect();
    refused(
        &made::image(&[layer(&files)], &[], &[]),
        "more than 20 files",
    );
    refused(&made::image(&vec![layer(&[]); 3], &[], &[]), "has 3 layers");
}

/// A name that says it has 4 GiB is not read: 64 KiB are the most. Nor is anything waited for.
#[test]
fn long_names_and_fifos_in_layers_are_refused() {
    let long = vec![b'x'; (64 << 10) + 1];
    for kind in [
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::XHeader,
    ] {
        let one = made::image(&[layer(&[(kind, "name", "", &long)])], &[], &[]);
        refused(&one, "a layer has names that are too long");
    }
    let fifo = made::image(
        &[layer(&[(EntryType::Fifo, "etc/passwd", "", b"")])],
        &[],
        &[],
    );
    refused(&fifo, "a layer has a FIFO");
}

/// Whose fault: an archive with a blob twice, or cut off, is its maker's.
#[test]
fn broken_archives_are_not_the_hosts_fault() {
    let (dir, made) = (tempfile::tempdir().unwrap(), good());
    let archive = dir.path().join("a.tar");
    let (digest, bytes) = made.blobs.iter().next().unwrap();
    let name = format!("blobs/sha256/{digest}");
    let twice = layer(&[
        (EntryType::Regular, &name, "", bytes),
        (EntryType::Regular, &name, "", bytes),
    ]);
    std::fs::write(&archive, twice).unwrap();
    let error = check_file(&archive, Hash::default(), &LIMITS).unwrap_err();
    assert_eq!(
        error,
        format!("the image cannot be used: its archive has {digest} twice")
    );
    made.write(&archive);
    let whole = std::fs::read(&archive).unwrap();
    for len in (1..whole.len()).step_by(300) {
        std::fs::write(&archive, &whole[..len]).unwrap();
        match check_file(&archive, made.config, &LIMITS) {
            // The zeros at an archive's end may be missing.
            Ok(checked) => assert_eq!(checked.config, made.config),
            Err(error) => assert!(
                error.starts_with("the image cannot be used: "),
                "{len}: {error}"
            ),
        }
    }
}

#[test]
fn archives_that_are_no_layout_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (kind, path, link, why) in [
        (
            EntryType::Symlink,
            "blobs/sha256",
            "/etc",
            "something that is no file",
        ),
        (
            EntryType::Regular,
            "blobs/sha256/../../../x",
            "",
            "no OCI layout",
        ),
        (EntryType::Regular, "/etc/x", "", "no OCI layout"),
        (EntryType::Regular, "manifest.json", "", "no OCI layout"),
        (EntryType::Regular, "oci-layout", "", "no index.json"),
    ] {
        let archive = dir.path().join("a.tar");
        std::fs::write(&archive, layer(&[(kind, path, link, b"")])).unwrap();
        let error = check_file(&archive, Hash::default(), &LIMITS).unwrap_err();
        assert!(error.contains(why), "{path}: {error}");
    }
    let mut two = good();
    two.index["manifests"] = json!([two.index["manifests"][0], two.index["manifests"][0]]);
    refused(&two, "not exactly one image");
    let mut big = good();
    big.blobs.insert(Hash([9; 32]), vec![0; 2 << 20]);
    refused(&big, "more than 1048576 bytes");
}

/// Serves one image as registries do, by plain HTTP, until the test ends; counts requests that came with a login.
fn registry(made: made::Made) -> (String, std::sync::Arc<std::sync::atomic::AtomicU32>) {
    use std::io::{BufRead, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let logins = std::sync::Arc::<std::sync::atomic::AtomicU32>::default();
    let seen = logins.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = std::io::BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            for line in lines.take_while(|line| !line.is_empty()) {
                if line.to_ascii_lowercase().starts_with("authorization") {
                    seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            }
            let path = first.split(' ').nth(1).unwrap_or_default();
            let blob = path
                .rsplit("sha256:")
                .next()
                .and_then(|hash| hash.parse().ok())
                .and_then(|hash: Hash| made.blobs.get(&hash));
            let kind = if path.contains("manifests") {
                "application/vnd.oci.image.manifest.v1+json"
            } else {
                "application/octet-stream"
            };
            let (code, body) = match (path, blob) {
                ("/v2/", _) => (200, &b"{}"[..]),
                (_, Some(bytes)) => (200, bytes.as_slice()),
                _ => (404, &b"the oracle of the host's own network"[..]),
            };
            let head = format!("HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).ok();
            if !first.starts_with("HEAD") {
                stream.write_all(body).ok();
            }
        }
    });
    (host, logins)
}

/// redteam C2, J6: by digest, from listed registries, without the host's login; what the registry says is not repeated.
#[test]
fn pulls_bring_what_the_digest_names() {
    let made = good();
    let (manifest, config) = (made.manifest, made.config);
    let (host, logins) = registry(made);
    let registries = image::Registries {
        allowed: vec![host.clone()],
        plain: vec![host.clone()],
        ..Default::default()
    };
    let pull = |reference: &str, digest: Hash, limits: &ImageLimits| {
        let dir = tempfile::tempdir().unwrap();
        let layout = image::pull(
            &registries,
            reference,
            &digest,
            PLATFORM,
            &dir.path().join("blobs"),
            limits,
        )
        .map_err(|error| error.to_string())?;
        image::check(&layout, &Hash::default(), PLATFORM, limits).map_err(|error| error.to_string())
    };
    let name = format!("{host}/team/job");
    assert_eq!(pull(&name, manifest, &LIMITS).unwrap().config, config);
    assert_eq!(logins.load(std::sync::atomic::Ordering::Relaxed), 0);
    let missing = pull(&name, Hash([3; 32]), &LIMITS).unwrap_err();
    assert_eq!(
        missing,
        "the image cannot be used: it cannot be fetched from its registry"
    );
    // A blob that is served under a manifest's name is no manifest.
    assert!(pull(&name, config, &LIMITS).is_err());
    let elsewhere = pull("registry.example/team/job", manifest, &LIMITS).unwrap_err();
    assert_eq!(
        elsewhere,
        "the image cannot be used: this device pulls nothing from `registry.example`"
    );
    for odd in [format!("{name}@sha256:0"), format!("{name} --help")] {
        assert!(pull(&odd, manifest, &LIMITS)
            .unwrap_err()
            .contains("no registry and name"));
    }
}
