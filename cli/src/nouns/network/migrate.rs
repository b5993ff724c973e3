use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use iog_migrations::{MigrationError, Outcome, Plan, Report};
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Deployment {
    /// devnet, local, or a file of parameters
    #[arg(long, value_name = "NAME_OR_FILE")]
    plan: String,
}

pub async fn run(context: &Context, deployment: &Deployment) -> Result<()> {
    confirm::allowed(context, "a migration")?;
    let plan = plan(&deployment.plan)?;
    let signer = context.signer()?;
    let now = context.time().await?.now;
    confirm::ask(
        context,
        &format!(
            "Run the migrations of plan {} at {} as {}?",
            deployment.plan,
            context.url,
            signer.pubkey()
        ),
    )?;
    let progress = |report: &Report| {
        let done = record(report);
        if context.verbose {
            eprintln!("{done:?}");
        }
    };
    let reports = iog_migrations::run(
        &context.sender,
        &signer,
        &plan,
        now,
        context.dry_run,
        progress,
    )
    .await
    .map_err(refused)?;
    let records: Vec<Record> = reports.iter().map(record).collect();
    context.out.many(&records, "no migrations");
    Ok(())
}

fn plan(named: &str) -> Result<Plan> {
    let plan = match named {
        "devnet" => Plan::devnet(),
        "local" => Plan::local(),
        file => {
            let text = std::fs::read_to_string(file).map_err(|error| {
                CliError::usage(format!(
                    "'{file}' is neither devnet nor local nor a plan that can be read: {error}"
                ))
            })?;
            Plan::parse(&text)
        }
    };
    plan.map_err(|error| CliError::usage(error.to_string()))
}

fn record(report: &Report) -> Record {
    let (outcome, signature) = match &report.outcome {
        Outcome::AlreadyDone => ("already_done", None),
        Outcome::Done(signature) => ("done", Some(signature.clone())),
        Outcome::WouldRun => ("would_run", None),
    };
    Record::new()
        .put("number", report.number)
        .put("migration", report.migration)
        .put("step", report.step.as_str())
        .put("outcome", outcome)
        .put("signature", signature)
}

pub fn refused(error: MigrationError) -> CliError {
    let code = error.exit_code();
    let text = match error {
        MigrationError::Step {
            number,
            name,
            step,
            source,
        } => {
            let why = CliError::from(source);
            format!("migration {number} ({name}), step '{step}': {why}")
        }
        other => other.to_string(),
    };
    CliError::Other { text, code }
}
