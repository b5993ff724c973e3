//! What a case goes through.

use super::{
    case::{self, End},
    Proposal,
};
use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    nouns::{
        evidence_hash,
        stake::{self, rules, HOW_TO_OPEN},
    },
    output::{rfc3339, Record, Time},
};
use iog_client::{
    pda,
    staking::{
        accounts::{Config, DeviceStake},
        instructions,
    },
};
use iog_math::units::Io;
use solana_signer::Signer;

pub async fn propose(context: &Context, proposal: &Proposal) -> Result<()> {
    confirm::allowed(context, "a slash case")?;
    let hash = evidence_hash(&proposal.evidence)?;
    let signer = context.signer()?;
    let (device, address, held) = stake::find(context, &proposal.device.device).await?;
    let config: Config = context.config(&pda::staking::config()).await?;
    let liable = rules::co_staker(&held).is_some() && proposal.offence >= held.co_since_ts;
    let co_part = if liable { held.co_amount_units } else { 0 };
    let staked = held.amount_units.saturating_add(co_part);
    confirm::ask(
        context,
        &format!(
            "Propose to slash {} IO of {} IO on device {device} for reason {}, of {}?",
            proposal.amount,
            Io(staked),
            proposal.reason,
            rfc3339(proposal.offence)
        ),
    )?;
    let propose = instructions::ProposeSlash {
        slasher: signer.pubkey(),
        stake: address,
        case: pda::staking::slash_case(config.cases),
        amount: proposal.amount.0,
        reason: proposal.reason,
        evidence_hash: hash,
        offence_ts: proposal.offence,
    };
    let receipt = context
        .submit(&[propose.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("case", config.cases)
        .put("device", device)
        .put("amount", proposal.amount)
        .put("reason", proposal.reason)
        .put("offence_ts", Time(proposal.offence))
        .put("co_staker_is_liable", liable)
        .put("evidence_sha256", hex::encode(hash));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn appeal(context: &Context, number: u64) -> Result<()> {
    let signer = context.signer()?;
    let (address, found) = case::find(context, number).await?;
    let appeal = instructions::Appeal {
        appellant: signer.pubkey(),
        stake: pda::staking::stake(&found.device),
        case: address,
    };
    let receipt = context
        .submit(&[appeal.instruction()], &signer, &[])
        .await?;
    after(context, number, receipt).await
}

pub async fn resolve(context: &Context, number: u64, upheld: bool) -> Result<()> {
    confirm::allowed(context, "a decision")?;
    let signer = context.signer()?;
    let (address, found) = case::find(context, number).await?;
    let what = if upheld {
        "Uphold: what it holds may be burned"
    } else {
        "Reject: what it holds is released"
    };
    confirm::ask(
        context,
        &format!("{what}. Case {number} on device {}?", found.device),
    )?;
    let resolve = instructions::Resolve {
        appeal_authority: signer.pubkey(),
        case: address,
        upheld,
    };
    let receipt = context
        .submit(&[resolve.instruction()], &signer, &[])
        .await?;
    after(context, number, receipt).await
}

/// Only ever releases.
pub async fn withdraw(context: &Context, number: u64) -> Result<()> {
    confirm::allowed(context, "a withdrawal")?;
    let signer = context.signer()?;
    let (address, found) = case::find(context, number).await?;
    let held = Io(found.owner_units.saturating_add(found.co_units));
    confirm::ask(
        context,
        &format!(
            "Take case {number} back? The {held} IO of device {} that it holds are released.",
            found.device
        ),
    )?;
    let withdraw = instructions::WithdrawCase {
        signer: signer.pubkey(),
        case: address,
    };
    let receipt = context
        .submit(&[withdraw.instruction()], &signer, &[])
        .await?;
    after(context, number, receipt).await
}

/// The case as it is now, and what was sent.
async fn after(context: &Context, number: u64, receipt: Record) -> Result<()> {
    let (_, found) = case::find(context, number).await?;
    let now = context.time().await?.now;
    context.out.one(&case::record(&found, now).extend(receipt));
    Ok(())
}

pub async fn finalize(context: &Context, number: u64) -> Result<()> {
    confirm::allowed(context, "the end of a case")?;
    let signer = context.signer()?;
    let (address, found) = case::find(context, number).await?;
    if case::pays_renter(&found) {
        return Err(CliError::Refused(format!(
            "case {number} pays a renter: close it with iog slash restitution finalize {number}"
        )));
    }
    let stake_address = pda::staking::stake(&found.device);
    let stake: DeviceStake = context.get(&stake_address, HOW_TO_OPEN).await?;
    let end = case::end(&found, context.time().await?.now);
    let amount = Io(found.owner_units.saturating_add(found.co_units));
    if end == End::Runs {
        let until = case::deadline(&found).map(rfc3339).unwrap_or_default();
        return Err(CliError::Refused(format!(
            "case {number} is {}: it runs until {until}",
            case::state(&found)
        )));
    }
    confirm::ask(
        context,
        &format!(
            "Close case {number}? It would {} {amount} IO of device {}.",
            case::said(end, &found),
            found.device
        ),
    )?;
    let finalize = instructions::FinalizeSlash {
        proposer: found.proposer,
        owner: stake.owner,
        stake: stake_address,
        case: address,
        io_mint: context.io_mint().await?,
        token_config: pda::token::config(),
    };
    let receipt = context
        .submit(&[finalize.instruction()], &signer, &[])
        .await?;
    let burned = if end == End::Take { amount } else { Io(0) };
    let record = Record::new()
        .put("case", number)
        .put("device", found.device)
        .put("burned", burned)
        .put("released", Io(amount.0.saturating_sub(burned.0)));
    context.out.one(&record.extend(receipt));
    Ok(())
}
