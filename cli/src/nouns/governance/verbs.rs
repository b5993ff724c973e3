//! What the verbs do: say what changes, ask, send, and show the result.

use super::{
    parameter::{self, Parameter},
    program::{Program, Roles},
    Actions,
};
use crate::{
    chain::missing,
    confirm,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use iog_client::{pda, token::accounts::PriceSource};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub async fn show(context: &Context, program: Option<Program>) -> Result<()> {
    let Some(program) = program else {
        let mut records = Vec::new();
        for program in Program::ALL {
            let (roles, data) = read(context, program).await?;
            let waiting = parameter::of(program).iter();
            let waiting = waiting.filter(|parameter| parameter.waits(&data));
            let mut waiting: Vec<String> = waiting.map(Parameter::name).collect();
            if program == Program::Token && price_source_waits(context).await? {
                waiting.push("price-source".into());
            }
            records.push(roles_record(program, &roles).put("changes_waiting", waiting));
        }
        context.out.many(&records, "no programs");
        return Ok(());
    };
    let (roles, data) = read(context, program).await?;
    let parameters = parameter::of(program).iter();
    let parameters: Vec<Record> = parameters.filter_map(|held| held.record(&data)).collect();
    let record = roles_record(program, &roles).put("parameters", parameters);
    context.out.one(&record);
    Ok(())
}

pub async fn propose(context: &Context, program: Program, successor: Pubkey) -> Result<()> {
    let what = format!(
        "Propose {successor} as the authority of the {} program?",
        program.name()
    );
    let make = |signer| program.propose(signer, successor);
    govern(context, program, &what, make).await
}

pub async fn cancel(context: &Context, program: Program) -> Result<()> {
    let what = format!(
        "Take the proposed authority of the {} program back?",
        program.name()
    );
    govern(context, program, &what, |signer| program.cancel(signer)).await
}

pub async fn accept(context: &Context, program: Program) -> Result<()> {
    let what = format!("Become the authority of the {} program?", program.name());
    govern(context, program, &what, |signer| program.accept(signer)).await
}

pub async fn guardian(context: &Context, program: Program, guardian: Pubkey) -> Result<()> {
    let who = match guardian == Pubkey::default() {
        true => "nobody".to_string(),
        false => guardian.to_string(),
    };
    let what = format!("Make {who} the guardian of the {} program?", program.name());
    let make = |signer| program.set_guardian(signer, guardian);
    govern(context, program, &what, make).await
}

pub async fn pause(context: &Context, given: &Actions) -> Result<()> {
    let (program, bits) = (given.program, bits(given)?);
    let what = format!("Pause {} of the {} program?", list(given), program.name());
    govern(context, program, &what, |signer| {
        program.pause(signer, bits)
    })
    .await
}

pub async fn resume(context: &Context, given: &Actions) -> Result<()> {
    let (program, bits) = (given.program, bits(given)?);
    let what = format!("Resume {} of the {} program?", list(given), program.name());
    govern(context, program, &what, |signer| {
        program.resume(signer, bits)
    })
    .await
}

pub async fn set(context: &Context, program: Program, name: &str, value: &str) -> Result<()> {
    let parameter = find(program, name)?;
    let units = parameter.unit.parse(value).ok_or_else(|| {
        CliError::usage(format!(
            "'{value}' is no value of {name}: it is in {}",
            parameter.unit.hint()
        ))
    })?;
    confirm::allowed(context, "a change of governance")?;
    let signer = context.signer()?;
    confirm::ask(
        context,
        &format!("Set {name} of the {} program to {value}?", program.name()),
    )?;
    let instruction = (parameter.set)(signer.pubkey(), units);
    change(context, program, parameter, &signer, instruction).await
}

pub async fn apply(context: &Context, program: Program, name: &str) -> Result<()> {
    let parameter = find(program, name)?;
    let signer = context.signer()?;
    change(context, program, parameter, &signer, (parameter.apply)()).await
}

/// Sends a change of a parameter and shows what it is afterwards.
async fn change(
    context: &Context,
    program: Program,
    parameter: &Parameter,
    signer: &Keypair,
    instruction: Instruction,
) -> Result<()> {
    let receipt = context.submit(&[instruction], signer, &[]).await?;
    let (_, data) = read(context, program).await?;
    let after = parameter.record(&data).unwrap_or_default();
    let record = Record::new().put("program", program.name());
    context.out.one(&record.extend(after).extend(receipt));
    Ok(())
}

/// Asks, sends what the signer signs, and shows the roles afterwards.
async fn govern(
    context: &Context,
    program: Program,
    what: &str,
    make: impl FnOnce(Pubkey) -> Instruction,
) -> Result<()> {
    confirm::allowed(context, "a change of governance")?;
    let signer = context.signer()?;
    confirm::ask(context, what)?;
    let instruction = make(signer.pubkey());
    let receipt = context.submit(&[instruction], &signer, &[]).await?;
    let (roles, _) = read(context, program).await?;
    let record = roles_record(program, &roles);
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn read(context: &Context, program: Program) -> Result<(Roles, Vec<u8>)> {
    let address = program.config();
    let accounts = context.accounts(&[address]).await?;
    let account: Option<Account> = accounts.into_iter().next().flatten();
    let found = account.and_then(|account| {
        let roles = program.roles(&account.owner, &account.data)?;
        Some((roles, account.data))
    });
    found.ok_or_else(|| {
        let hint = "check --url, or start a network with iog network up";
        missing("Config", &address, hint)
    })
}

/// Shown in full by iog price show.
async fn price_source_waits(context: &Context) -> Result<bool> {
    let source: Option<PriceSource> = context.find(&pda::token::price_source()).await?;
    Ok(source.is_some_and(|source| source.pending_ts != 0))
}

fn roles_record(program: Program, roles: &Roles) -> Record {
    let nobody = |address: Pubkey| (address != Pubkey::default()).then_some(address);
    Record::new()
        .put("program", program.name())
        .put("authority", roles.authority)
        .put("pending_authority", nobody(roles.pending))
        .put("guardian", nobody(roles.guardian))
        .put("paused", program.named(roles.paused))
}

fn list(given: &Actions) -> String {
    given.actions.join(", ")
}

fn bits(given: &Actions) -> Result<u8> {
    given.program.bits(&given.actions).map_err(|unknown| {
        CliError::usage(format!(
            "{} has no action '{unknown}' that can be paused: use {}",
            given.program.name(),
            given.program.named(u8::MAX).join(", ")
        ))
    })
}

fn find(program: Program, name: &str) -> Result<&'static Parameter> {
    let known = parameter::of(program);
    known
        .iter()
        .find(|parameter| parameter.name() == name)
        .ok_or_else(|| {
            let names: Vec<String> = known.iter().map(Parameter::name).collect();
            CliError::usage(format!(
                "the {} program has no parameter '{name}': use {}",
                program.name(),
                names.join(", ")
            ))
        })
}
