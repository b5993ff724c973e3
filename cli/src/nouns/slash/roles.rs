//! Who proposes slashes, and who decides appeals: named 24 hours ahead, removed at once.

use crate::{
    args, confirm,
    context::Context,
    error::Result,
    output::Record,
    waiting::{holder, said, Holder, Moment},
};
use clap::{Args, ValueEnum};
use iog_client::{
    pda,
    staking::{accounts::Config, instructions, types::SlashRole},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Slasher,
    AppealAuthority,
}

#[derive(Args, Debug)]
pub struct Named {
    /// Address of who proposes, or none
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey_or_none)]
    slasher: Option<Pubkey>,
    /// Address of who decides, or none; another key than the slasher's
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey_or_none)]
    appeal_authority: Option<Pubkey>,
}

impl Role {
    fn id(self) -> SlashRole {
        match self {
            Self::Slasher => SlashRole::Slasher,
            Self::AppealAuthority => SlashRole::AppealAuthority,
        }
    }

    fn does(self) -> &'static str {
        match self {
            Self::Slasher => "propose slashes",
            Self::AppealAuthority => "decide appeals",
        }
    }

    fn of(self, config: &Config) -> Holder {
        match self {
            Self::Slasher => holder!(config.slasher),
            Self::AppealAuthority => holder!(config.appeal_authority),
        }
    }

    fn set(self, authority: Pubkey, key: Pubkey) -> Instruction {
        match self {
            Self::Slasher => instructions::SetSlasher { authority, key }.instruction(),
            Self::AppealAuthority => {
                instructions::SetAppealAuthority { authority, key }.instruction()
            }
        }
    }
}

pub async fn name(context: &Context, named: &Named) -> Result<()> {
    let wanted = [
        (Role::Slasher, named.slasher),
        (Role::AppealAuthority, named.appeal_authority),
    ];
    let wanted: Vec<(Role, Pubkey)> = wanted
        .into_iter()
        .filter_map(|(role, key)| Some((role, key?)))
        .collect();
    if wanted.is_empty() {
        return show(context, Record::new()).await;
    }
    confirm::allowed(context, "a change of roles")?;
    let signer = context.signer()?;
    let says = wanted.iter().map(|(role, key)| {
        let from = match *key == Pubkey::default() {
            true => "from now on",
            false => "24 hours from now, once applied",
        };
        format!("{} {} {from}", said(*key), role.does())
    });
    let says: Vec<String> = says.collect();
    confirm::ask(context, &format!("Let {}?", says.join(" and ")))?;
    let set = wanted.iter();
    let set: Vec<Instruction> = set
        .map(|(role, key)| role.set(signer.pubkey(), *key))
        .collect();
    let receipt = context.submit(&set, &signer, &[]).await?;
    show(context, receipt).await
}

pub async fn apply(context: &Context, role: Role) -> Result<()> {
    let signer = context.signer()?;
    let apply = instructions::ApplySlashRole { role: role.id() };
    let receipt = context.submit(&[apply.instruction()], &signer, &[]).await?;
    show(context, receipt).await
}

pub async fn drop_named(context: &Context, role: Role) -> Result<()> {
    confirm::allowed(context, "a change of roles")?;
    let signer = context.signer()?;
    let config: Config = context.config(&pda::staking::config()).await?;
    let what = format!(
        "Drop {}, who waits to {}?",
        said(role.of(&config).pending),
        role.does()
    );
    confirm::ask(context, &what)?;
    let drop = instructions::DropSlashRole {
        signer: signer.pubkey(),
        role: role.id(),
    };
    let receipt = context.submit(&[drop.instruction()], &signer, &[]).await?;
    show(context, receipt).await
}

async fn show(context: &Context, receipt: Record) -> Result<()> {
    let config: Config = context.config(&pda::staking::config()).await?;
    let moment = Moment {
        now: context.time().await?.now,
        since_ts: config.authority_since_ts,
    };
    let roles = vec![
        moment.role("slasher", &Role::Slasher.of(&config)),
        moment.role("appeal-authority", &Role::AppealAuthority.of(&config)),
    ];
    context
        .out
        .one(&Record::new().put("roles", roles).extend(receipt));
    Ok(())
}
