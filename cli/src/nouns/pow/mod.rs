//! The hour's window, and proving off line: walks, openings and their check for any size and number of cards.

mod cards;
mod open;
mod verify;
mod walk;
mod window;

use crate::{context::Context, error::Result, output::Record};
use clap::Subcommand;
use iog_pow::Pick;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The window that this hour's proofs are bound to
    #[command(after_help = "Example:\n  iog pow window -o json")]
    Window {
        /// Hour of the network [default: the running one]
        #[arg(long)]
        epoch: Option<u64>,
    },
    /// The cards that a backend sees, by number and UUID; works off line
    #[command(after_help = "Examples:\n  iog pow cards\n  iog pow cards --backend cuda -o json")]
    Cards(cards::Seen),
    /// Walk and print the root to commit; works off line
    #[command(after_help = walk::EXAMPLES)]
    Prove(walk::Prove),
    /// Print one opening of a challenge or all, of a walk or of the record of one; works off line
    #[command(after_help = open::EXAMPLES, override_usage = open::USAGE)]
    Open(open::Open),
    /// Check an opening as the program does; works off line
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::Verify),
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Window { epoch } => window::show(context, epoch).await,
        Verb::Cards(seen) => cards::list(context, &seen),
        Verb::Prove(prove) => walk::prove(context, &prove),
        Verb::Open(open) => open::open(context, &open),
        Verb::Verify(verify) => verify::check(context, &verify),
    }
}

/// Which entry an opening is of.
fn entry(n: u32, pick: &Pick) -> Record {
    Record::new()
        .put("n", n)
        .put("wave", pick.wave)
        .put("card", pick.card)
        .put("tile", pick.tile)
        .put("i", pick.i)
        .put("j", pick.j)
}
