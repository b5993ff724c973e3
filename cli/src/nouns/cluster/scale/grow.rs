//! A further order of a cluster: what it asks for, and its way in.

use super::{super::book::Cluster, join::join_new, Terms};
use crate::{
    agent::{chain::pubkey, folder::Folder},
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{currency::Pay, order},
    nouns::{
        order::{
            create::{self, What},
            job::Job,
            wait::{self, Patience},
        },
        text,
    },
};
use clap::Parser;
use iog_client::market::accounts::Order;
use iog_job::{Kind, Platform, MAX_RANKS};
use solana_pubkey::Pubkey;

const HOUR_SECS: i64 = 3_600;
/// The command line of a further order.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Line {
    #[command(flatten)]
    what: What,
}

/// Books a further order like the first one, and waits until it has joined.
pub async fn run(
    context: &Context,
    terms: &Terms,
    cluster: &mut Cluster,
    first: &Order,
    gpus: u32,
) -> Result<()> {
    confirm::allowed(context, "a further order")?;
    let now = context.time().await?.now;
    let words = like(first, gpus, terms, now)?;
    let line = Line::try_parse_from(words)
        .map_err(|error| CliError::usage(crate::args::usage_line(&error)))?;
    let folder = Folder::open(&cluster.root()?)?;
    let job = Job::again(context, &line.what.work, &folder)?;
    // Any machine may be of one GPU.
    let [part, ..] = &first.parts;
    let ranks = gpus / u32::from(part.per_machine.max(1));
    let ranks = u16::try_from(ranks).unwrap_or(u16::MAX);
    let offset = cluster.free_offset(ranks, MAX_RANKS).ok_or_else(|| {
        CliError::usage(format!(
            "a cluster has {MAX_RANKS} ranks at most: book another one"
        ))
    })?;
    let booked = create::book(context, &line.what, &job, |address| {
        cluster.add(address, offset, ranks);
        cluster.write()
    });
    let booked = booked.await;
    let booked = match booked {
        Ok(booked) => booked,
        Err(error) => {
            if error.exit_code() != 5 {
                forget_unmade(context, cluster).await?;
            }
            return Err(error);
        }
    };
    let Some(client) = booked.client.as_ref().filter(|_| !context.dry_run) else {
        context.note("nothing was booked");
        return Ok(());
    };
    join_new(context, cluster, &booked.address).await?;
    client.wake().await?;
    let signer = context.signer()?;
    let patience = Patience {
        wait: true,
        no_match: terms.no_match,
        wait_secs: terms.wait_secs,
    };
    let work = Some((client, Kind::Ray));
    wait::run(context, &booked.address, &patience, Some(&signer), work).await?;
    Ok(())
}

/// Orders that were never made are no part.
async fn forget_unmade(context: &Context, cluster: &mut Cluster) -> Result<()> {
    let root = cluster.root()?;
    for part in cluster.orders.clone() {
        let found: Option<Order> = context.find(&pubkey(&part.order)).await?;
        if part.order != root && found.is_none() {
            cluster.remove(&part.order);
        }
    }
    cluster.write()
}

/// What the first order asked for, in words of `order create`: constraints of an order hold for all that joins it. redteam mesh M1
fn like(first: &Order, gpus: u32, terms: &Terms, now: i64) -> Result<Vec<String>> {
    let machines = first.parts.iter().filter(|part| part.gpus > 0).count();
    let [part, ..] = &first.parts;
    if machines != 1 || part.gpus == 0 {
        return Err(CliError::usage(
            "the first order has several parts, and which of them is to grow is not known: book a further cluster",
        ));
    }
    let left = first.end_ts.saturating_sub(now).max(1);
    let rounded = left.saturating_add(HOUR_SECS - 1).div_euclid(HOUR_SECS);
    let hours = terms.hours.or(u32::try_from(rounded).ok()).unwrap_or(1);
    let classes: Vec<String> = order::classes_of(first, 0)
        .iter()
        .map(u16::to_string)
        .collect();
    let kind = crate::nouns::order::booking::Work::name(first.kind);
    let pay = Pay::of(first.currency)?.unit().to_lowercase();
    let mut words: Vec<String> = Vec::new();
    let mut say = |name: &str, value: String| words.extend([format!("--{name}"), value]);
    say("class", classes.join(","));
    say("gpus", gpus.to_string());
    say("hours", hours.to_string());
    say("kind", kind.to_string());
    say("pay", pay);
    say("min-tier", first.min_tier.to_string());
    say("min-reputation", first.min_reputation_bps.to_string());
    if part.per_machine > 0 {
        say("per-machine", part.per_machine.to_string());
    }
    for platform in [Platform::LinuxAmd64, Platform::LinuxArm64] {
        if first.platform == platform as u8 {
            say("platform", platform.to_string());
        }
    }
    if let Some(limit) = &terms.max_total {
        say("max-total", limit.clone());
    }
    if first.owner != Pubkey::default() {
        say("owner", first.owner.to_string());
    }
    let countries = first.countries.iter().filter(|country| **country != [0; 2]);
    let countries: Vec<String> = countries.map(|country| text(country)).collect();
    if !countries.is_empty() {
        say("country", countries.join(","));
    }
    if first.secure_only == 1 {
        words.push("--secure".into());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    fn terms() -> Terms {
        Terms {
            named: crate::nouns::cluster::Named { name: "x".into() },
            gpus: 3,
            hours: None,
            max_total: Some("9".into()),
            wait_secs: 1,
            no_match: false,
        }
    }

    /// redteam mesh M1: what joins is held to all that the first order asked for.
    #[test]
    fn a_further_order_asks_for_what_the_first_one_did() {
        let mut first: Order = blank();
        first.parts[0].class_id = 7;
        first.parts[0].gpus = 16;
        first.parts[0].per_machine = 8;
        first.parts[1].class_id = 9;
        (first.currency, first.kind, first.min_tier) = (1, 1, 3);
        (first.min_reputation_bps, first.secure_only) = (5_500, 1);
        first.platform = 2;
        first.countries[0] = *b"DE";
        first.countries[1] = *b"FR";
        first.owner = Pubkey::new_from_array([5; 32]);
        first.end_ts = 10_000;
        let words = like(&first, 8, &terms(), 2_799).unwrap().join(" ");
        let owner = first.owner;
        assert_eq!(
            words,
            format!("--class 7,9 --gpus 8 --hours 3 --kind train --pay usdc --min-tier 3 --min-reputation 5500 --per-machine 8 --platform linux/arm64 --max-total 9 --owner {owner} --country DE,FR --secure")
        );
        Line::try_parse_from(like(&first, 8, &terms(), 2_799).unwrap()).unwrap();
        first.parts[2].gpus = 1;
        assert!(like(&first, 8, &terms(), 0).is_err());
    }
}
