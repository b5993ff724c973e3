//! Images made by hand, so that each of their parts can be made wrong.
#![allow(dead_code)]

use flate2::{write::GzEncoder, Compression};
use iog_job::{Hash, Image};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, io::Write, path::Path};

pub const PROGRAMS: [&str; 38] = [
    "sh", "cat", "ls", "id", "sleep", "ps", "mount", "dd", "wc", "env", "grep", "mkdir", "rm",
    "touch", "head", "true", "kill", "ln", "nc", "echo", "ping", "date", "mknod", "chmod",
    "mkfifo", "hostname", "cut", "tail", "cp", "su", "find", "truncate", "printf", "setsid", "tr",
    "dmesg", "stty", "test",
];

pub struct Made {
    pub blobs: BTreeMap<Hash, Vec<u8>>,
    pub config: Hash,
    pub manifest: Hash,
    pub index: Value,
}

pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// A layer of busybox and nothing else.
pub fn busybox() -> Vec<u8> {
    busybox_and(&[])
}

/// With more programs: paths and bytes.
pub fn busybox_and(programs: &[(&str, &[u8])]) -> Vec<u8> {
    let program = std::fs::read("/bin/busybox").unwrap();
    let mut tar = tar::Builder::new(Vec::new());
    for folder in [
        "bin/", "etc/", "tmp/", "work/", "run/", "sys/", "proc/", "dev/",
    ] {
        let mode = if folder == "tmp/" { 0o1777 } else { 0o755 };
        entry(&mut tar, tar::EntryType::Directory, folder, "", mode, b"");
    }
    entry(
        &mut tar,
        tar::EntryType::Regular,
        "bin/busybox",
        "",
        0o755,
        &program,
    );
    for name in PROGRAMS {
        entry(
            &mut tar,
            tar::EntryType::Symlink,
            &format!("bin/{name}"),
            "busybox",
            0o777,
            b"",
        );
    }
    for (path, bytes) in programs {
        entry(&mut tar, tar::EntryType::Regular, path, "", 0o755, bytes);
    }
    tar.into_inner().unwrap()
}

pub fn entry(
    tar: &mut tar::Builder<Vec<u8>>,
    kind: tar::EntryType,
    path: &str,
    link: &str,
    mode: u32,
    bytes: &[u8],
) {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(bytes.len() as u64);
    // As it is, also where the library would refuse it.
    header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_cksum();
    tar.append(&header, bytes).unwrap();
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Of packed layers and what they hold.
pub fn image(layers: &[Vec<u8>], env: &[&str], command: &[&str]) -> Made {
    image_of(layers, &json!({"Env": env, "Cmd": command}))
}

/// With any configuration.
pub fn image_of(layers: &[Vec<u8>], started: &Value) -> Made {
    let mut blobs = BTreeMap::new();
    let packed: Vec<Vec<u8>> = layers.iter().map(|layer| gzip(layer)).collect();
    let diff_ids: Vec<String> = layers
        .iter()
        .map(|layer| format!("sha256:{}", sha256(layer)))
        .collect();
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let config = json!({"architecture": architecture, "os": "linux", "config": started,
        "rootfs": {"type": "layers", "diff_ids": diff_ids}});
    let config = config.to_string().into_bytes();
    let of = |kind: &str, bytes: &[u8]| {
        json!({"mediaType": format!("application/vnd.oci.image.{kind}"),
        "digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len()})
    };
    let layers: Vec<Value> = packed
        .iter()
        .map(|layer| of("layer.v1.tar+gzip", layer))
        .collect();
    let manifest =
        json!({"schemaVersion": 2, "config": of("config.v1+json", &config), "layers": layers});
    let manifest = manifest.to_string().into_bytes();
    let mut named = of("manifest.v1+json", &manifest);
    named["annotations"] =
        json!({"org.opencontainers.image.ref.name": "docker.io/library/pytorch:latest"});
    let made = Made {
        config: sha256(&config),
        manifest: sha256(&manifest),
        index: json!({"schemaVersion": 2, "manifests": [named]}),
        blobs: BTreeMap::new(),
    };
    for bytes in packed.into_iter().chain([config, manifest]) {
        blobs.insert(sha256(&bytes), bytes);
    }
    Made { blobs, ..made }
}

impl Made {
    /// As `skopeo copy oci-archive:` and `podman save --format oci-archive` write it.
    pub fn write(&self, path: &Path) {
        let mut tar = tar::Builder::new(Vec::new());
        entry(
            &mut tar,
            tar::EntryType::Regular,
            "oci-layout",
            "",
            0o644,
            br#"{"imageLayoutVersion":"1.0.0"}"#,
        );
        entry(
            &mut tar,
            tar::EntryType::Regular,
            "index.json",
            "",
            0o644,
            self.index.to_string().as_bytes(),
        );
        for (digest, bytes) in &self.blobs {
            entry(
                &mut tar,
                tar::EntryType::Regular,
                &format!("blobs/sha256/{digest}"),
                "",
                0o644,
                bytes,
            );
        }
        std::fs::write(path, tar.into_inner().unwrap()).unwrap();
    }

    /// As a job names it.
    pub fn named(&self, archive: &Path) -> Image {
        let bytes = std::fs::read(archive).unwrap();
        Image {
            reference: None,
            digest: sha256(&bytes),
            len: bytes.len() as u64,
            config: self.config,
        }
    }
}

/// Serves one image as registries do, by plain HTTP, until the test ends; counts requests that came with a login.
pub fn serve(
    listener: std::net::TcpListener,
    made: Made,
) -> std::sync::Arc<std::sync::atomic::AtomicU32> {
    use std::io::{BufRead, Write};
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
    logins
}
