//! Images that are not what they say. None of these reaches a container engine: none is needed here.

#[path = "support/image.rs"]
mod made;

use iog_engine::{
    image::{self, ImageLimits, Jail, Pull},
    netns::{Egress, Net},
};
use iog_job::{Hash, Platform};
use made::{entry, sha256};
use serde_json::json;
use std::{
    net::TcpListener, path::Path, process::Command, sync::atomic::AtomicBool, time::Duration,
};
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
    let layout = image::unpack(archive, &dir.path().join("blobs"), &ordered, limits)
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
    let layout = image::unpack(&first, &dir.path().join("a"), &made.config, &LIMITS).unwrap();
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
        (EntryType::Regular, "manifest.json", "", "no index.json"),
        (EntryType::Regular, "layer.tar", "", "no OCI layout"),
        (EntryType::Regular, "oci-layout", "", "no index.json"),
    ] {
        let archive = dir.path().join("a.tar");
        std::fs::write(&archive, layer(&[(kind, path, link, b"")])).unwrap();
        let error = check_file(&archive, Hash::default(), &LIMITS).unwrap_err();
        assert!(error.contains(why), "{path}: {error}");
    }
    let mut none = good();
    none.index["manifests"] = json!([]);
    refused(&none, "does not hold the ordered image");
    let mut big = good();
    big.blobs.insert(Hash([9; 32]), vec![0; 2 << 20]);
    refused(&big, "more than 1048576 bytes");
}

/// What builders make is taken: of several images and what is beside them the ordered one, in an index of the index, with Docker's own files.
#[test]
fn of_several_images_the_ordered_one_is_taken() {
    let (mut made, mut other) = (good(), made::image(&[layer(&[])], &[], &[]));
    let inner = other.index.to_string().into_bytes();
    let named =
        |bytes: &[u8]| json!({"digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len()});
    let note = json!({"digest": format!("sha256:{}", Hash([9; 32])), "size": 1,
        "platform": {"os": "unknown", "architecture": "unknown"}});
    let first = made.index["manifests"][0].clone();
    made.index["manifests"] = json!([note, named(&inner), first]);
    made.blobs.append(&mut other.blobs);
    made.blobs.insert(sha256(&inner), inner);
    for ordered in [made.config, other.config] {
        assert_eq!(check(&made, ordered).unwrap().config, ordered);
    }
    let dir = tempfile::tempdir().unwrap();
    let (archive, with) = (dir.path().join("a.tar"), dir.path().join("b.tar"));
    made.write(&archive);
    assert_eq!(
        iog_job::config_of_archive(&archive, None).unwrap_err(),
        "it holds 2 images; say which by platform: linux/amd64 or linux/arm64"
    );
    let bytes = std::fs::read(&archive).unwrap();
    let docker = layer(&[
        (EntryType::Regular, "manifest.json", "", b"[]"),
        (EntryType::Regular, "repositories", "", b"{}"),
    ]);
    // Two zero blocks end an archive.
    std::fs::write(&with, [&docker[..docker.len() - 1_024], &bytes].concat()).unwrap();
    assert_eq!(
        check_file(&with, other.config, &LIMITS).unwrap().config,
        other.config
    );
}

/// A registry of one image on this host, and how many requests came with a login.
fn registry(image: made::Made) -> (String, std::sync::Arc<std::sync::atomic::AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    (host, made::serve(listener, image))
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
        let pull = Pull {
            registries: &registries,
            platform: PLATFORM,
            into: &dir.path().join("blobs"),
            limits,
            jail: None,
            given_up: &AtomicBool::new(false),
        };
        let layout = pull.fetch(reference, &digest);
        let layout = layout.map_err(|error| error.to_string())?;
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

/// redteam C2: a layer that is to come from an address of the image's own choice is not fetched.
#[test]
fn layers_from_elsewhere_are_refused() {
    let mut made = good();
    let manifest = made.blobs.remove(&made.manifest).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    manifest["layers"][0]["urls"] = json!(["http://169.254.169.254/latest"]);
    let manifest = manifest.to_string().into_bytes();
    let digest = sha256(&manifest);
    made.blobs.insert(digest, manifest);
    let (host, _) = registry(made);
    let registries = image::Registries {
        allowed: vec![host.clone()],
        plain: vec![host.clone()],
        ..Default::default()
    };
    let dir = tempfile::tempdir().unwrap();
    let pull = Pull {
        registries: &registries,
        platform: PLATFORM,
        into: &dir.path().join("blobs"),
        limits: &LIMITS,
        jail: None,
        given_up: &AtomicBool::new(false),
    };
    let error = pull
        .fetch(&format!("{host}/team/job"), &digest)
        .unwrap_err();
    assert!(error.to_string().contains("another address"), "{error}");
}

/// A namespace that goes with the test, also with a failed one.
struct Lab(Net);

impl Lab {
    fn new(number: u8) -> Self {
        let net = Net::of(&format!("{number:02x}{:08x}", std::process::id()));
        net.make(None).unwrap();
        Self(net)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.0.delete().ok();
    }
}

/// A host, 203.0.113.1, and behind its router the internet and, at 192.168.7.7, the supplier's own network.
fn world() -> (Lab, Lab) {
    let ip = |args: &str| {
        let status = Command::new("ip").args(args.split(' ')).status().unwrap();
        assert!(status.success(), "ip {args}");
    };
    let (host, internet) = (Lab::new(0xf4), Lab::new(0xf5));
    let (h, i) = (host.0.name(), internet.0.name());
    ip(&format!(
        "-n {h} link add up0 type veth peer name net0 netns {i}"
    ));
    ip(&format!("-n {h} addr add 203.0.113.1/24 dev up0"));
    ip(&format!("-n {h} link set up0 up"));
    for address in ["203.0.113.2/24", "198.51.100.5/32", "192.168.7.7/32"] {
        ip(&format!("-n {i} addr add {address} dev net0"));
    }
    ip(&format!("-n {i} link set net0 up"));
    ip(&format!("-n {h} route add default via 203.0.113.2"));
    (host, internet)
}

/// redteam C2, J6: what fetches images is a user of no rights behind the filter of jobs: a registry whose name leads into the supplier's own
/// network is not reached, but for one of the operator's own. What is not wanted any more ends at once, and nothing is left.
#[test]
fn pulls_are_shut_in() {
    const USER: u32 = (4_000 << 16) + 60_001;
    if !rustix::process::geteuid().is_root() {
        eprintln!("not run: namespaces need root");
        return;
    }
    let (host, internet) = world();
    let root = tempfile::tempdir().unwrap();
    let helper = [std::ffi::OsString::from(env!(
        "CARGO_BIN_EXE_iog-engine-helper"
    ))];
    let places = ["198.51.100.5:5000", "192.168.7.7:5000", "198.51.100.5:5001"];
    let mut silent = None;
    let made = good();
    for place in places {
        let bind = || Ok(TcpListener::bind(place).unwrap());
        let listener = internet.0.inside(bind).unwrap();
        match place.ends_with('0') {
            true => drop(made::serve(listener, good())),
            false => silent = Some(listener),
        }
    }
    let all = places.map(str::to_owned).to_vec();
    let registries = image::Registries {
        allowed: all.clone(),
        plain: all,
        ..Default::default()
    };
    // What the filter drops is not answered.
    let hasty = image::Registries {
        within: Duration::from_secs(2),
        ..registries.clone()
    };
    let pull = |place: &str, egress: Option<&Egress>, given_up: &AtomicBool| {
        let dropped = place == places[1] && egress.is_some();
        let registries = if dropped { &hasty } else { &registries };
        host.0.inside(|| {
            let dir = tempfile::tempdir().unwrap();
            let jail = Jail::new(&helper, root.path(), USER, egress)?;
            let pull = Pull {
                registries,
                platform: PLATFORM,
                into: &dir.path().join("pulled"),
                limits: &LIMITS,
                jail: Some(&jail),
                given_up,
            };
            let layout = pull.fetch(&format!("{place}/team/job"), &made.manifest)?;
            let blob = std::fs::metadata(layout.blobs.join(made.config.to_string())).unwrap();
            assert_eq!(std::os::unix::fs::MetadataExt::uid(&blob), USER);
            image::check(&layout, &made.config, PLATFORM, &LIMITS)
        })
    };
    let (egress, wanted) = (Egress::default(), AtomicBool::new(false));
    let pulled = pull(places[0], Some(&egress), &wanted).unwrap();
    assert_eq!(pulled.config, made.config);
    let error = pull(places[1], Some(&egress), &wanted).unwrap_err();
    assert!(error.to_string().contains("in time"), "{error}");
    // The same way without the filter is there.
    assert_eq!(pull(places[1], None, &wanted).unwrap().config, made.config);
    let silent = silent.unwrap();
    let asked = std::thread::scope(|scope| {
        let pulls = scope.spawn(|| pull(places[2], Some(&egress), &wanted));
        let asked = silent.accept().unwrap();
        wanted.store(true, std::sync::atomic::Ordering::Relaxed);
        let error = pulls.join().unwrap().unwrap_err();
        assert!(error.to_string().contains("not wanted"), "{error}");
        asked.0
    });
    asked
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut rest = Vec::new();
    std::io::Read::read_to_end(&mut &asked, &mut rest).ok();
    let left = |net: &Net| net.name().ends_with("00fa0y");
    assert!(!Net::all().iter().any(left), "a network is left");
}
