//! `order stop`: the job, not the lease.

use super::which::{say, Chosen};
use crate::{context::Context, error::Result, output::Record};
use iog_job::wire::{Done, Verb};

const MAX_ANSWER_BYTES: usize = 4 << 10;

pub async fn run(context: &Context, which: &Chosen) -> Result<()> {
    let client = which.one.client()?;
    let mut records = Vec::new();
    for lease in which.ready(context, &client, false).await? {
        let mut stream = client.stream(&lease.binding.lease, Verb::Stop).await?;
        say(context, &stream.line);
        stream.message::<Done>(MAX_ANSWER_BYTES).await?;
        records.push(
            Record::new()
                .put("lease", lease.binding.lease.to_string())
                .put("stopped", true),
        );
    }
    context.out.many(&records, "no device serves");
    Ok(())
}
