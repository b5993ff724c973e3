//! Minters that were removed and come back, and what waits of any.

use super::limits::minter_record;
use crate::{args, confirm, context::Context, error::Result, output::Record};
use clap::{Args, ValueEnum};
use iog_client::{
    pda,
    token::{
        accounts::{Config, Minter},
        instructions::{DropMinter, RestoreMinter},
    },
};
use iog_math::units::Io;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const HOW_TO_FIND: &str = "see iog token limits";

/// What a minter may do, with the bits of `Minter.rights`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Right {
    Emission,
    NetEmission,
    Iosd,
}

#[derive(Args, Debug)]
pub struct Restored {
    /// Who signs for the minter, as iog token limits has it
    #[arg(value_parser = args::pubkey)]
    minter: Pubkey,
    /// What it may do again
    #[arg(long, value_name = "RIGHT", value_enum, required = true, num_args = 1.., value_delimiter = ',')]
    rights: Vec<Right>,
    /// IO that it may mint of the emission within an hour
    #[arg(long, value_name = "IO", value_parser = args::io)]
    cap_per_hour: Option<Io>,
}

impl Right {
    pub const ALL: [Self; 3] = [Self::Emission, Self::NetEmission, Self::Iosd];

    pub fn bit(self) -> u8 {
        match self {
            Self::Emission => 1,
            Self::NetEmission => 2,
            Self::Iosd => 4,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Emission => "emission",
            Self::NetEmission => "net_emission",
            Self::Iosd => "iosd",
        }
    }
}

pub async fn restore(context: &Context, given: &Restored) -> Result<()> {
    confirm::allowed(context, "a change of minters")?;
    let signer = context.signer()?;
    let address = pda::token::minter(&given.minter);
    context.get::<Minter>(&address, HOW_TO_FIND).await?;
    let names: Vec<&str> = given.rights.iter().map(|right| right.name()).collect();
    let cap = given.cap_per_hour.unwrap_or(Io(0));
    let books: Config = context.config(&pda::token::config()).await?;
    let from = match context.time().await?.now < books.setup_until_ts {
        true => "from now on",
        false => "24 hours from now",
    };
    confirm::ask(
        context,
        &format!(
            "Let {} mint again {from}: {}, {cap} IO an hour of the emission?",
            given.minter,
            names.join(", ")
        ),
    )?;
    let restore = RestoreMinter {
        authority: signer.pubkey(),
        minter: address,
        rights: given
            .rights
            .iter()
            .fold(0, |bits, right| bits | right.bit()),
        cap_per_hour: cap.0,
    };
    let receipt = context
        .submit(&[restore.instruction()], &signer, &[])
        .await?;
    after(context, &address, receipt).await
}

/// What waits: a minter's rights, or its higher cap.
pub async fn drop_waiting(context: &Context, minter: Pubkey) -> Result<()> {
    confirm::allowed(context, "a change of minters")?;
    let signer = context.signer()?;
    let address = pda::token::minter(&minter);
    context.get::<Minter>(&address, HOW_TO_FIND).await?;
    let what = format!("Drop what waits of minter {minter}: its rights, or a higher cap?");
    confirm::ask(context, &what)?;
    let drop = DropMinter {
        signer: signer.pubkey(),
        minter: address,
    };
    let receipt = context.submit(&[drop.instruction()], &signer, &[]).await?;
    after(context, &address, receipt).await
}

async fn after(context: &Context, address: &Pubkey, receipt: Record) -> Result<()> {
    let minter: Minter = context.get(address, HOW_TO_FIND).await?;
    let now = context.time().await?.now;
    context
        .out
        .one(&minter_record(&minter, now).extend(receipt));
    Ok(())
}
