//! What mirrors may be named, and for what. redteam P1

use super::{paths::https, refuse, Result};
use crate::{ids::Hash, sealed::Mirrors, spec::JobSpec};
use std::collections::BTreeSet;

const MAX_MIRRORS: usize = 8;

pub fn mirrors(spec: &JobSpec) -> Result<()> {
    spec.mirrors
        .as_ref()
        .map_or(Ok(()), |mirrors| of(spec, mirrors))
}

fn of(spec: &JobSpec, mirrors: &Mirrors) -> Result<()> {
    if mirrors.urls.is_empty() || mirrors.urls.len() > MAX_MIRRORS {
        return refuse("mirrors.urls", format!("has 1 to {MAX_MIRRORS} addresses"));
    }
    for url in &mirrors.urls {
        let field = format!("mirrors.urls.{url}");
        https(url).or_else(|reason| refuse(field.clone(), reason))?;
        if url.contains(['?', '#']) {
            return refuse(
                field,
                "is a folder, to which /<hash> is added; no ? or # in it",
            );
        }
    }
    let archive = spec
        .image
        .iter()
        .filter(|image| image.reference.is_none())
        .map(|image| image.digest);
    let inputs = spec.inputs.iter().map(|input| input.sha256);
    let known: BTreeSet<Hash> = inputs.chain(archive).collect();
    let mut keys = BTreeSet::new();
    for (plain, sealed) in &mirrors.sealed {
        let field = format!("mirrors.sealed.{plain}");
        if !known.contains(plain) {
            return refuse(
                field,
                "is no input or archive of this job; after a change run iog job seal again",
            );
        }
        if known.contains(&sealed.sha256) || sealed.sha256.is_none() {
            return refuse(
                format!("{field}.sha256"),
                "is the ciphertext's, of which no input has the hash: mirrors hold nothing that can be read",
            );
        }
        if sealed.key.is_none() || !keys.insert(sealed.key) {
            return refuse(
                format!("{field}.key"),
                "is a key of its own for each file, 32 random bytes",
            );
        }
    }
    Ok(())
}
