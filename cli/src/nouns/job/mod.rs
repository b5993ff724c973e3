//! Job files. All of it is off line.

mod convert;
mod seal;
mod template;

use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::{Subcommand, ValueEnum};
use iog_job::{is_spec, read_file, read_spec, Hash, JobFile, Resolved, SpecError};
use rand::Rng;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// What an order of a job holds on chain: the salted hashes of the specification and of its image
    #[command(
        after_help = "A job file has no salt: a new one is made for each order, so that equal jobs look different. A specification (job.json in an order's folder) has one.\n\nExamples:\n  iog job hash job.yaml\n  iog job hash ~/.local/share/iog/orders/ORDER/job.json"
    )]
    Hash {
        /// The job, YAML or JSON
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Salt of a job file, 64 hexadecimal digits [default: a new one]
        #[arg(long, value_parser = args::hex32)]
        salt: Option<[u8; 32]>,
    },
    /// Whether a device could run a job: all that is refused before money moves, and what it needs
    #[command(after_help = "Examples:\n  iog job validate job.yaml")]
    Validate {
        /// The job, YAML or JSON
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Ciphertexts of a job's files, for mirrors from which devices fetch them while this machine is off
    #[command(
        after_help = "Put the files in the folder on the mirrors as they are, and the field that is told into the job file: it has the keys, and belongs on no mirror, nor does the job file. After a change of a file seal again.\n\nExamples:\n  iog job seal job.yaml --out sealed --mirror https://mirror.example.com/iog --to mirrors.yaml\n  cat mirrors.yaml >> job.yaml"
    )]
    Seal {
        /// The job, YAML or JSON
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Folder for the ciphertexts, each named by its own SHA-256
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Where the folder's files will be found; can be given several times
        #[arg(long, value_name = "URL", required = true)]
        mirror: Vec<String>,
        /// Write the field there, not to standard output; a file that exists is left alone
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// A docker-compose service or a Nosana job definition as a job file
    #[command(
        after_help = "What a job has no word for is refused, all of it at once; what is left out without changing what runs is noted.\n\nExamples:\n  iog job convert docker-compose.yml --service notebook --to job.yaml\n  iog job convert nosana.json"
    )]
    Convert {
        /// The file to convert, YAML or JSON
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Kind of the file [default: as it looks]
        #[arg(long)]
        from: Option<Kind>,
        /// Which service of a docker-compose file
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
        /// Write the job there, not to standard output; a file that exists is left alone
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Jobs that people expect, ready to be filled in: notebooks, model servers, training, rendering, Ray
    #[command(
        subcommand,
        after_help = "Examples:\n  iog job template list\n  iog job template use ssh --no-image > job.yaml"
    )]
    Template(template::Verb),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    Compose,
    Nosana,
}

pub fn run(context: &Context, verb: &Verb) -> Result<()> {
    match verb {
        Verb::Hash { file, salt } => {
            let resolved = read(&args::expanded(file)?, *salt)?;
            let hash = resolved
                .spec
                .hash()
                .map_err(|error| CliError::usage(error.to_string()))?;
            let image = resolved.spec.image_hash();
            context.out.one(
                &Record::new()
                    .put("job_hash", hash.to_string())
                    .put("image_hash", (!image.is_none()).then(|| image.to_string()))
                    .put("salt", resolved.spec.salt.to_string()),
            );
            Ok(())
        }
        Verb::Validate { file } => {
            let resolved = read(&args::expanded(file)?, None)?;
            for warning in &resolved.warnings {
                context.note(&format!("warning: {warning}"));
            }
            context.out.one(&needs(&resolved));
            Ok(())
        }
        Verb::Seal {
            file,
            out,
            mirror,
            to,
        } => seal::run(
            context,
            &args::expanded(file)?,
            &args::expanded(out)?,
            mirror.clone(),
            to.as_deref(),
        ),
        Verb::Convert {
            file,
            from,
            service,
            to,
        } => convert::run(
            context,
            &args::expanded(file)?,
            *from,
            service.as_deref(),
            to.as_deref(),
        ),
        Verb::Template(verb) => template::run(context, verb),
    }
}

fn read(path: &Path, salt: Option<[u8; 32]>) -> Result<Resolved> {
    let refuse = |error: SpecError| {
        CliError::usage(format!("cannot use the job {}: {error}", path.display()))
    };
    if is_spec(path).map_err(refuse)? {
        if salt.is_some() {
            return Err(CliError::usage(
                "this is a whole specification, which has its salt: leave --salt out",
            ));
        }
        let spec = read_file(path)
            .and_then(|text| read_spec(&text))
            .map_err(refuse)?;
        let warnings = spec.warnings().iter().map(ToString::to_string).collect();
        return Ok(Resolved {
            spec,
            sources: Default::default(),
            warnings,
        });
    }
    let salt = salt.unwrap_or_else(|| rand::rng().random());
    JobFile::read(path)
        .and_then(|file| file.resolve(Hash(salt)))
        .map_err(refuse)
}

/// What an order and its devices must have for the job.
fn needs(resolved: &Resolved) -> Record {
    let spec = &resolved.spec;
    let image = spec.image.as_ref();
    let bytes = spec.inputs.iter().map(|input| input.len);
    let bytes = bytes.fold(image.map_or(0, |image| image.len), u64::saturating_add);
    let names = |names: Vec<String>| (!names.is_empty()).then_some(names);
    Record::new()
        .put("kind", format!("{:?}", spec.kind).to_lowercase())
        .put("image", image.map(|image| format!("sha256:{}", image.id())))
        .put(
            "platform",
            spec.platform.map(|platform| platform.to_string()),
        )
        .put("inputs", spec.inputs.len() as u64)
        .put("input_bytes", bytes)
        .put(
            "secrets",
            names(
                spec.secrets
                    .iter()
                    .map(|secret| secret.name.clone())
                    .collect(),
            ),
        )
        .put(
            "ports",
            names(
                spec.ports
                    .iter()
                    .map(|port| port.port.to_string())
                    .collect(),
            ),
        )
        .put("egress", spec.egress)
        .put("warnings", names(resolved.warnings.clone()))
}
