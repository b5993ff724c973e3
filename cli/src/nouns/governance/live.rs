//! The configs of a live network, and who holds the roles that they name.

use super::{
    parameter,
    program::{Program, Roles},
};
use crate::{
    chain::missing,
    context::Context,
    error::Result,
    nouns::token::Right,
    output::Record,
    waiting::{holder, somebody, Holder, Moment},
};
use iog_client::{
    decode, market, pda, registry, staking,
    token::{self, accounts::PriceFeed, accounts::PriceSource, types::Reporter},
};
use iog_math::units::{Io, Iosd};
use solana_account::Account;
use solana_pubkey::Pubkey;

/// The rows of the table of powers whose holders are known; of the others nobody is, or everybody.
#[cfg(test)]
pub const HELD: [&str; 16] = [
    "upgrade-authority",
    "authority",
    "guardian",
    "price-source",
    "price-reporter",
    "price-reporter-minority",
    "price-reporter-majority",
    "minter",
    "slasher",
    "judge",
    "resolver",
    "attestor",
    "catalog-authority",
    "measurer",
    "measurer-majority",
    "market-authority",
];

/// The loader's `ProgramData`: its kind in 4 bytes, a slot in 8, then whether there is an upgrade authority, and which.
const UPGRADE_AUTHORITY_AT: usize = 12;

/// Everything that names a role, read at once.
pub struct Live {
    now: i64,
    configs: Vec<(Program, Roles, Vec<u8>)>,
    upgrade: Vec<Option<Pubkey>>,
    source: Option<PriceSource>,
    feed: Option<PriceFeed>,
    minters: Vec<token::accounts::Minter>,
}

impl Live {
    pub async fn read(context: &Context) -> Result<Self> {
        let configs = Program::ALL.map(Program::config);
        let data = Program::ALL.map(|program| pda::program_data(&program.id()));
        let accounts = context.accounts(&[configs, data].concat()).await?;
        let (configs, data) = accounts.split_at(Program::ALL.len().min(accounts.len()));
        let read = |(program, account): (Program, &Option<Account>)| {
            let account = account.as_ref();
            let roles = account.and_then(|held| program.roles(&held.owner, &held.data));
            let known = roles.zip(account.map(|held| held.data.clone()));
            let hint = "check --url, or start a network with iog network up";
            let (roles, data) = known.ok_or_else(|| missing("Config", &program.config(), hint))?;
            Ok((program, roles, data))
        };
        let configs = Program::ALL.into_iter().zip(configs).map(read);
        let minters = context.list::<token::accounts::Minter>(&[]).await?;
        Ok(Self {
            now: context.time().await?.now,
            configs: configs.collect::<Result<_>>()?,
            upgrade: data.iter().map(upgrade_authority).collect(),
            source: context.find(&pda::token::price_source()).await?,
            feed: context.find(&pda::token::price_feed()).await?,
            minters: minters.into_iter().map(|(_, minter)| minter).collect(),
        })
    }

    fn of(&self, program: Program) -> Option<(&Roles, &[u8])> {
        let mut all = self.configs.iter();
        let (_, roles, data) = all.find(|(known, _, _)| *known == program)?;
        Some((roles, data))
    }

    /// Programs with their roles and the data of their configs.
    pub fn configs(&self) -> impl Iterator<Item = (Program, &Roles, &[u8])> {
        let all = self.configs.iter();
        all.map(|(program, roles, data)| (*program, roles, data.as_slice()))
    }

    /// Names of what waits: parameters, namings, the token's price source.
    pub fn waiting(&self, program: Program, data: &[u8]) -> Vec<String> {
        let parameters = parameter::of(program).iter();
        let parameters = parameters.filter(|parameter| parameter.waits(data));
        let mut waiting: Vec<String> = parameters.map(parameter::Parameter::name).collect();
        let roles = self.roles(program).into_iter();
        let named = roles.filter(|(_, role)| role.pending_ts != 0);
        waiting.extend(named.map(|(name, _)| name.to_string()));
        let source = self.source.as_ref();
        // Shown in full by iog price show.
        if program == Program::Token && source.is_some_and(|source| source.pending_ts != 0) {
            waiting.push("price-source".into());
        }
        waiting
    }

    /// When a change of the program is judged.
    pub fn moment(&self, program: Program) -> Moment {
        let roles = self.of(program);
        Moment {
            now: self.now,
            since_ts: roles.map_or(i64::MAX, |(roles, _)| roles.since_ts),
        }
    }

    /// A parameter's value with its unit.
    pub fn parameter(&self, program: Program, name: &str) -> Option<String> {
        let (_, data) = self.of(program)?;
        let mut known = parameter::of(program).iter();
        known.find(|known| known.name() == name)?.said(data)
    }

    /// The roles of a program beside authority and guardian.
    pub fn roles(&self, program: Program) -> Vec<(&'static str, Holder)> {
        let data = self.of(program).map_or(&[][..], |(_, data)| data);
        let roles = match program {
            Program::Staking => slash_roles(data),
            Program::Registry => registry_roles(data),
            Program::Market => resolver(data),
            Program::Token => Some(self.reporters()),
            Program::Emission | Program::Treasury => None,
        };
        roles.unwrap_or_default()
    }

    fn reporters(&self) -> Vec<(&'static str, Holder)> {
        let reporters = self.feed.iter().flat_map(|feed| &feed.feed.reporters);
        let role = |reporter: &Reporter| ("price-reporter", holder!(reporter.role));
        let named = reporters.map(role);
        named.filter(|(_, role)| is_taken(role)).collect()
    }

    /// The same as records, with where a naming stands.
    pub fn role_records(&self, program: Program) -> Vec<Record> {
        let moment = self.moment(program);
        let roles = self.roles(program).into_iter();
        roles.map(|(name, role)| moment.role(name, &role)).collect()
    }

    /// Who holds the role of a row of the table of powers at a program.
    pub fn holders(&self, row: &str, program: Program) -> Vec<String> {
        let quorum = self
            .source
            .as_ref()
            .map(|source| source.receiver == token::ID);
        let named = |role: &str, at: Program| {
            let roles = match at == program {
                true => self.roles(program),
                false => Vec::new(),
            };
            let held = roles.into_iter().filter(|(name, _)| *name == role);
            held.filter_map(|(_, role)| somebody(role.key))
                .map(|key| key.to_string())
                .collect::<Vec<_>>()
        };
        let roles = self.of(program).map(|(roles, _)| roles);
        match row {
            "upgrade-authority" => vec![self.upgrades(program)],
            "authority" => roles
                .map(|roles| roles.authority.to_string())
                .into_iter()
                .collect(),
            "guardian" => {
                let guardian = roles.and_then(|roles| somebody(roles.guardian));
                guardian.map(|key| key.to_string()).into_iter().collect()
            }
            "price-source" if quorum == Some(false) && program == Program::Token => self.pyth(),
            "price-reporter" | "price-reporter-minority" | "price-reporter-majority" => {
                named("price-reporter", Program::Token)
            }
            "minter" if program == Program::Token => self.minters.iter().map(minter).collect(),
            "slasher" => named("slasher", Program::Staking),
            "judge" => named("appeal-authority", Program::Staking),
            "resolver" => named("resolver", Program::Market),
            "attestor" => named("attestor", Program::Registry),
            "catalog-authority" => named("catalog-authority", Program::Registry),
            "measurer" | "measurer-majority" => named("measurer", Program::Registry),
            "market-authority" => vec![pda::market::escrow_authority().to_string()],
            _ => Vec::new(),
        }
    }

    fn upgrades(&self, program: Program) -> String {
        let place = Program::ALL.iter().position(|known| *known == program);
        let key = place.and_then(|place| *self.upgrade.get(place)?);
        key.map_or_else(|| "nobody: it is final".into(), |key| key.to_string())
    }

    fn pyth(&self) -> Vec<String> {
        let source = self.source.iter();
        let said = source.map(|source| match somebody(source.account) {
            Some(account) => format!("{} in account {account} alone", source.receiver),
            None => format!("{} in any account", source.receiver),
        });
        said.collect()
    }
}

fn slash_roles(data: &[u8]) -> Option<Vec<(&'static str, Holder)>> {
    let config: staking::accounts::Config = decode(data).ok()?;
    Some(vec![
        ("slasher", holder!(config.slasher)),
        ("appeal-authority", holder!(config.appeal_authority)),
    ])
}

fn registry_roles(data: &[u8]) -> Option<Vec<(&'static str, Holder)>> {
    let config: registry::accounts::Config = decode(data).ok()?;
    let mut roles = vec![
        ("attestor", holder!(config.attestor)),
        ("catalog-authority", holder!(config.catalog_authority)),
    ];
    let measurers = config.measurers.iter();
    let measurers = measurers.map(|measurer| ("measurer", holder!(measurer.role)));
    roles.extend(measurers.filter(|(_, role)| is_taken(role)));
    Some(roles)
}

fn resolver(data: &[u8]) -> Option<Vec<(&'static str, Holder)>> {
    let config: market::accounts::Config = decode(data).ok()?;
    Some(vec![("resolver", holder!(config.resolver))])
}

fn is_taken(role: &Holder) -> bool {
    somebody(role.key).is_some() || role.pending_ts != 0
}

fn upgrade_authority(account: &Option<Account>) -> Option<Pubkey> {
    let data = account.as_ref()?.data.get(UPGRADE_AUTHORITY_AT..)?;
    let (is_some, key) = data.split_first()?;
    let key = key.first_chunk::<32>().filter(|_| *is_some == 1)?;
    Some(Pubkey::new_from_array(*key))
}

/// A minter with what it may do, its cap and what it may still give back.
fn minter(minter: &token::accounts::Minter) -> String {
    let rights = Right::ALL.iter();
    let rights = rights.filter(|right| minter.rights & right.bit() != 0);
    let rights: Vec<&str> = rights.map(|right| right.name()).collect();
    let rights = match rights.is_empty() {
        true => "removed".to_string(),
        false => rights.join(" and "),
    };
    format!(
        "{} ({rights}, {} IO an hour of the emission, {} IOSD outstanding)",
        minter.authority,
        Io(minter.cap_per_hour_units.value),
        Iosd(minter.outstanding_iosd_units)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layout of the loader that upgrades programs: solana-loader-v3-interface, `UpgradeableLoaderState::ProgramData`.
    #[test]
    fn the_upgrade_authority_is_where_the_loader_has_it() {
        let mut data = vec![3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1];
        data.extend([7; 32]);
        data.extend([0xff; 64]);
        let account = |data: &[u8]| {
            Some(Account {
                data: data.to_vec(),
                ..Account::default()
            })
        };
        let key = Pubkey::new_from_array([7; 32]);
        assert_eq!(upgrade_authority(&account(&data)), Some(key));
        data[12] = 0;
        assert_eq!(upgrade_authority(&account(&data)), None);
        assert_eq!(upgrade_authority(&account(&data[..20])), None);
        assert_eq!(upgrade_authority(&None), None);
    }
}
