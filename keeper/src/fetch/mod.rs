//! From an RPC node to a snapshot.

mod buyback;
mod chain;
mod market;
mod payees;
mod price;
mod witness;

pub use witness::{genesis, witness};

use crate::{
    board::{joins, Sight},
    config::Role,
    error::{KeeperError, Result},
    rules,
    snapshot::{ChainTime, DeviceView, Local, MarketView, PriceState, Snapshot},
};
use chain::{needed, typed, Chain, Raw};
use iog_client::{
    emission::{self, DeviceRewards},
    market::{Lease, Occupancy, Order},
    pda, registry,
    registry::{Attestation, Device, HardwareClass, Measurements, Windows},
    staking::DeviceStake,
    treasury::FeeVault,
};
use iog_tx::{FeePolicy, Sender};
use solana_commitment_config::CommitmentConfig;
use solana_pubkey::Pubkey;
use solana_sdk_ids::sysvar;
use std::collections::{BTreeMap, BTreeSet};

/// Everything but single accounts, by address or by device.
#[derive(Default)]
struct Found {
    classes: BTreeMap<Pubkey, HardwareClass>,
    devices: BTreeMap<Pubkey, Device>,
    /// By their own addresses.
    attestations: BTreeMap<Pubkey, Attestation>,
    stakes: BTreeMap<Pubkey, DeviceStake>,
    occupancies: BTreeMap<Pubkey, Occupancy>,
    rewards: BTreeMap<Pubkey, DeviceRewards>,
    measurements: BTreeMap<Pubkey, Measurements>,
    orders: BTreeMap<Pubkey, Order>,
    leases: BTreeMap<Pubkey, Lease>,
}

/// What is looked at.
pub struct Scope<'a> {
    pub roles: &'a BTreeSet<Role>,
    /// Of Pyth's push oracle, where its prices are to be posted.
    pub shard: Option<u16>,
    /// Who stages them.
    pub payer: Pubkey,
    /// Where a crank reads the price, where the network pins no account.
    pub price_account: Option<Pubkey>,
}

/// Reads what these roles look at. Nodes and reporters read a few addresses; schedulers and cranks list the programs' accounts.
pub async fn fetch(sender: &Sender, scope: &Scope<'_>, local: &Local) -> Result<Snapshot> {
    let (chain, roles) = (Chain::new(sender), scope.roles);
    let mut snapshot = fixed(&chain, scope.payer).await?;
    if roles.contains(&Role::Price) {
        snapshot.price = price::fetch(&chain, scope).await?;
    }
    let mut found = Found::default();
    if roles.contains(&Role::Scheduler) || roles.contains(&Role::Crank) {
        found.list(&chain, roles).await?;
    }
    if roles.contains(&Role::Node) {
        found.own(&chain, local, snapshot.time.now).await?;
    }
    snapshot.pages = pages(&chain, &snapshot).await?;
    if roles.contains(&Role::Scheduler) || roles.contains(&Role::Crank) {
        market::places(&chain, &mut snapshot).await?;
    }
    if roles.contains(&Role::Crank) {
        market::books(&chain, &mut snapshot).await?;
        snapshot.market.price = price::account(&chain, scope).await?;
        snapshot.token_accounts = payees::fetch(&chain, &found, &snapshot).await?;
        buyback::fetch(&chain, &mut snapshot).await?;
    }
    found.into_snapshot(&mut snapshot);
    Ok(snapshot)
}

/// Every class of hardware on the network behind this endpoint.
///
/// # Errors
/// If the node cannot be asked.
pub async fn classes(rpc_url: &str) -> Result<Vec<HardwareClass>> {
    let commitment = CommitmentConfig::confirmed();
    let sender = Sender::new(rpc_url, commitment, FeePolicy::default());
    let classes = Chain::new(&sender).all(HardwareClass::SIZE).await?;
    Ok(classes.into_values().collect())
}

/// The accounts with one address each.
async fn fixed(chain: &Chain<'_>, payer: Pubkey) -> Result<Snapshot> {
    let minter = pda::token::minter(&pda::emission::minter_authority());
    let addresses = [
        sysvar::clock::ID,
        pda::registry::config(),
        pda::registry::windows(),
        pda::emission::config(),
        minter,
        payer,
    ];
    let accounts = chain.raw(&addresses).await?;
    let [clock, registry, windows, emission, minter, payer] = accounts.as_slice() else {
        return Err(KeeperError::Rpc {
            doing: "reading accounts",
            reason: "the node returned another number of accounts than was asked for".into(),
        });
    };
    let time = chain_time(clock.as_ref())?;
    let registry: registry::Config = needed(pda::registry::config(), registry.as_ref())?;
    let windows: Windows = needed(pda::registry::windows(), windows.as_ref())?;
    let emission: emission::Config = needed(pda::emission::config(), emission.as_ref())?;
    let fees = pda::treasury::fees(&emission.io_mint);
    let fees = chain.some::<FeeVault>([fees]).await?.into_values().next();
    Ok(Snapshot {
        time,
        hour: iog_math::emission::hour_at(registry.genesis_ts, time.now).unwrap_or(0),
        genesis_ts: registry.genesis_ts,
        registry,
        windows,
        emission,
        minter: minter.as_ref().and_then(typed),
        token: None,
        pages: BTreeSet::new(),
        classes: BTreeMap::new(),
        devices: BTreeMap::new(),
        orders: BTreeMap::new(),
        leases: BTreeMap::new(),
        market: MarketView::default(),
        price: PriceState::default(),
        fees,
        treasury: None,
        auctions: BTreeMap::new(),
        payer_lamports: payer.as_ref().map_or(0, |payer| payer.lamports),
        token_accounts: BTreeSet::new(),
    })
}

/// The Clock sysvar: slot, three more numbers of eight bytes, unix time; little-endian.
fn chain_time(clock: Option<&Raw>) -> Result<ChainTime> {
    let number = |at: usize| -> Option<[u8; 8]> { clock?.data.get(at..)?.first_chunk().copied() };
    let (slot, now) = number(0)
        .zip(number(32))
        .ok_or_else(|| KeeperError::Account {
            address: sysvar::clock::ID,
            what: "Clock",
            reason: "cannot be read".into(),
        })?;
    Ok(ChainTime {
        slot: u64::from_le_bytes(slot),
        now: i64::from_le_bytes(now),
    })
}

impl Found {
    async fn list(&mut self, chain: &Chain<'_>, roles: &BTreeSet<Role>) -> Result<()> {
        self.classes = chain.all(HardwareClass::SIZE).await?;
        self.devices = chain.all(Device::SIZE).await?;
        self.stakes = chain.all(DeviceStake::SIZE).await?;
        self.occupancies = chain.all(Occupancy::SIZE).await?;
        self.orders = chain.all(Order::SIZE).await?;
        self.leases = chain.all(Lease::SIZE).await?;
        if roles.contains(&Role::Crank) {
            self.attestations = chain.all(Attestation::SIZE).await?;
            self.rewards = chain.all(DeviceRewards::SIZE).await?;
            self.measurements = chain.all(Measurements::SIZE).await?;
        }
        Ok(())
    }

    /// This machine's devices, their leases, the orders of those and that join them, and who else serves in them.
    async fn own(&mut self, chain: &Chain<'_>, local: &Local, now: i64) -> Result<()> {
        let own: Vec<Pubkey> = local.own.iter().copied().collect();
        let of = |address: fn(&Pubkey) -> Pubkey| own.iter().map(address).collect::<Vec<_>>();
        self.devices.extend(chain.some(own.clone()).await?);
        self.attestations
            .extend(chain.some(of(pda::registry::attestation)).await?);
        self.stakes
            .extend(chain.some(of(pda::staking::stake)).await?);
        self.occupancies
            .extend(chain.some(of(pda::market::occupancy)).await?);
        self.rewards
            .extend(chain.some(of(pda::emission::rewards)).await?);
        let classes: BTreeSet<Pubkey> = self.devices.values().map(|device| device.class).collect();
        let unknown = classes
            .into_iter()
            .filter(|class| !self.classes.contains_key(class));
        let classes: BTreeMap<Pubkey, HardwareClass> = chain.some(unknown).await?;
        self.classes.extend(classes);

        let hired = of(pda::market::occupancy);
        let hired = hired
            .iter()
            .filter_map(|address| self.occupancies.get(address));
        let leases = hired.filter(|occupancy| rules::is_hired(occupancy));
        let leases = leases.map(|occupancy| occupancy.lease);
        let leases: BTreeSet<Pubkey> = leases.chain(local.leases.iter().copied()).collect();
        self.leases.extend(chain.some(leases.clone()).await?);
        let orders = leases.iter().filter_map(|lease| self.leases.get(lease));
        let mut orders: BTreeSet<Pubkey> = orders.map(|lease| lease.order).collect();
        let named = joins(local).flat_map(|join| [join.root, join.order]);
        let named = named.map(|order| Pubkey::new_from_array(order.0));
        let wanted: BTreeSet<Pubkey> = orders.iter().copied().chain(named).collect();
        self.orders.extend(chain.some(wanted).await?);
        // A join could name anybody's order: only one that holds is looked into.
        let sight = Sight {
            now,
            leases: &self.leases,
            orders: &self.orders,
        };
        orders.extend(sight.joined_orders(local.reports.values()));
        self.fellows(chain, &orders).await
    }

    /// The other leases of these orders, unless all leases were listed.
    async fn fellows(&mut self, chain: &Chain<'_>, orders: &BTreeSet<Pubkey>) -> Result<()> {
        for address in orders {
            let order = self.orders.get(address);
            let others = order.is_some_and(|order| {
                let known = self.leases.values().filter(|lease| lease.order == *address);
                let known = u32::try_from(known.count()).unwrap_or(u32::MAX);
                order.state == rules::state::ORDER_ACTIVE && order.leases > known
            });
            if others {
                let found = chain.naming(Lease::SIZE, Lease::ORDER_AT, address).await?;
                self.leases.extend(found);
            }
        }
        Ok(())
    }

    fn into_snapshot(mut self, snapshot: &mut Snapshot) {
        let devices = std::mem::take(&mut self.devices);
        snapshot.devices = devices
            .into_iter()
            .map(|(address, device)| (address, self.view(&address, device)))
            .collect();
        snapshot.classes = self.classes;
        snapshot.orders = self.orders;
        snapshot.leases = self.leases;
    }

    fn view(&mut self, address: &Pubkey, device: Device) -> DeviceView {
        DeviceView {
            device,
            attestation: self
                .attestations
                .remove(&pda::registry::attestation(address)),
            stake: self.stakes.remove(&pda::staking::stake(address)),
            occupancy: self.occupancies.remove(&pda::market::occupancy(address)),
            rewards: self.rewards.remove(&pda::emission::rewards(address)),
            measurements: self
                .measurements
                .remove(&pda::registry::measurements(address)),
        }
    }
}

/// Which of the pages that this hour's work touches exist.
async fn pages(chain: &Chain<'_>, snapshot: &Snapshot) -> Result<BTreeSet<u32>> {
    let hours = [snapshot.hour.max(1), snapshot.emission.next_hour];
    let wanted: BTreeSet<u32> = hours.into_iter().map(rules::page_of).collect();
    let wanted: Vec<u32> = wanted.into_iter().collect();
    let addresses: Vec<Pubkey> = wanted
        .iter()
        .map(|page| pda::emission::page(*page))
        .collect();
    let exist = chain.exist(&addresses).await?;
    let found = wanted.into_iter().zip(exist);
    Ok(found
        .filter_map(|(page, exists)| exists.then_some(page))
        .collect())
}
