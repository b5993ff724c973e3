//! Asking before money moves.

use crate::{
    context::Context,
    error::{CliError, Result},
};
use std::io::{IsTerminal, Write};

/// Refuses at once, before anything is read or asked, where nobody could answer.
pub fn allowed(context: &Context, what: &str) -> Result<()> {
    if context.yes || context.dry_run || std::io::stdin().is_terminal() {
        return Ok(());
    }
    Err(CliError::usage(format!(
        "{what} needs a confirmation and there is no terminal to ask on: pass -y (or --dry-run)"
    )))
}

/// Asks on the terminal; anything but yes ends the command.
pub fn ask(context: &Context, question: &str) -> Result<()> {
    if context.yes || context.dry_run {
        return Ok(());
    }
    let mut stderr = std::io::stderr();
    let mut answer = String::new();
    let read = write!(stderr, "{question} [y/N] ")
        .and_then(|()| stderr.flush())
        .and_then(|()| std::io::stdin().read_line(&mut answer));
    let answer = answer.trim().to_ascii_lowercase();
    if read.is_ok() && matches!(answer.as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(CliError::usage("not confirmed, nothing was sent"))
}
