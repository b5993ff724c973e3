//! A folder of generated files: compared with the checkout, or written to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::repo;

/// What one folder of the repository should hold, and nothing else.
pub struct Tree {
    folder: String,
    files: BTreeMap<String, String>,
}

impl Tree {
    /// An empty tree for `folder`, relative to the repository's root.
    pub fn new(folder: &str) -> Self {
        Self {
            folder: folder.to_string(),
            files: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, path: &str, text: String) {
        self.files.insert(path.to_string(), text);
    }

    /// The files under `from`, as the contents of `folder`.
    pub fn read(from: &Path, folder: &str) -> Result<Self> {
        let mut tree = Self::new(folder);
        for path in files_in(from)? {
            let text =
                fs::read_to_string(from.join(&path)).with_context(|| format!("reading {path}"))?;
            tree.add(&path, text);
        }
        Ok(tree)
    }

    /// Makes `to` hold these files and no others.
    pub fn write_to(&self, to: &Path) -> Result<()> {
        for path in files_in(to)? {
            if !self.files.contains_key(&path) {
                fs::remove_file(to.join(&path)).with_context(|| format!("removing {path}"))?;
            }
        }
        for (path, text) in &self.files {
            let path = to.join(path);
            if fs::read_to_string(&path).is_ok_and(|old| old == *text) {
                continue;
            }
            let folder = path.parent().unwrap_or(to);
            fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(())
    }

    pub fn write(&self) -> Result<()> {
        self.write_to(&repo::root().join(&self.folder))
    }

    /// A line for each file of the checkout that is not as it should be.
    pub fn differences(&self) -> Result<Vec<String>> {
        let folder = repo::root().join(&self.folder);
        let mut lines = Vec::new();
        for path in files_in(&folder)? {
            if !self.files.contains_key(&path) {
                lines.push(format!("{}/{path}: should not exist", self.folder));
            }
        }
        for (path, text) in &self.files {
            let name = format!("{}/{path}", self.folder);
            match fs::read_to_string(folder.join(path)) {
                Err(_) => lines.push(format!("{name}: missing")),
                Ok(old) if old != *text => {
                    lines.push(format!("{name}: {}", difference(&old, text)))
                }
                Ok(_) => {}
            }
        }
        Ok(lines)
    }
}

/// Where two texts part.
fn difference(old: &str, new: &str) -> String {
    let (mut old, mut new) = (old.lines(), new.lines());
    let mut number = 1;
    loop {
        match (old.next(), new.next()) {
            (Some(a), Some(b)) if a == b => number += 1,
            (None, None) => return "differs in its last line's end".to_string(),
            (a, b) => {
                let show = |line: Option<&str>| line.map_or("nothing", str::trim).to_string();
                return format!("line {number} is `{}`, should be `{}`", show(a), show(b));
            }
        }
    }
}

fn files_in(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(root.join(&folder)) else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else {
                files.push(path.to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_first_line_that_differs() {
        assert_eq!(
            difference("a\nb\n", "a\nc\n"),
            "line 2 is `b`, should be `c`"
        );
        assert_eq!(
            difference("a\n", "a\nc\n"),
            "line 2 is `nothing`, should be `c`"
        );
    }
}
