//! The story, told in a few lines.

use crate::{
    actors::Actors,
    emission::Entry,
    laws,
    market::{Pay, Wish},
    summary::{Law, Summary},
};
use anyhow::Result;
use iog_client::{emission as chain, pda};
use iog_math::units::{IO, USD6};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// Passes after which something that must happen has failed to.
pub(crate) const PATIENCE: usize = 400;
/// Ten-minute slots for which the last order's node is off.
const DARK_SLOTS: u32 = 2;

pub struct Options {
    /// Folder of the built programs.
    pub programs: PathBuf,
    /// Tell the story on standard output.
    pub narrate: bool,
}

pub(crate) struct Story {
    pub actors: Actors,
    narrate: bool,
    /// Which suppliers' devices serve, and until when.
    pub serving: Vec<(usize, i64)>,
    pub signatures: BTreeMap<String, String>,
    /// Who was in the ledger, by hour.
    pub checked_in: BTreeMap<u32, Vec<Entry>>,
    /// What was found on the way.
    pub laws: Vec<Law>,
}

/// Runs the loop and returns what it found; the caller looks at [`Summary::holds`].
///
/// # Errors
/// When a step cannot be done at all.
pub async fn run(options: Options) -> Result<Summary> {
    let dir = tempfile::tempdir()?;
    let narrate = options.narrate;
    let tell = move |line: &str| {
        // The migrations are many, and the folder of keys goes with the network when the story ends.
        let told = !line.starts_with("migration") && !line.starts_with("addresses");
        if narrate && told {
            println!("  {line}");
        }
    };
    if narrate {
        println!("A fresh network");
    }
    let actors = Actors::start(dir.path(), options.programs.clone(), tell).await?;
    let mut story = Story {
        actors,
        narrate,
        serving: Vec::new(),
        signatures: BTreeMap::new(),
        checked_in: BTreeMap::new(),
        laws: Vec::new(),
    };
    let before = laws::balances(&story.actors)?;
    story.suppliers_join().await?;
    story.wait_for_age().await?;
    story.idle_hour().await?;
    story.suppliers_list().await?;
    let credit = story.burn_for_iosd().await?;
    let main = story.hire_for_job(&with_job()).await?;
    let hash = main.start.command_hash;
    let in_iosd = story.hire(&small(2, Pay::Iosd)).await?;
    let output = story.run_job(&main.address).await?;
    story.serve(in_iosd.start.end_ts).await?;
    // So that its last ten minutes do not begin just before its end: the nodes look a few seconds of the chain's hurried clock later.
    story.actors.net.net.advance_secs(180)?;
    let in_usdc = story.hire(&small(3, Pay::Usdc)).await?;
    story.go_dark(&in_usdc, DARK_SLOTS).await?;
    let mut judged = Vec::new();
    for booking in [main, in_iosd, in_usdc] {
        judged.push(story.judge(booking).await?);
    }
    let claimed = story.claim().await?;
    let orders = story.release(&judged).await?;
    let held = judged.into_iter().flat_map(|order| order.laws);
    story.laws.extend(held);
    let burned = story.burn_fees().await?;
    let credit = story.claim_credit(credit).await?;
    story.actors.tick().await?;
    story.close_down().await?;
    story.finish(
        &options.programs,
        before,
        orders,
        hash,
        output,
        claimed,
        burned,
        credit,
    )
}

/// The order that the story is about: two hours of supplier A's eight GPUs for a job, paid in IO.
fn with_job() -> Wish {
    Wish {
        id: 1,
        pay: Pay::Io,
        supplier: 0,
        gpus: 8,
        hours: 2,
        max_total: 80 * IO,
    }
}

/// An hour of supplier B's GPU, in dollars of one kind or another.
fn small(id: u64, pay: Pay) -> Wish {
    Wish {
        id,
        pay,
        supplier: 1,
        gpus: 1,
        hours: 1,
        max_total: USD6,
    }
}

impl Story {
    pub(crate) fn tell(&self, heading: &str, line: &str) {
        if self.narrate {
            println!("{heading:<12} {line}");
        }
    }

    pub(crate) fn sign(&mut self, step: &str, signature: impl ToString) -> String {
        let signature = signature.to_string();
        let short = format!("tx {}..", signature.get(..8).unwrap_or(&signature));
        self.signatures.insert(step.into(), signature);
        short
    }

    pub(crate) fn current_hour(&self) -> Result<u32> {
        let books: chain::accounts::Config = self.actors.read(&pda::emission::config())?;
        iog_math::emission::hour_at(books.genesis_ts, self.actors.now()?)
            .map_err(|error| anyhow::anyhow!("hour: {error:?}"))
    }

    /// What is waited for needs a block at least.
    pub(crate) async fn next_block(&self) {
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
