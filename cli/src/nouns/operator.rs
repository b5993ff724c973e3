use super::text;
use crate::{
    args,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::{pda, registry};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const HOW_TO_REGISTER: &str = "register with iog operator register --name NAME";

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Register the signer as a supplier
    #[command(after_help = "Example:\n  iog operator register --name \"Basement GPUs\"")]
    Register {
        /// 1 to 32 bytes
        #[arg(long, value_parser = args::name)]
        name: [u8; 32],
    },
    /// Change the signer's name
    #[command(after_help = "Example:\n  iog operator update --name \"Attic GPUs\"")]
    Update {
        /// 1 to 32 bytes
        #[arg(long, value_parser = args::name)]
        name: [u8; 32],
    },
    /// A supplier
    #[command(after_help = "Example:\n  iog operator show")]
    Show {
        /// Wallet [default: the signer's]
        #[arg(value_parser = args::pubkey)]
        wallet: Option<Pubkey>,
    },
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Register { name } => register(context, name).await,
        Verb::Update { name } => update(context, name).await,
        Verb::Show { wallet } => show(context, wallet).await,
    }
}

async fn register(context: &Context, name: [u8; 32]) -> Result<()> {
    let signer = context.signer()?;
    let authority = signer.pubkey();
    let operator = pda::registry::operator(&authority);
    let register = registry::instructions::RegisterOperator {
        authority,
        operator,
        name,
    };
    let receipt = context
        .submit(&[register.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("operator", operator)
        .put("authority", authority)
        .put("name", text(&name));
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn update(context: &Context, name: [u8; 32]) -> Result<()> {
    let signer = context.signer()?;
    let authority = signer.pubkey();
    let address = pda::registry::operator(&authority);
    let before: registry::accounts::Operator = context.get(&address, HOW_TO_REGISTER).await?;
    let update = registry::instructions::UpdateOperator {
        authority,
        operator: address,
        name,
    };
    let receipt = context
        .submit(&[update.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("operator", address)
        .put("authority", authority)
        .put("name_before", text(&before.name))
        .put("name", text(&name));
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn show(context: &Context, wallet: Option<Pubkey>) -> Result<()> {
    let address = pda::registry::operator(&context.wallet(wallet)?);
    let operator: registry::accounts::Operator = context.get(&address, HOW_TO_REGISTER).await?;
    context.out.one(
        &Record::new()
            .put("operator", address)
            .put("authority", operator.authority)
            .put("name", text(&operator.name))
            .put("devices", operator.devices)
            .put("registered_ts", Time(operator.registered_ts)),
    );
    Ok(())
}
