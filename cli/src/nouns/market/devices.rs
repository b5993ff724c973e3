use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    market,
    nouns::{
        device::{self, Named},
        text,
    },
    output::{Record, Time},
};
use clap::Args;
use iog_client::{
    market::{
        accounts::{Earnings, Occupancy},
        instructions,
    },
    pda,
    registry::accounts::Device,
};
use iog_math::{
    reputation::{reputation_bps, Record as Past},
    units::Usd6,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Filter {
    /// Only of this class, by number or name
    #[arg(long)]
    class: Option<String>,
    /// Only this wallet's
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    owner: Option<Pubkey>,
    /// Only those that can be matched now: listed, active, in no lease and not resting
    #[arg(long)]
    idle: bool,
}

pub async fn devices(context: &Context, filter: &Filter) -> Result<()> {
    let class = match &filter.class {
        Some(given) => Some(market::class(context, given).await?.id),
        None => None,
    };
    let class = class.map(u16::to_le_bytes);
    let filters: Vec<(usize, &[u8])> = class
        .iter()
        .map(|id| (Occupancy::CLASS_ID_AT, id.as_slice()))
        .collect();
    let places = context.list::<Occupancy>(&filters).await?;
    let addresses: Vec<Pubkey> = places.iter().map(|(_, place)| place.device).collect();
    let devices = context.find_all::<Device>(&addresses).await?;
    let now = context.time().await?.now;
    let records: Vec<Record> = places
        .iter()
        .zip(devices)
        .filter_map(|((_, place), device)| Some((place, device?)))
        .filter(|(_, device)| filter.owner.is_none_or(|owner| owner == device.owner))
        .filter(|(place, device)| !filter.idle || is_idle(place, device, now))
        .map(|(place, device)| record(place, &device))
        .collect();
    context.out.many(&records, "no devices");
    Ok(())
}

fn is_idle(place: &Occupancy, device: &Device, now: i64) -> bool {
    let free = place.lease == Pubkey::default() && place.resting_until_ts <= now;
    place.listed_gpus > 0 && free && device.state == 0
}

/// What the device's record is worth, by the program's own arithmetic.
fn reputation(place: &Occupancy) -> u16 {
    reputation_bps(&Past {
        served: place.hours_served,
        missed: place.hours_missed,
        skipped: place.skipped,
        timeouts: place.timeouts,
        disputes_lost: place.disputes_lost,
    })
}

fn record(place: &Occupancy, device: &Device) -> Record {
    let hired = place.lease != Pubkey::default();
    Record::new()
        .put("device", place.device)
        .put("owner", device.owner)
        .put("class_id", place.class_id)
        .put("gpus", device.quantity)
        .put("country", text(&device.country))
        .put("tier", device.tier)
        .put("secure", device.secure == 1)
        .put("state", device::state(device.state))
        .put("listed", place.listed_gpus > 0)
        .put("floor_usd", Usd6(place.floor_usd6))
        .put("lease", hired.then_some(place.lease))
        .put(
            "idle_since_ts",
            (!hired).then_some(Time(place.idle_since_ts)),
        )
        .put(
            "resting_until_ts",
            (place.resting_until_ts != 0).then_some(Time(place.resting_until_ts)),
        )
        .put("reputation_bps", reputation(place))
        .put("hours_served", place.hours_served)
        .put("hours_missed", place.hours_missed)
        .put("leases", place.leases)
        .put("skipped", place.skipped)
        .put("timeouts", place.timeouts)
        .put("disputes_lost", place.disputes_lost)
}

pub async fn list(context: &Context, named: &Named, floor: Usd6) -> Result<()> {
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let (address, device) = context.device(&named.device).await?;
    let list = instructions::ListDevice {
        owner,
        device: address,
        class: device.class,
        stake: pda::staking::stake(&address),
        book: pda::market::price_book(device.class_id),
        occupancy: pda::market::occupancy(&address),
        floor_usd6: floor.0,
    };
    let receipt = context.submit(&[list.instruction()], &signer, &[]).await?;
    let earnings = [(Earnings::OWNER_AT, owner.as_ref())];
    if context.list::<Earnings>(&earnings).await?.is_empty() {
        context.note(
            "the device takes no currency yet: open one with iog market open-earnings --pay io",
        );
    }
    after(context, &address, &device, receipt).await
}

pub async fn delist(context: &Context, named: &Named) -> Result<()> {
    let signer = context.signer()?;
    let (address, device) = context.device(&named.device).await?;
    let delist = instructions::DelistDevice {
        signer: signer.pubkey(),
        device: address,
        class: device.class,
        stake: pda::staking::stake(&address),
        book: pda::market::price_book(device.class_id),
        occupancy: pda::market::occupancy(&address),
    };
    let receipt = context
        .submit(&[delist.instruction()], &signer, &[])
        .await?;
    after(context, &address, &device, receipt).await
}

/// The device's place as it is now, and what was sent.
async fn after(
    context: &Context,
    address: &Pubkey,
    device: &Device,
    receipt: Record,
) -> Result<()> {
    let place: Option<Occupancy> = context.find(&pda::market::occupancy(address)).await?;
    let shown = match place {
        Some(place) => record(&place, device),
        // Only simulated: the place is made with the first listing.
        None if context.dry_run => Record::new().put("device", *address),
        None => {
            return Err(CliError::rpc(
                "reading the device's place",
                &"the node does not know it yet",
            ))
        }
    };
    context.out.one(&shown.extend(receipt));
    Ok(())
}
