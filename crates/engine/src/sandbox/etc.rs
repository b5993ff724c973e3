//! `/etc` as jobs see it: nothing of the host's but where its libraries are and which certificates it trusts.

use crate::error::EngineError;
use std::{fs::Permissions, net::Ipv4Addr, os::unix::fs::PermissionsExt, path::Path};

/// Parts of the host's `/etc` that programs of `/usr` need; put over empty ones of ours, where the host has them.
pub const OF_THE_HOST: [(&str, bool); 5] = [
    ("alternatives", true),
    ("ld.so.cache", false),
    ("ld.so.conf", false),
    ("ld.so.conf.d", true),
    ("ssl/certs", true),
];

const FILES: [(&str, &str); 6] = [
    ("passwd", "root:x:0:0:root:/:/usr/sbin/nologin\njob:x:1000:1000:job:/work:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"),
    ("group", "root:x:0:\njob:x:1000:\nnogroup:x:65534:\n"),
    ("hosts", "127.0.0.1 localhost iog\n"),
    ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    ("profile", "PS1='iog:\\w\\$ '\n"),
    ("hostname", "iog\n"),
];

pub fn write(dir: &Path, resolvers: Option<&[Ipv4Addr]>) -> Result<(), EngineError> {
    let put = |name: &str, text: &str| {
        let path = dir.join(name);
        let written = std::fs::write(&path, text)
            .and_then(|()| std::fs::set_permissions(&path, Permissions::from_mode(0o644)));
        written.map_err(EngineError::file(path))
    };
    let folder = |path: &Path| {
        let made = std::fs::create_dir_all(path)
            .and_then(|()| std::fs::set_permissions(path, Permissions::from_mode(0o755)));
        made.map_err(EngineError::file(path))
    };
    folder(dir)?;
    for (name, text) in FILES {
        put(name, text)?;
    }
    let lines = resolvers
        .unwrap_or_default()
        .iter()
        .map(|address| format!("nameserver {address}\n"));
    put("resolv.conf", &lines.collect::<String>())?;
    for (name, is_dir) in OF_THE_HOST {
        match is_dir {
            true => {
                folder(dir.join(name).parent().unwrap_or(dir))?;
                folder(&dir.join(name))?;
            }
            false => put(name, "")?,
        }
    }
    Ok(())
}
