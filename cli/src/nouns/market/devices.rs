use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    market::{self, currency::Currencies, rules},
    nouns::{
        device::{
            self,
            life::{sign_in_last_hours, tier_at},
        },
        text,
    },
    output::{Record, Time},
};
use clap::Args;
use iog_client::{market::accounts::Occupancy, pda, registry::accounts::Device};
use iog_math::units::Usd6;
use solana_pubkey::Pubkey;

#[derive(Args, Debug)]
pub struct Filter {
    /// Only of this class, by number or name
    #[arg(long)]
    class: Option<String>,
    /// Only this wallet's
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    owner: Option<Pubkey>,
    /// Only those that are listed, active, alive, in no lease and not resting
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
        .map(|(place, device)| record(place, &device, now))
        .collect();
    context.out.many(&records, "no devices");
    Ok(())
}

fn is_idle(place: &Occupancy, device: &Device, now: i64) -> bool {
    let free = place.lease == Pubkey::default() && place.resting_until_ts <= now;
    place.listed_gpus > 0 && free && device.state == 0 && sign_in_last_hours(device, now)
}

fn record(place: &Occupancy, device: &Device, now: i64) -> Record {
    let hired = place.lease != Pubkey::default();
    let moment = |ts: i64| (ts != 0).then_some(Time(ts));
    let cap = rules::pay_cap(place, now);
    Record::new()
        .put("device", place.device)
        .put("owner", device.owner)
        .put("class_id", place.class_id)
        .put("gpus", rules::cards(device))
        .put("country", text(&device.country))
        .put("tier", tier_at(device, now))
        .put("secure", device.secure == 1)
        .put("state", device::state(device.state))
        .put("listed", place.listed_gpus > 0)
        // Of a floor above the base price it counts as online only while it serves.
        .put("counts_as_online", place.online_gpus > 0)
        .put("floor_usd", Usd6(place.floor_usd6))
        .put("currencies", Currencies(place.currencies).names())
        .put("pay_cap_usd", cap.map(Usd6))
        .put("pay_cap_until_ts", cap.map(|_| Time(place.cap_until_ts)))
        .put("lease", hired.then_some(place.lease))
        .put(
            "idle_since_ts",
            (!hired).then_some(Time(place.idle_since_ts)),
        )
        .put("last_sign_ts", moment(device.last_sign_ts))
        .put("served_until_ts", moment(place.served_until_ts))
        .put("resting_until_ts", moment(place.resting_until_ts))
        .put("reputation_bps", rules::reputation(place))
        .put("slots_served", place.slots_served)
        .put("slots_missed", place.slots_missed)
        .put("leases", place.leases)
        .put("open_leases", place.open_leases)
        .put("skipped", place.skipped)
        .put("declined", place.declined)
        .put("timeouts", place.timeouts)
        .put("disputes_lost", place.disputes_lost)
}

/// The device's place as it is now, and what was sent.
pub async fn after(
    context: &Context,
    address: &Pubkey,
    device: &Device,
    receipt: Record,
) -> Result<()> {
    let place: Option<Occupancy> = context.find(&pda::market::occupancy(address)).await?;
    let now = context.time().await?.now;
    let shown = match place {
        Some(place) => record(&place, device, now),
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
