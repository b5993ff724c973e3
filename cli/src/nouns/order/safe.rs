//! Names and places of what a device sends: nothing of it leaves the folder that it lands in. redteam S4

use super::text::steers;
use iog_job::wire::OutputFile;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Longest name of a file that every system takes.
const MAX_NAME: usize = 240;
const MAX_DEPTH: usize = 64;

/// What of an offered list is taken, by its path under the folder, and what is not and why.
#[derive(Debug, Default)]
pub struct Plan {
    pub files: BTreeMap<PathBuf, OutputFile>,
    pub refused: Vec<(String, &'static str)>,
    pub bytes: u64,
}

pub fn plan(offered: Vec<OutputFile>) -> Plan {
    let mut plan = Plan::default();
    for file in offered {
        let refused = match path(&file.path) {
            Err(why) => Some(why),
            Ok(path) if plan.files.contains_key(&path) => Some("is there twice"),
            Ok(path) if collides(&plan.files, &path) => Some("is a file and a folder at once"),
            Ok(path) => {
                plan.bytes = plan.bytes.saturating_add(file.len);
                plan.files.insert(path, file.clone());
                None
            }
        };
        if let Some(why) = refused {
            plan.refused.push((file.path, why));
        }
    }
    plan
}

fn collides(files: &BTreeMap<PathBuf, OutputFile>, path: &Path) -> bool {
    let above = path
        .ancestors()
        .skip(1)
        .any(|above| files.contains_key(above));
    let next = files.range(path.to_path_buf()..).next();
    above || next.is_some_and(|(other, _)| other.starts_with(path))
}

/// A relative path of plain names, odd letters as `%XX`.
fn path(given: &str) -> Result<PathBuf, &'static str> {
    if given.starts_with('/') {
        return Err("is no relative path");
    }
    let mut path = PathBuf::new();
    for (depth, part) in given.split('/').enumerate() {
        if matches!(part, "" | "." | "..") {
            return Err("leads elsewhere");
        }
        let name = escaped(part);
        if name.len() > MAX_NAME || depth >= MAX_DEPTH {
            return Err("has too long a name");
        }
        path.push(name);
    }
    Ok(path)
}

/// `%` stays: the device has escaped by it what is no text.
fn escaped(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    let last = name.chars().count().saturating_sub(1);
    for (at, letter) in name.chars().enumerate() {
        let odd = letter.is_control()
            || steers(letter)
            || matches!(letter, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
            || (at == last && matches!(letter, '.' | ' '))
            || (at == 0 && letter == ' ');
        if odd {
            let mut bytes = [0; 4];
            safe.extend(
                letter
                    .encode_utf8(&mut bytes)
                    .bytes()
                    .map(|byte| format!("%{byte:02X}")),
            );
        } else {
            safe.push(letter);
        }
    }
    if is_reserved(&safe) {
        safe.insert(0, '_');
    }
    safe
}

/// Names that are devices on other systems.
fn is_reserved(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Makes the folders above a file, one by one: none may be a link.
pub fn folders(root: &Path, file: &Path) -> io::Result<()> {
    let mut at = root.to_path_buf();
    for part in file.parent().into_iter().flat_map(Path::components) {
        at.push(part);
        match fs::symlink_metadata(&at) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(io::Error::other(format!("{} is no folder", at.display()))),
            Err(_) => fs::create_dir(&at)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_job::Hash;

    fn offered(paths: &[&str]) -> Plan {
        let file = |path: &&str| OutputFile {
            path: (*path).to_string(),
            len: 10,
            sha256: Hash::default(),
            executable: false,
        };
        plan(paths.iter().map(file).collect())
    }

    /// redteam S4
    #[test]
    fn nothing_leads_out_of_the_folder() {
        for bad in [
            "../x",
            "a/../../x",
            "/etc/passwd",
            "a//b",
            ".",
            "",
            "a/",
            "a/./b",
        ] {
            let plan = offered(&[bad]);
            assert!(plan.files.is_empty(), "{bad}");
            assert_eq!(plan.refused.len(), 1, "{bad}");
        }
        assert!(offered(&[&"x".repeat(241)]).files.is_empty());
        assert!(offered(&[&vec!["d"; 65].join("/")]).files.is_empty());
    }

    #[test]
    fn odd_names_are_escaped_and_the_rest_arrives() {
        let plan = offered(&[
            "good",
            "sub/con.txt",
            "a\u{1b}[2Jb",
            "x\u{202e}gpj.exe",
            "b\\..\\c",
            "dot. ",
            "z%FF",
            "C:x",
        ]);
        let paths: Vec<&str> = plan
            .files
            .keys()
            .map(|path| path.to_str().unwrap())
            .collect();
        let wanted = [
            "C%3Ax",
            "a%1B[2Jb",
            "b%5C..%5Cc",
            "dot.%20",
            "good",
            "sub/_con.txt",
            "x%E2%80%AEgpj.exe",
            "z%FF",
        ];
        assert_eq!(paths, wanted);
        assert_eq!(plan.bytes, 80);
    }

    #[test]
    fn a_file_is_not_a_folder_too() {
        let plan = offered(&["a/b", "a", "c", "c/d", "c", "ab"]);
        assert_eq!(plan.files.len(), 3);
        let refused: Vec<&str> = plan.refused.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(refused, ["a", "c/d", "c"]);
    }

    #[test]
    fn no_link_is_followed() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        folders(root.path(), Path::new("a/b/file")).unwrap();
        assert!(root.path().join("a/b").is_dir());
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join("l")).unwrap();
        assert!(folders(root.path(), Path::new("l/file")).is_err());
    }
}
