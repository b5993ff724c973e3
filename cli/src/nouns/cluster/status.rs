//! `cluster status` and `cluster list`.

use super::{
    book::{self, Cluster, Part},
    connect, head, ray, scale, Named,
};
use crate::{
    agent::{
        chain::pubkey,
        client::Client,
        wire::{LeaseView, Leases, Stage},
    },
    context::Context,
    error::Result,
    market::{currency::Pay, order},
    nouns::order::status::{line, looked},
    output::{Record, Time},
};
use iog_client::market::accounts::Order;
use iog_job::{
    address_of,
    ray::{CLIENT_PORT, DASHBOARD_PORT},
    Phase,
};

pub async fn run(context: &Context, named: &Named, show_token: bool) -> Result<()> {
    let cluster = Cluster::open(&named.name)?;
    scale::join_all(context, &cluster).await?;
    context
        .out
        .one(&record(context, &cluster, show_token).await?);
    Ok(())
}

/// One order, as chain and agent have it.
struct Seen {
    part: Part,
    order: Option<Order>,
    leases: Leases,
}

impl Seen {
    fn members(&self) -> impl Iterator<Item = &LeaseView> {
        let now = |lease: &&LeaseView| lease.stage != Stage::Kept;
        self.leases.leases.iter().filter(now)
    }

    fn record(&self) -> Record {
        let order = self.order.as_ref();
        Record::new()
            .put("order", self.part.order.to_string())
            .put("offset", self.part.offset)
            .put("gpus", order.map(order::gpus))
            .put("state", order.map(|order| order::state(order.state)))
            .put(
                "end_ts",
                order
                    .filter(|order| order.end_ts != 0)
                    .map(|order| Time(order.end_ts)),
            )
            .put(
                "trouble",
                self.leases
                    .trouble
                    .clone()
                    .or_else(|| self.leases.doubt.clone()),
            )
    }

    fn member(&self, lease: &LeaseView) -> Record {
        let rank = self.part.offset.saturating_add(lease.place);
        Record::new()
            .put("rank", rank)
            .put(
                "address",
                address_of(rank).map(|address| address.to_string()),
            )
            .put("lease", lease.binding.lease.to_string())
            .put("device", lease.binding.device.to_string())
            .put("gpus", lease.gpus)
            .put("state", line(lease))
            .put("attempt", lease.attempt)
            .put("path", lease.path.clone())
            .put("trouble", lease.trouble.clone())
    }
}

/// Where the whole stands, in a word.
fn state(seen: &[Seen]) -> &'static str {
    let root = seen.first();
    match root
        .and_then(|root| root.order.as_ref())
        .map(|root| root.state)
    {
        Some(order::ACTIVE) => {}
        Some(order::OPEN | order::MATCHED) => return "waits for devices",
        _ => return "over",
    }
    let head = root.and_then(|root| head::of(&root.leases));
    if matches!(
        head.and_then(|head| head.phase.as_ref()),
        Some(Phase::Exited { .. } | Phase::Stopped)
    ) {
        return "its command ended";
    }
    let whole = |seen: &Seen| {
        let ready = seen.members().filter(|lease| head::is_ready(lease));
        let gpus = ready.map(|lease| lease.gpus).fold(0, u32::saturating_add);
        seen.order
            .as_ref()
            .is_none_or(|order| order.state == order::ACTIVE && gpus >= order::gpus(order))
    };
    match seen.iter().all(whole) {
        true => "running",
        false => "forming",
    }
}

pub async fn record(context: &Context, cluster: &Cluster, show_token: bool) -> Result<Record> {
    let mut seen = Vec::new();
    for part in &cluster.orders {
        let found: Option<Order> = context.find(&pubkey(&part.order)).await?;
        let agent = Client::open(&part.order)?;
        let leases = looked(&agent).await?;
        seen.push(Seen {
            part: *part,
            order: found,
            leases,
        });
    }
    let root = cluster.root()?;
    let path = book::token_path(&root)?;
    let token = connect::token(&path).ok();
    let head = seen
        .first()
        .and_then(|root| head::of(&root.leases))
        .filter(|head| head::is_ready(head));
    let told = match (head, &token) {
        (Some(head), Some(token)) => {
            let agent = Client::open(&root)?;
            Some(ray::ask(&agent, &head.binding.lease, token).await)
        }
        _ => None,
    };
    let (told, ray_trouble) = match told {
        Some(Ok(told)) => (Some(told), None),
        Some(Err(error)) => (None, Some(error.line())),
        None => (None, None),
    };
    let orders = seen.iter().filter_map(|seen| seen.order.as_ref());
    let deposited = orders
        .map(|order| order.deposited_units)
        .fold(0, u64::saturating_add);
    let pay = seen
        .iter()
        .find_map(|seen| seen.order.as_ref())
        .map(|order| Pay::of(order.currency));
    let pay = pay.transpose()?;
    let members = seen
        .iter()
        .flat_map(|seen| seen.members().map(|lease| seen.member(lease)));
    Ok(Record::new()
        .put("name", cluster.name.as_str())
        .put("state", state(&seen))
        .put("root_order", root.to_string())
        .put("ray_address", format!("http://127.0.0.1:{DASHBOARD_PORT}"))
        .put("client_address", format!("ray://127.0.0.1:{CLIENT_PORT}"))
        .put("token_path", path.display().to_string())
        .put("token", token.filter(|_| show_token))
        .put("deposited", pay.map(|pay| pay.amount(deposited)))
        .put("ray_nodes", told.as_ref().map(|told| told.alive))
        .put("ray_dead_nodes", told.as_ref().map(|told| told.dead))
        .put("ray_trouble", ray_trouble)
        .put("orders", seen.iter().map(Seen::record).collect::<Vec<_>>())
        .put("members", members.collect::<Vec<_>>())
        .put("jobs", told.map(|told| told.jobs).unwrap_or_default()))
}

pub async fn list(context: &Context) -> Result<()> {
    let mut records = Vec::new();
    for cluster in Cluster::all()? {
        let root = cluster.root_address()?;
        let found: Option<Order> = context.find(&root).await?;
        records.push(
            Record::new()
                .put("name", cluster.name.as_str())
                .put(
                    "state",
                    found.map_or("gone", |order| order::state(order.state)),
                )
                .put("root_order", root)
                .put(
                    "orders",
                    u32::try_from(cluster.orders.len()).unwrap_or(u32::MAX),
                ),
        );
    }
    context.out.many(&records, "no clusters");
    Ok(())
}
