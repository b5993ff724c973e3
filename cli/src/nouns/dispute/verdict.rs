//! What resolvers decided, kept for slash cases to name.

use crate::{
    chain::missing,
    context::Context,
    error::{CliError, Result},
    output::{rfc3339, Record, Time},
};
use iog_client::{
    market::{accounts::Verdict, instructions::CloseVerdict},
    pda,
};
use iog_math::units::Usd6;
use solana_pubkey::Pubkey;

/// How long a slash case may name it (`VERDICT_SECS` of the program's constants.rs): 180 days.
const VERDICT_SECS: i64 = 15_552_000;
const HOW_TO_FIND: &str =
    "no resolver has decided about it, or the verdict was closed: see iog dispute verdicts";

pub fn claim_until(verdict: &Verdict) -> i64 {
    verdict.decided_ts.saturating_add(VERDICT_SECS)
}

/// The verdict about a lease, and its address.
pub async fn find(context: &Context, lease: &Pubkey) -> Result<(Pubkey, Verdict)> {
    let address = pda::market::verdict(lease);
    let found = context.find(&address).await?;
    let verdict = found.ok_or_else(|| missing("Verdict", &address, HOW_TO_FIND))?;
    Ok((address, verdict))
}

pub fn record(address: &Pubkey, verdict: &Verdict) -> Record {
    Record::new()
        .put("verdict", *address)
        .put("lease", verdict.lease)
        .put("order", verdict.order)
        .put("device", verdict.device)
        .put("supplier", verdict.owner)
        .put("renter", verdict.renter)
        .put("resolver", verdict.resolver)
        // The most that slash cases can give back to the renter; 0 where the supplier got all, or had been paid nothing.
        .put("paid_usd", Usd6(verdict.paid_usd6))
        .put("decided_ts", Time(verdict.decided_ts))
        .put(
            "claim_until_ts",
            (verdict.paid_usd6 > 0).then(|| Time(claim_until(verdict))),
        )
}

pub async fn show(context: &Context, lease: &Pubkey) -> Result<()> {
    let (address, verdict) = find(context, lease).await?;
    context.out.one(&record(&address, &verdict));
    Ok(())
}

pub async fn list(context: &Context, device: Option<Pubkey>, renter: Option<Pubkey>) -> Result<()> {
    let wanted = [(Verdict::DEVICE_AT, device), (Verdict::RENTER_AT, renter)];
    let filters: Vec<(usize, &[u8])> = wanted
        .iter()
        .filter_map(|(at, key)| Some((*at, key.as_ref()?.as_ref())))
        .collect();
    let mut found = context.list::<Verdict>(&filters).await?;
    found.sort_by_key(|(_, verdict)| verdict.decided_ts);
    let records: Vec<Record> = found
        .iter()
        .map(|(address, verdict)| record(address, verdict))
        .collect();
    context.out.many(&records, "no verdicts");
    Ok(())
}

pub async fn close(context: &Context, lease: &Pubkey) -> Result<()> {
    let signer = context.signer()?;
    let (address, verdict) = find(context, lease).await?;
    let now = context.time().await?.now;
    let until = claim_until(&verdict);
    if verdict.paid_usd6 > 0 && now < until {
        return Err(CliError::Refused(format!(
            "the verdict may be named by slash cases until {}",
            rfc3339(until)
        )));
    }
    let close = CloseVerdict {
        verdict: address,
        resolver: verdict.resolver,
    };
    let receipt = context.submit(&[close.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("verdict", address)
        .put("lease", *lease)
        .put("rent_to", verdict.resolver);
    context.out.one(&record.extend(receipt));
    Ok(())
}
