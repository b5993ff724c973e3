//! Ciphertexts of a job's files for mirrors. redteam P1, V2

use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    output::{self, Record},
};
use iog_job::{sealed, Hash, JobFile, JobSpec, Mirrors, Resolved, SpecError};
use rand::Rng;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The field of the job file.
#[derive(serde::Serialize)]
struct Field<'a> {
    mirrors: &'a Mirrors,
}

/// Writes a ciphertext of each file that the job has on this machine, and the field that names them.
pub fn run(
    context: &Context,
    file: &Path,
    out: &Path,
    urls: Vec<String>,
    to: Option<&Path>,
) -> Result<()> {
    let refuse = |error: SpecError| {
        CliError::usage(format!("cannot seal the job {}: {error}", file.display()))
    };
    let mut job = JobFile::read(file).map_err(refuse)?;
    job.mirrors = None;
    let Resolved {
        mut spec, sources, ..
    } = job.resolve(Hash(rand::rng().random())).map_err(refuse)?;
    if sources.is_empty() {
        return Err(CliError::usage(format!(
            "the job {} has no file on this machine that could lie on a mirror",
            file.display()
        )));
    }
    let mut mirrors = Mirrors {
        urls,
        sealed: BTreeMap::new(),
    };
    // What is wrong with the addresses is told before anything is written.
    spec.mirrors = Some(mirrors.clone());
    spec.validate().map_err(refuse)?;
    fs::create_dir_all(out).map_err(|error| cannot(out, &error))?;
    // The field has the keys: nobody else may read it.
    let to = to.map(args::expanded).transpose()?;
    let field = to.as_deref().map(private).transpose()?;
    let mut bytes = 0u64;
    for (sha256, path) in &sources {
        let len = len_of(&spec, sha256);
        let sealed = one(path, sha256, len, out)?;
        mirrors.sealed.insert(*sha256, sealed);
        bytes = bytes.saturating_add(sealed::sealed_len(len));
    }
    spec.mirrors = Some(mirrors.clone());
    spec.validate().map_err(refuse)?;
    let text = serde_yaml::to_string(&Field { mirrors: &mirrors })
        .map_err(|error| CliError::usage(error.to_string()))?;
    let Some((mut field, to)) = field.zip(to) else {
        output::write(&text);
        return Ok(());
    };
    field
        .write_all(text.as_bytes())
        .map_err(|error| cannot(&to, &error))?;
    context.out.one(
        &Record::new()
            .put("files", sources.len() as u64)
            .put("bytes", bytes)
            .put("folder", out.display().to_string())
            .put("field", to.display().to_string()),
    );
    Ok(())
}

fn cannot(path: &Path, error: &dyn std::fmt::Display) -> CliError {
    CliError::usage(format!("cannot use {}: {error}", path.display()))
}

fn private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).map_err(|error| cannot(path, &error))
}

fn len_of(spec: &JobSpec, sha256: &Hash) -> u64 {
    let inputs = spec.inputs.iter().map(|input| (input.sha256, input.len));
    let image = spec.image.iter().map(|image| (image.digest, image.len));
    let mut all = inputs.chain(image);
    all.find(|(hash, _)| hash == sha256)
        .map_or(0, |(_, len)| len)
}

/// One ciphertext, under a key of its own; it has its name when it is whole.
fn one(path: &Path, sha256: &Hash, len: u64, out: &Path) -> Result<iog_job::Sealed> {
    let new: PathBuf = out.join(format!(".sealing-{}", std::process::id()));
    let written = || -> io::Result<_> {
        let mut from = BufReader::new(File::open(path)?);
        let mut to = BufWriter::new(File::create(&new)?);
        let key = Hash(rand::rng().random());
        let (plain, sealed) = sealed::seal(key, len, &mut from, &mut to)?;
        if plain != *sha256 {
            let changed = "it changed while it was read";
            return Err(io::Error::new(io::ErrorKind::InvalidData, changed));
        }
        to.into_inner()?.sync_all()?;
        fs::rename(&new, out.join(sealed.sha256.to_string()))?;
        Ok(sealed)
    };
    written().map_err(|error| {
        let _ = fs::remove_file(&new);
        cannot(path, &error)
    })
}
