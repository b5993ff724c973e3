//! Prices that a reporter signs, and anyone carries to the network's feed.

use super::reporters;
use crate::{
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use iog_client::{
    pda,
    price_report::{check, message, SignedReport, MOST_AT_ONCE},
    token::instructions::ReportPrice,
};
use iog_tx::read_keypair_file;
use solana_keypair::Keypair;
use solana_signature::Signature;
use solana_signer::Signer;
use std::{io::Read, path::Path};

#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub struct Report {
    /// US dollars for an IO, with at most 10 decimals, signed with the chain's time
    #[arg(long, value_name = "USD", conflicts_with = "signed", value_parser = price)]
    price: Option<u64>,
    /// Files of signed prices, as --sign-only prints them and keepers serve at /v1/price; - is standard input
    #[arg(long, value_name = "FILE", num_args = 1.., value_delimiter = ',')]
    signed: Vec<String>,
    /// File of the reporter's key [default: the signer's]
    #[arg(long, value_name = "FILE", requires = "price")]
    reporter_key: Option<String>,
    /// Print what was signed, for anyone to carry, and send nothing
    #[arg(long, requires = "price")]
    sign_only: bool,
}

/// 10^-10 USD for a whole IO, 1 to 10^15.
fn price(text: &str) -> std::result::Result<u64, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let valid = !whole.is_empty() && part.len() <= 10 && digits(whole) && digits(part);
    let units = valid.then(|| format!("{whole}{part:0<10}").parse().ok());
    let units = units
        .flatten()
        .filter(|units| (1..=MAX_PRICE).contains(units));
    units.ok_or_else(|| {
        "a price is digits, a point and at most 10 decimals, more than 0 and at most 100000".into()
    })
}

/// The highest that the program takes.
const MAX_PRICE: u64 = 1_000_000_000_000_000;

pub async fn run(context: &Context, given: &Report) -> Result<()> {
    let reports = match given.price {
        Some(price) => vec![sign(context, given, price).await?],
        None => {
            let read = given.signed.iter().map(|file| signed(file));
            let read = read.collect::<Result<Vec<_>>>()?;
            read.into_iter().flatten().collect()
        }
    };
    if given.sign_only {
        reports
            .iter()
            .for_each(|report| context.out.one(&record(report)));
        return Ok(());
    }
    carry(context, &reports).await
}

async fn sign(context: &Context, given: &Report, price: u64) -> Result<SignedReport> {
    let named = given.reporter_key.as_deref().map(read_keypair_file);
    let key: Keypair = match named.transpose()? {
        Some(key) => key,
        None => context.signer()?,
    };
    let (feed, ts) = (pda::token::price_feed(), context.time().await?.now);
    Ok(SignedReport {
        feed,
        price,
        ts,
        key: key.pubkey(),
        signature: key.sign_message(&message(&feed, price, ts)).into(),
    })
}

/// The signed prices in a file: one, or a list.
fn signed(file: &str) -> Result<Vec<SignedReport>> {
    let refused = |reason: &dyn std::fmt::Display| {
        CliError::usage(format!("{file} holds no signed price: {reason}"))
    };
    let mut text = String::new();
    let read = match file {
        "-" => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        path => std::fs::read_to_string(Path::new(path)).map(|read| text = read),
    };
    read.map_err(|error| refused(&error))?;
    let list = serde_json::from_str::<Vec<SignedReport>>(&text);
    // Of one that is no list the reason is what it lacks itself.
    let reports = match list {
        Ok(list) => list,
        Err(_) => vec![serde_json::from_str(&text).map_err(|error| refused(&error))?],
    };
    match reports.iter().find_map(wrong) {
        Some(reason) => Err(refused(&reason)),
        None => Ok(reports),
    }
}

/// What keeps a report from being carried: one that is wrong would spoil the whole transaction.
fn wrong(report: &SignedReport) -> Option<String> {
    let feed = pda::token::price_feed();
    if report.feed != feed {
        return Some(format!("it is for feed {}, not {feed}", report.feed));
    }
    let bytes = message(&report.feed, report.price, report.ts);
    let signed = Signature::from(report.signature).verify(report.key.as_ref(), &bytes);
    (!signed).then(|| format!("{} did not sign it", report.key))
}

/// As many in a transaction as fit.
async fn carry(context: &Context, reports: &[SignedReport]) -> Result<()> {
    let signer = context.signer()?;
    let mut sent = Vec::new();
    for some in reports.chunks(MOST_AT_ONCE) {
        let checked = check(some).ok_or_else(|| CliError::usage("there is nothing to carry"))?;
        let report = ReportPrice {}.instruction();
        sent.push(context.submit(&[checked, report], &signer, &[]).await?);
    }
    let after = reporters::record(context).await?;
    let carried = reports.iter().map(record).collect::<Vec<_>>();
    let after = after.put("carried", carried);
    context.out.one(&after.put("transactions", sent));
    Ok(())
}

/// In JSON what `--signed` takes.
fn record(report: &SignedReport) -> Record {
    let text = serde_json::to_value(report).unwrap_or_default();
    let signature = text.get("signature").and_then(|value| value.as_str());
    Record::new()
        .put("feed", report.feed)
        .put("price", report.price)
        .put("price_usd", crate::oracle::usd(report.price, -10))
        .put("ts", crate::output::Time(report.ts))
        .put("key", report.key)
        .put("signature", signature.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_have_ten_decimals() {
        assert_eq!(price("0.25"), Ok(2_500_000_000));
        assert_eq!(price("0.0000000001"), Ok(1));
        assert_eq!(price("100000"), Ok(MAX_PRICE));
        for bad in [
            "",
            ".5",
            "0",
            "1e3",
            "-1",
            "0.00000000001",
            "100000.0000000001",
            "1.2.3",
        ] {
            assert!(price(bad).is_err(), "{bad}");
        }
    }

    /// redteam P5
    #[test]
    fn what_is_printed_can_be_carried_and_what_was_changed_cannot() {
        let key = Keypair::new();
        let feed = pda::token::price_feed();
        let report = SignedReport {
            feed,
            price: 2_500_000_000,
            ts: 1_764_000_000,
            key: key.pubkey(),
            signature: key
                .sign_message(&message(&feed, 2_500_000_000, 1_764_000_000))
                .into(),
        };
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("price.json");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            signed(file.to_str().unwrap())
        };
        let printed = serde_json::to_string(&record(&report)).unwrap();
        assert_eq!(read(&printed).unwrap(), vec![report.clone()]);
        assert_eq!(read(&format!("[{printed}]")).unwrap(), vec![report]);
        let dearer = printed.replace("2500000000", "2600000000");
        let refused = read(&dearer).unwrap_err().line();
        assert!(refused.contains("did not sign it"), "{refused}");
        let other = printed.replace(&feed.to_string(), &key.pubkey().to_string());
        let refused = read(&other).unwrap_err().line();
        assert!(refused.contains("it is for feed"), "{refused}");
        assert!(read("<html>").is_err());
    }
}
