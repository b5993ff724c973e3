use crate::{
    chain::{open_token_account, token_account},
    confirm,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::{pda, token};
use iog_math::{units::Io, vesting};
use solana_signer::Signer;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Every schedule: total, released, due now
    #[command(after_help = "Example:\n  iog vesting list")]
    List,
    /// Pay what is due to a schedule's beneficiary; anyone may
    #[command(after_help = "Example:\n  iog vesting release 5 --yes")]
    Release {
        /// Number of the schedule, as iog vesting list shows it
        id: u8,
    },
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::List => list(context).await,
        Verb::Release { id } => release(context, id).await,
    }
}

async fn list(context: &Context) -> Result<()> {
    let now = context.time().await?.now;
    let mut found = context.list::<token::accounts::Vesting>(&[]).await?;
    found.sort_by_key(|(_, vesting)| vesting.id);
    let mut records = Vec::new();
    for (address, vesting) in &found {
        records.push(
            Record::new()
                .put("id", vesting.id)
                .put("vesting", *address)
                .put("beneficiary", vesting.beneficiary)
                .put("total", Io(vesting.total_units))
                .put("released", Io(vesting.released_units))
                .put("due", Io(due(vesting, now)?))
                .put("start_ts", Time(vesting.start_ts)),
        );
    }
    context.out.many(&records, "no vesting schedules");
    Ok(())
}

fn due(account: &token::accounts::Vesting, now: i64) -> Result<u64> {
    let schedule = vesting::Schedule {
        total: account.total_units,
        at_start_bps: account.at_start_bps,
        first_release_secs: account.first_release_secs,
        periods: account.periods,
        period_secs: account.period_secs,
        per_second: account.per_second != 0,
    };
    let vested = vesting::vested(&schedule, account.start_ts, now)?;
    Ok(vested.saturating_sub(account.released_units))
}

async fn release(context: &Context, id: u8) -> Result<()> {
    confirm::allowed(context, "a release")?;
    let signer = context.signer()?;
    let address = pda::token::vesting(id);
    let account: token::accounts::Vesting = context.get(&address, "see iog vesting list").await?;
    let beneficiary = account.beneficiary;
    let amount = due(&account, context.time().await?.now)?;
    confirm::ask(
        context,
        &format!("Release {} IO to {beneficiary}?", Io(amount)),
    )?;
    let mint = context.io_mint().await?;
    let beneficiary_token = token_account(&beneficiary, &mint);
    let release = token::instructions::ReleaseVested {
        signer: signer.pubkey(),
        vesting: address,
        io_mint: mint,
        beneficiary_token,
        associated: beneficiary_token,
    };
    let open = open_token_account(&signer.pubkey(), &beneficiary, &mint);
    let receipt = context
        .submit(&[open, release.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("id", id)
        .put("beneficiary", beneficiary)
        .put("due_before", Io(amount));
    context.out.one(&record.extend(receipt));
    Ok(())
}
