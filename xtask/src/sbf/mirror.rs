//! The Debian mirror that this machine already uses.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

const DEFAULT_KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// A place to fetch packages from, as the machine's sources name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirror {
    pub uri: String,
    pub signed_by: String,
}

impl Mirror {
    /// A source list of this mirror's `sid`, in apt's deb822 form.
    pub fn sid(&self) -> String {
        format!(
            "Types: deb\nURIs: {}\nSuites: sid\nComponents: main\nSigned-By: {}\n",
            self.uri, self.signed_by
        )
    }
}

struct Entry {
    uris: Vec<String>,
    suites: Vec<String>,
    components: Vec<String>,
    signed_by: Option<String>,
}

/// Debian mirrors among the machine's sources, the likeliest first.
pub fn candidates() -> Result<Vec<Mirror>> {
    let release = fs::read_to_string("/etc/os-release").context("reading /etc/os-release")?;
    let codename = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .map_or("sid", |name| name.trim_matches('"'));
    let mut entries = Vec::new();
    for path in source_files() {
        let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        if path.extension().is_some_and(|ext| ext == "sources") {
            entries.extend(text.split("\n\n").filter_map(deb822));
        } else {
            entries.extend(text.lines().filter_map(one_line));
        }
    }
    let mirrors = choose(&entries, codename);
    if mirrors.is_empty() {
        bail!("no Debian mirror in /etc/apt: add one that serves {codename} main");
    }
    Ok(mirrors)
}

fn source_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir("/etc/apt/sources.list.d")
        .map(|folder| folder.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.push(PathBuf::from("/etc/apt/sources.list"));
    let is_source = |path: &PathBuf| {
        let extension = path.extension().and_then(|ext| ext.to_str());
        matches!(extension, Some("sources" | "list")) && Path::is_file(path)
    };
    files.retain(is_source);
    files.sort();
    files
}

/// Third parties serve `<codename> main` too, but Debian's archive is the one whose address ends in `/debian`.
fn choose(entries: &[Entry], codename: &str) -> Vec<Mirror> {
    let mut mirrors: Vec<Mirror> = Vec::new();
    for entry in entries {
        let ours = |suite: &String| suite == codename || suite == "sid" || suite == "stable";
        if !entry.suites.iter().any(ours) || !entry.components.iter().any(|c| c == "main") {
            continue;
        }
        for uri in &entry.uris {
            let mirror = Mirror {
                uri: uri.clone(),
                signed_by: entry.signed_by.clone().unwrap_or(DEFAULT_KEYRING.into()),
            };
            if !mirrors.contains(&mirror) {
                mirrors.push(mirror);
            }
        }
    }
    mirrors.sort_by_key(|mirror| !mirror.uri.trim_end_matches('/').ends_with("/debian"));
    mirrors
}

fn deb822(stanza: &str) -> Option<Entry> {
    let field = |name: &str| {
        let value = stanza.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })?;
        Some(words(value))
    };
    let enabled = field("Enabled").is_none_or(|v| v.first().is_none_or(|v| v != "no"));
    if !enabled || !field("Types")?.iter().any(|kind| kind == "deb") {
        return None;
    }
    Some(Entry {
        uris: field("URIs")?,
        suites: field("Suites")?,
        components: field("Components")?,
        // An embedded key has an empty first line; the archive's own keyring does then.
        signed_by: field("Signed-By").and_then(|v| v.first().cloned()),
    })
}

fn one_line(line: &str) -> Option<Entry> {
    let rest = line.trim().strip_prefix("deb ")?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => ("", rest),
    };
    let mut fields = words(rest).into_iter();
    let signed_by = words(options)
        .iter()
        .find_map(|option| option.strip_prefix("signed-by=").map(str::to_string));
    Some(Entry {
        uris: vec![fields.next()?],
        suites: vec![fields.next()?],
        components: fields.take_while(|word| word != "#").collect(),
        signed_by,
    })
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirrors(entries: Vec<Option<Entry>>) -> Vec<String> {
        let entries: Vec<_> = entries.into_iter().flatten().collect();
        let mirrors = choose(&entries, "bookworm");
        mirrors.into_iter().map(|mirror| mirror.uri).collect()
    }

    #[test]
    fn reads_both_forms_and_leaves_other_archives_out() {
        let stanza = "# a comment\nTypes: deb deb-src\nURIs: http://mirror.example/debian\n\
                      Suites: bookworm bookworm-updates\nComponents: main contrib\nSigned-By: /k.gpg";
        let security = "Types: deb\nURIs: http://mirror.example/debian-security\n\
                        Suites: bookworm-security\nComponents: main";
        let vendor = "deb [arch=amd64 signed-by=/v.gpg] https://vendor.example bookworm main";
        let other = "deb https://cloud.example/apt tools-bookworm main";
        let source = "deb-src http://mirror.example/debian bookworm main";
        let found = mirrors(vec![
            one_line(vendor),
            one_line(other),
            one_line(source),
            deb822(security),
            deb822(stanza),
        ]);
        assert_eq!(
            found,
            ["http://mirror.example/debian", "https://vendor.example"]
        );
    }

    #[test]
    fn skips_what_is_disabled() {
        let stanza = "Enabled: no\nTypes: deb\nURIs: http://mirror.example/debian\n\
                      Suites: bookworm\nComponents: main";
        assert!(deb822(stanza).is_none());
        assert!(one_line("# deb http://mirror.example/debian bookworm main").is_none());
    }

    #[test]
    fn keeps_the_key_that_the_source_names() {
        let entry = one_line("deb [signed-by=/k.gpg] http://m.example/debian bookworm main");
        assert_eq!(entry.and_then(|e| e.signed_by).as_deref(), Some("/k.gpg"));
    }
}
