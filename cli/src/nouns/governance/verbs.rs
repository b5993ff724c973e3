//! What the verbs do: say what changes, ask, send, and show the result.

use super::{
    live::Live,
    parameter::{self, Parameter},
    powers, price_source,
    program::{Program, Roles},
    resolver, Actions,
};
use crate::{
    chain::missing,
    confirm,
    context::Context,
    error::{CliError, Result},
    output::{Cell, Record, Time},
    waiting::Moment,
};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub async fn show(context: &Context, program: Option<Program>) -> Result<()> {
    let live = Live::read(context).await?;
    let powers = Cell::Blocks(powers::records(&live, program)?);
    let configs = live.configs();
    let record = match program {
        None => {
            let programs: Vec<Record> = configs
                .map(|(program, roles, data)| {
                    roles_record(program, roles).put("changes_waiting", live.waiting(program, data))
                })
                .collect();
            Record::new().put("programs", programs)
        }
        Some(program) => {
            let of = configs.filter(|(known, _, _)| *known == program);
            let moment = live.moment(program);
            of.fold(Record::new(), |_, (_, roles, data)| {
                let parameters = parameter::of(program).iter();
                let parameters = parameters.filter_map(|held| held.record(data, &moment));
                roles_record(program, roles)
                    .put("authority_since_ts", Time(roles.since_ts))
                    .put("roles", live.role_records(program))
                    .put("parameters", parameters.collect::<Vec<_>>())
            })
        }
    };
    context.out.one(&record.put("powers", powers));
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
    if (program, name) == (Program::Market, "resolver") {
        return resolver::apply(context).await;
    }
    let parameter = find(program, name)?;
    let signer = context.signer()?;
    change(context, program, parameter, &signer, (parameter.apply)()).await
}

/// Drops a change that waits: of a parameter or, by its name, of the market's resolver or the token's price source.
pub async fn drop_change(context: &Context, program: Program, name: &str) -> Result<()> {
    let what = format!(
        "Drop the change of the {} program's {name} that waits?",
        program.name()
    );
    let other = match (program, name) {
        (Program::Market, "resolver") => Some(resolver::drop_instruction as fn(_) -> _),
        (Program::Token, "price-source") => Some(price_source::drop_instruction as fn(_) -> _),
        _ => None,
    };
    if let Some(make) = other {
        return govern(context, program, &what, make).await;
    }
    let parameter = find(program, name).map_err(|error| match program {
        Program::Market => CliError::usage(format!("{error}, or resolver")),
        Program::Token => CliError::usage(format!("{error}, or price-source")),
        _ => error,
    })?;
    confirm::allowed(context, "a change of governance")?;
    let signer = context.signer()?;
    confirm::ask(context, &what)?;
    let instruction = (parameter.drop)(signer.pubkey());
    change(context, program, parameter, &signer, instruction).await
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
    let (roles, data) = read(context, program).await?;
    let moment = Moment {
        now: context.time().await?.now,
        since_ts: roles.since_ts,
    };
    let after = parameter.record(&data, &moment).unwrap_or_default();
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
