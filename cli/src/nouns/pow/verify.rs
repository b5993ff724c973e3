use super::{entry, walk::Walk};
use crate::{
    args::{self, Hex},
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use iog_pow::{pick, Node};

pub const EXAMPLES: &str = "A refused opening is exit code 3, and the line says which check refused it.\n\nExamples:\n  iog pow verify --slot-hash $SLOT_HASH --device-key $DEVICE_KEY --epoch 7 --class-id 1 --rows 1024 --tiles 4 --waves 512 --challenge $CHALLENGE --n 0 --commit $COMMIT --opening $OPENING\n  iog pow verify --slot-hash $SLOT_HASH --device-key $DEVICE_KEY --epoch 7 --class-id 103 --rows 157286400 --tiles 524288 --waves 23282 --cards 8 --challenge $CHALLENGE --n 0 --commit $COMMIT --opening $OPENING -o json";

#[derive(Args, Debug)]
pub struct Verify {
    #[command(flatten)]
    walk: Walk,
    /// The challenge: 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = args::hex32)]
    challenge: [u8; 32],
    /// Number of the opening, 0 to 7
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=7))]
    n: u32,
    /// What was committed: 32 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = args::node)]
    commit: Node,
    /// The opening, in hexadecimal
    #[arg(long, value_name = "HEX", value_parser = args::hex_bytes)]
    opening: Hex,
}

pub fn check(context: &Context, asked: &Verify) -> Result<()> {
    let shape = asked.walk.shape()?;
    let seed = asked.walk.seed(&shape)?;
    let pick = pick(&asked.challenge, asked.n, &shape);
    iog_pow::verify(&seed, &shape, &asked.commit, &pick, &asked.opening.0)
        .map_err(|error| CliError::Refused(format!("the opening is refused: {error}")))?;
    let valid = Record::new().put("valid", true);
    context.out.one(&valid.extend(entry(asked.n, &pick)));
    Ok(())
}
