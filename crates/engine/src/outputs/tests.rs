use super::*;
use std::{ffi::OsString, fs, io::Read, os::unix::fs::symlink};

fn paths(work: &Path, named: &[&str]) -> Vec<String> {
    let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
    list(work, &named)
        .unwrap()
        .into_iter()
        .map(|file| file.path)
        .collect()
}

#[test]
fn out_and_what_is_named_are_listed_once() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path();
    fs::create_dir_all(work.join("out/deep")).unwrap();
    fs::write(work.join("out/deep/a"), b"abc").unwrap();
    fs::write(work.join("model.bin"), b"").unwrap();
    fs::write(work.join("scratch"), b"not asked for").unwrap();
    let listed = list(work, &["model.bin".into(), "out/".into(), "absent".into()]).unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!((listed[0].path.as_str(), listed[0].len), ("model.bin", 0));
    assert_eq!((listed[1].path.as_str(), listed[1].len), ("out/deep/a", 3));
    assert_ne!(listed[0].inode, listed[1].inode);
    let mut text = String::new();
    open(work, "out/deep/a", 1)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "bc");
    let named = ["model.bin".to_owned()];
    assert!(is_named("model.bin", &named) && is_named("out/x", &named));
    assert!(
        !is_named("scratch", &named)
            && !is_named("outside", &named)
            && !is_named("model.binary", &named)
    );
}

/// redteam S4: links lead nowhere, as files, as folders and as the folder `out` itself.
#[test]
fn links_are_neither_listed_nor_read() {
    let dir = tempfile::tempdir().unwrap();
    let (work, secret) = (dir.path().join("work"), dir.path().join("key"));
    fs::create_dir_all(work.join("out")).unwrap();
    fs::write(&secret, b"key of the node").unwrap();
    symlink(&secret, work.join("out/absolute")).unwrap();
    symlink("../../key", work.join("out/relative")).unwrap();
    symlink(dir.path(), work.join("out/folder")).unwrap();
    symlink("out", work.join("loop")).unwrap();
    // What it would have read without the rule.
    assert_eq!(
        fs::read(work.join("out/relative")).unwrap(),
        b"key of the node"
    );
    assert_eq!(paths(&work, &["loop", "../key"]), Vec::<String>::new());
    for path in [
        "out/absolute",
        "out/relative",
        "out/folder/key",
        "../key",
        "/etc/passwd",
        "out/../../key",
        "",
        "out",
    ] {
        assert!(
            matches!(open(&work, path, 0), Err(EngineError::NotFound(_))),
            "{path}"
        );
    }
    fs::remove_dir_all(work.join("out")).unwrap();
    symlink(dir.path(), work.join("out")).unwrap();
    assert_eq!(paths(&work, &[]), Vec::<String>::new());
}

/// redteam S4: pipes do not hold the node, sockets and device nodes are no files.
#[test]
fn what_is_no_regular_file_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("out")).unwrap();
    let pipe = dir.path().join("out/pipe");
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("out/socket")).unwrap();
    assert_eq!(paths(dir.path(), &[]), Vec::<String>::new());
    assert!(open(dir.path(), "out/pipe", 0).is_err());
}

/// redteam S4, Field case 4: every name comes back as what it was.
#[test]
fn odd_names_are_escaped() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("out")).unwrap();
    for (name, shown) in [
        (&b"\xff\xfe"[..], "out/%FF%FE"),
        (b"50%", "out/50%25"),
        (b"\x1b[2J", "out/%1B[2J"),
        (b"a\nb", "out/a%0Ab"),
        ("\u{202e}gpj".as_bytes(), "out/%E2%80%AEgpj"),
        ("größe".as_bytes(), "out/größe"),
    ] {
        let path = dir
            .path()
            .join("out")
            .join(OsString::from(OsStr::from_bytes(name)));
        fs::write(&path, name).unwrap();
        assert_eq!(paths(dir.path(), &[]), [shown]);
        let mut bytes = Vec::new();
        open(dir.path(), shown, 0)
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        assert_eq!(bytes, name);
        fs::remove_file(path).unwrap();
    }
    for text in ["%41", "%2", "%zz", "%ff", "a%"] {
        assert_eq!(unescape(text), None, "{text}");
    }
}

/// redteam S4: sparse terabytes and very many files are refused, not read.
#[test]
fn lists_end() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("out")).unwrap();
    for n in 0..=3 {
        let file = File::create(dir.path().join(format!("out/{n}"))).unwrap();
        file.set_len(if n == 0 { 1 << 43 } else { 0 }).unwrap();
    }
    assert!(list(dir.path(), &[])
        .unwrap_err()
        .to_string()
        .contains("bytes: pack them into fewer"));
    let all = walk::files(dir.path(), &[OsStr::new("out")], 3)
        .unwrap_err()
        .to_string();
    assert!(all.contains("more than 3 files"), "{all}");
}
