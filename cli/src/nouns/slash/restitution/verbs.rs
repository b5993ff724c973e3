//! What a restitution goes through.

use super::Proposal;
use crate::{
    chain::{open_token_account, token_account},
    confirm,
    context::Context,
    error::{CliError, Result},
    nouns::{
        dispute::verdict::{self, claim_until},
        evidence_hash,
        slash::case::{self, End},
        stake::HOW_TO_OPEN,
    },
    oracle,
    output::{rfc3339, Record, Time},
};
use iog_client::{
    market::accounts::Verdict,
    pda,
    staking::{
        accounts::{Config, DeviceStake, Restitution, SlashCase},
        instructions::{
            CloseRestitution, FetchRestitution, FinalizeRestitution, ProposeRestitution,
        },
    },
};
use iog_math::units::{Io, Usd6};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const HOW_TO_FIND: &str = "nobody has proposed restitution for this lease, or it was closed";

/// The restitution for a lease, and its address.
async fn find(context: &Context, lease: &Pubkey) -> Result<(Pubkey, Restitution)> {
    let address = pda::staking::restitution(&pda::market::verdict(lease));
    Ok((address, context.get(&address, HOW_TO_FIND).await?))
}

pub async fn propose(context: &Context, proposal: &Proposal) -> Result<()> {
    confirm::allowed(context, "a slash case")?;
    let hash = evidence_hash(&proposal.evidence)?;
    let signer = context.signer()?;
    let (address, verdict) = verdict::find(context, &proposal.lease).await?;
    let restitution = pda::staking::restitution(&address);
    let known: Option<Restitution> = context.find(&restitution).await?;
    let claimed = known.map_or(0, |known| known.claimed_usd6);
    let config: Config = context.config(&pda::staking::config()).await?;
    let price =
        oracle::usable_price(context, proposal.price_account, oracle::ORDER_AGE_SECS).await?;
    let worth = price.point.usd6_at_high(proposal.amount.0)?;
    require_claimable(&verdict, claimed, worth)?;
    confirm::ask(
        context,
        &format!(
            "Propose to pay renter {} {} IO, worth {} USD, out of the owner's stake on device {}? The lease was paid {} USD, of which {} are claimed.",
            verdict.renter,
            proposal.amount,
            Usd6(worth),
            verdict.device,
            Usd6(verdict.paid_usd6),
            Usd6(claimed)
        ),
    )?;
    let propose = ProposeRestitution {
        slasher: signer.pubkey(),
        stake: pda::staking::stake(&verdict.device),
        verdict: address,
        restitution,
        case: pda::staking::slash_case(config.cases),
        price_source: pda::token::price_source(),
        price: price.account,
        amount: proposal.amount.0,
        evidence_hash: hash,
    };
    let receipt = context
        .submit(&[propose.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("case", config.cases)
        .put("verdict", address)
        .put("device", verdict.device)
        .put("renter", verdict.renter)
        .put("amount", proposal.amount)
        .put("claim_usd", Usd6(worth))
        .put("evidence_sha256", hex::encode(hash));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// The program would refuse too, but it does not say how much is left.
fn require_claimable(verdict: &Verdict, claimed: u64, worth: u64) -> Result<()> {
    let left = verdict.paid_usd6.saturating_sub(claimed);
    if worth <= left {
        return Ok(());
    }
    Err(CliError::Refused(format!(
        "that is worth {} USD, and {} of the {} USD that the lease was paid can still be claimed",
        Usd6(worth),
        Usd6(left),
        Usd6(verdict.paid_usd6)
    )))
}

pub async fn finalize(context: &Context, number: u64) -> Result<()> {
    confirm::allowed(context, "the end of a case")?;
    let signer = context.signer()?;
    let (address, found) = case::find(context, number).await?;
    if !case::pays_renter(&found) {
        return Err(CliError::Refused(format!(
            "case {number} pays no renter: close it with iog slash finalize {number}"
        )));
    }
    let end = case::end(&found, context.time().await?.now);
    let amount = Io(found.owner_units);
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
    let finalize = finalizing(context, address, &found).await?;
    let receipt = context
        .submit(&[finalize.instruction()], &signer, &[])
        .await?;
    let credited = if end == End::Take { amount } else { Io(0) };
    let record = Record::new()
        .put("case", number)
        .put("device", found.device)
        .put("verdict", found.verdict)
        .put("credited", credited)
        .put("released", Io(amount.0.saturating_sub(credited.0)));
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn finalizing(
    context: &Context,
    case: Pubkey,
    found: &SlashCase,
) -> Result<FinalizeRestitution> {
    let stake_address = pda::staking::stake(&found.device);
    let stake: DeviceStake = context.get(&stake_address, HOW_TO_OPEN).await?;
    Ok(FinalizeRestitution {
        proposer: found.proposer,
        owner: stake.owner,
        stake: stake_address,
        case,
        restitution: pda::staking::restitution(&found.verdict),
    })
}

pub async fn fetch(context: &Context, lease: &Pubkey) -> Result<()> {
    confirm::allowed(context, "a payment")?;
    let signer = context.signer()?;
    let (address, found) = find(context, lease).await?;
    let due = Io(found.due_units);
    if found.due_units == 0 {
        return Err(CliError::Refused(format!(
            "nothing is owed to renter {}: {} cases are open (iog slash list)",
            found.renter, found.open_cases
        )));
    }
    confirm::ask(
        context,
        &format!("Pay {due} IO to renter {}?", found.renter),
    )?;
    let io_mint = context.io_mint().await?;
    let renter_token = token_account(&found.renter, &io_mint);
    let fetch = FetchRestitution {
        signer: signer.pubkey(),
        restitution: address,
        renter_token,
        associated: renter_token,
        io_mint,
    };
    let open = open_token_account(&signer.pubkey(), &found.renter, &io_mint);
    let receipt = context
        .submit(&[open, fetch.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("lease", *lease)
        .put("renter", found.renter)
        .put("paid_out", due);
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn show(context: &Context, lease: &Pubkey) -> Result<()> {
    let (address, found) = find(context, lease).await?;
    // The verdict may be closed before what remembers its claims.
    let verdict: Option<Verdict> = context.find(&found.verdict).await?;
    let left = verdict
        .as_ref()
        .map(|verdict| verdict.paid_usd6.saturating_sub(found.claimed_usd6));
    context.out.one(
        &Record::new()
            .put("restitution", address)
            .put("lease", *lease)
            .put("verdict", found.verdict)
            .put("device", found.device)
            .put("renter", found.renter)
            .put("due", Io(found.due_units))
            .put("paid_out", Io(found.paid_units))
            .put("claimed_usd", Usd6(found.claimed_usd6))
            .put("claimable_usd", left.map(Usd6))
            .put("open_cases", found.open_cases)
            .put("decided_ts", Time(found.decided_ts))
            .put(
                "claim_until_ts",
                verdict.as_ref().map(|verdict| Time(claim_until(verdict))),
            ),
    );
    Ok(())
}

pub async fn close(context: &Context, lease: &Pubkey) -> Result<()> {
    let signer = context.signer()?;
    let (address, found) = find(context, lease).await?;
    let close = CloseRestitution {
        payer: found.payer,
        restitution: address,
    };
    let receipt = context.submit(&[close.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("restitution", address)
        .put("lease", *lease)
        .put("rent_to", found.payer);
    context.out.one(&record.extend(receipt));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    #[test]
    fn no_more_is_claimed_than_the_lease_was_paid() {
        let mut verdict: Verdict = blank();
        verdict.paid_usd6 = 1_520_000;
        require_claimable(&verdict, 1_000_000, 520_000).unwrap();
        let refused = require_claimable(&verdict, 1_000_000, 520_001).unwrap_err();
        assert_eq!(refused.exit_code(), 3);
        assert!(refused.line().contains("0.52 of the 1.52 USD"), "{refused}");
    }
}
