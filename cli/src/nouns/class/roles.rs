//! The registry's roles beside measurers: named 24 hours ahead, removed at once.

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
    registry::{accounts::Config, instructions, types::RegistryRole},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Attestor,
    CatalogAuthority,
}

#[derive(Args, Debug)]
pub struct Named {
    /// Address of who signs security attestations, or none
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey_or_none)]
    attestor: Option<Pubkey>,
    /// Address of who moves prices and announces terms, or none
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey_or_none)]
    catalog_authority: Option<Pubkey>,
}

impl Role {
    fn id(self) -> RegistryRole {
        match self {
            Self::Attestor => RegistryRole::Attestor,
            Self::CatalogAuthority => RegistryRole::CatalogAuthority,
        }
    }

    fn does(self) -> &'static str {
        match self {
            Self::Attestor => "attest devices' security",
            Self::CatalogAuthority => "move the catalogue's numbers",
        }
    }

    fn of(self, config: &Config) -> Holder {
        match self {
            Self::Attestor => holder!(config.attestor),
            Self::CatalogAuthority => holder!(config.catalog_authority),
        }
    }

    fn set(self, authority: Pubkey, key: Pubkey) -> Instruction {
        let role = self.id();
        instructions::SetRole {
            authority,
            role,
            key,
        }
        .instruction()
    }
}

pub async fn name(context: &Context, named: &Named) -> Result<()> {
    let wanted = [
        (Role::Attestor, named.attestor),
        (Role::CatalogAuthority, named.catalog_authority),
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
    let config: Config = context.config(&pda::registry::config()).await?;
    let at_once = context.time().await?.now < config.setup_until_ts;
    let says = wanted.iter().map(|(role, key)| {
        let from = match at_once || *key == Pubkey::default() {
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
    let apply = instructions::ApplyRole { role: role.id() };
    let receipt = context.submit(&[apply.instruction()], &signer, &[]).await?;
    show(context, receipt).await
}

pub async fn drop_named(context: &Context, role: Role) -> Result<()> {
    confirm::allowed(context, "a change of roles")?;
    let signer = context.signer()?;
    let config: Config = context.config(&pda::registry::config()).await?;
    let what = format!(
        "Drop {}, who waits to {}?",
        said(role.of(&config).pending),
        role.does()
    );
    confirm::ask(context, &what)?;
    let drop = instructions::DropRole {
        signer: signer.pubkey(),
        role: role.id(),
    };
    let receipt = context.submit(&[drop.instruction()], &signer, &[]).await?;
    show(context, receipt).await
}

async fn show(context: &Context, receipt: Record) -> Result<()> {
    let config: Config = context.config(&pda::registry::config()).await?;
    let moment = Moment {
        now: context.time().await?.now,
        since_ts: config.authority_since_ts,
    };
    let roles = vec![
        moment.role("attestor", &Role::Attestor.of(&config)),
        moment.role("catalog-authority", &Role::CatalogAuthority.of(&config)),
    ];
    context
        .out
        .one(&Record::new().put("roles", roles).extend(receipt));
    Ok(())
}
