use crate::{args, confirm, context::Context, error::Result, nouns::price::source_record, oracle};
use clap::{Args, Subcommand};
use iog_client::{
    pda,
    token::{
        self,
        instructions::{ApplyPriceSource, DropPriceSource, SetPriceSource},
        types::PriceSourceArgs,
    },
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Schedule another source, to be applied 24 hours later; the present one again drops a change that waits
    #[command(
        after_help = "Examples:\n  iog governance price-source set --quorum -k authority.json\n  iog governance price-source set --account 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json\n  iog governance price-source set --account any -k authority.json"
    )]
    Set(Source),
    /// Apply the scheduled source whose time has come; anyone may
    #[command(after_help = "Example:\n  iog governance price-source apply")]
    Apply,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub struct Source {
    /// The network's own feed, of a quorum of reporters (iog price reporters)
    #[arg(long, conflicts_with_all = ["receiver", "feed", "account"])]
    quorum: bool,
    /// Program that owns the price updates [default: the present one]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    receiver: Option<Pubkey>,
    /// Pyth's feed of IO/USD, 64 hexadecimal digits [default: the present one]
    #[arg(long, value_name = "HEX", value_parser = args::hex32)]
    feed: Option<[u8; 32]>,
    /// The only price account that is read, or any [default: as at present]
    #[arg(long, value_name = "PUBKEY", value_parser = account)]
    account: Option<Pubkey>,
}

fn account(text: &str) -> std::result::Result<Pubkey, String> {
    match text {
        "any" => Ok(Pubkey::default()),
        address => args::pubkey(address),
    }
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Set(source) => set(context, &source).await,
        Verb::Apply => apply(context).await,
    }
}

async fn set(context: &Context, given: &Source) -> Result<()> {
    confirm::allowed(context, "a change of governance")?;
    let signer = context.signer()?;
    let present = oracle::source(context).await?;
    let source = match given.quorum {
        true => PriceSourceArgs {
            receiver: token::ID,
            feed: [0; 32],
            account: pda::token::price_feed(),
        },
        false => PriceSourceArgs {
            receiver: given.receiver.unwrap_or(present.receiver),
            feed: given.feed.unwrap_or(present.feed),
            account: given.account.unwrap_or(present.account),
        },
    };
    confirm::ask(
        context,
        "Schedule this source of prices, to be applied 24 hours from now?",
    )?;
    let set = SetPriceSource {
        authority: signer.pubkey(),
        source,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    let after = source_record(&oracle::source(context).await?);
    context.out.one(&after.extend(receipt));
    Ok(())
}

/// Guardian and authority may.
pub fn drop_instruction(signer: Pubkey) -> Instruction {
    DropPriceSource { signer }.instruction()
}

async fn apply(context: &Context) -> Result<()> {
    let signer = context.signer()?;
    let apply = ApplyPriceSource {};
    let receipt = context.submit(&[apply.instruction()], &signer, &[]).await?;
    let after = source_record(&oracle::source(context).await?);
    context.out.one(&after.extend(receipt));
    Ok(())
}
