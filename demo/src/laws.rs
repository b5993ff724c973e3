//! The conservation laws, read off the chain when the story is over.

use crate::{
    actors::{io_account, Actors},
    credit::iosd_account,
    summary::Law,
};
use anyhow::{Context, Result};
use iog_client::{emission, market, pda, staking, token, treasury};
use iog_math::units::{Io, Iosd};
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use std::collections::BTreeMap;

/// Wallets that the story pays and is paid by.
const WALLETS: [&str; 4] = ["authority", "supplier-a", "supplier-b", "renter"];

/// IO of every wallet and vault, by name.
pub fn balances(actors: &Actors) -> Result<BTreeMap<String, u64>> {
    let mint = pda::token::io_mint();
    let mut balances = BTreeMap::new();
    for name in WALLETS {
        balances.insert(
            name.to_string(),
            actors.io_of(&actors.wallet(name).pubkey())?,
        );
    }
    for (name, vault) in [
        ("vesting vault", pda::token::vesting_vault()),
        ("staking vault", pda::staking::vault()),
        ("escrow vault", pda::market::vault(&mint)),
        ("fee vault", pda::treasury::vault(&mint)),
        ("reward vault", pda::emission::vault()),
    ] {
        balances.insert(name.to_string(), actors.balance(&vault)?);
    }
    Ok(balances)
}

/// Amounts as the summary prints them.
pub fn printed(balances: &BTreeMap<String, u64>) -> BTreeMap<String, String> {
    balances
        .iter()
        .map(|(name, amount)| (name.clone(), amount.to_string()))
        .collect()
}

struct Books {
    token: token::accounts::Config,
    staking: staking::accounts::Config,
    stakes: Vec<staking::accounts::DeviceStake>,
    escrow: market::accounts::Escrow,
    emission: emission::accounts::Config,
    rewards: Vec<emission::accounts::DeviceRewards>,
    fees: treasury::accounts::FeeVault,
    balances: BTreeMap<String, u64>,
    net_emission: token::accounts::NetEmission,
    mint_supply: u64,
    iosd_supply: u64,
}

fn read(actors: &Actors) -> Result<Books> {
    let mint = pda::token::io_mint();
    let devices = actors.suppliers.iter().map(|supplier| supplier.device);
    let stakes = devices
        .clone()
        .map(|device| actors.read(&pda::staking::stake(&device)));
    let rewards = devices.map(|device| actors.read(&pda::emission::rewards(&device)));
    Ok(Books {
        token: actors.read(&pda::token::config())?,
        staking: actors.read(&pda::staking::config())?,
        stakes: stakes.collect::<Result<_>>()?,
        escrow: actors.read(&pda::market::escrow(&mint))?,
        emission: actors.read(&pda::emission::config())?,
        rewards: rewards.collect::<Result<_>>()?,
        fees: actors.read(&pda::treasury::fees(&mint))?,
        balances: balances(actors)?,
        net_emission: actors.read(&pda::token::net_emission())?,
        mint_supply: supply(actors, &mint)?,
        iosd_supply: supply(actors, &pda::token::iosd_mint())?,
    })
}

/// What a mint of either token program says: the u64 at byte 36.
fn supply(actors: &Actors, mint: &Pubkey) -> Result<u64> {
    let account = actors.net.net.get_account(mint)?;
    let account = account.with_context(|| format!("the mint {mint} is missing"))?;
    let bytes = account.data.get(36..44).context("the mint is too short")?;
    Ok(u64::from_le_bytes(bytes.try_into()?))
}

/// Every law, with the numbers that show it. `expected` are the rewards that the formulas give each device, `claimed` what they
/// were paid.
pub fn check(actors: &Actors, expected: &[u64], claimed: &[u64]) -> Result<Vec<Law>> {
    let books = read(actors)?;
    let mut laws = of_the_supply(&books);
    laws.extend(of_the_escrow(&books));
    laws.extend(of_the_stakes(&books));
    laws.extend(of_the_emission(&books));
    laws.extend(of_the_fees(&books));
    laws.extend(of_credit(actors, &books)?);
    for (supplier, (expected, claimed)) in actors.suppliers.iter().zip(expected.iter().zip(claimed))
    {
        let law = format!("device {} earned what the formula gives", supplier.name);
        laws.push(same(&law, *claimed, *expected));
    }
    Ok(laws)
}

fn same(law: &str, a: u64, b: u64) -> Law {
    Law {
        law: law.into(),
        holds: a == b,
        detail: format!("{} = {} IO", Io(a), Io(b)),
    }
}

impl Books {
    fn vault(&self, name: &str) -> u64 {
        self.balances.get(name).copied().unwrap_or_default()
    }
}

fn of_the_supply(books: &Books) -> Vec<Law> {
    let t = &books.token;
    let booked = t.genesis_units + t.emitted_units + t.reminted_units - t.burned_units;
    vec![
        same(
            "genesis + emitted + re-minted - burned == supply of the mint",
            booked,
            books.mint_supply,
        ),
        same(
            "all IO lies in the wallets and vaults of the story",
            books.balances.values().sum(),
            books.mint_supply,
        ),
    ]
}

fn of_the_escrow(books: &Books) -> Vec<Law> {
    let e = &books.escrow;
    vec![
        same(
            "deposited == paid + refunded + fees + escrowed",
            e.deposited_units,
            e.paid_units + e.refunded_units + e.fee_units + e.escrowed_units,
        ),
        same(
            "the escrow vault holds what is escrowed",
            books.vault("escrow vault"),
            e.escrowed_units,
        ),
    ]
}

fn of_the_stakes(books: &Books) -> Vec<Law> {
    let stakes = books.stakes.iter();
    let stakes = stakes.map(|stake| stake.amount_units + stake.co_amount_units);
    let stakes = stakes.sum();
    vec![
        same(
            "the staking vault holds the booked stakes",
            books.vault("staking vault"),
            stakes,
        ),
        same(
            "the stakes' sum is booked",
            books.staking.staked_units,
            stakes,
        ),
    ]
}

fn of_the_emission(books: &Books) -> Vec<Law> {
    let m = &books.emission;
    let paid = books.rewards.iter().map(|rewards| rewards.claimed_units);
    vec![
        same(
            "emission minted == token's books of it",
            m.minted_units,
            books.token.emitted_units,
        ),
        same(
            "reward vault == minted - claimed",
            books.vault("reward vault"),
            m.minted_units - m.claimed_units,
        ),
        same(
            "claims by device == claims booked",
            paid.sum(),
            m.claimed_units,
        ),
    ]
}

fn of_the_fees(books: &Books) -> Vec<Law> {
    let f = &books.fees;
    vec![
        same(
            "fees collected == burned + booked",
            f.collected_units,
            f.burned_units + f.booked_units,
        ),
        same(
            "the fee vault holds the booked fees",
            books.vault("fee vault"),
            f.booked_units,
        ),
        same(
            "fees taken from orders == fees collected",
            books.escrow.fee_units,
            f.collected_units,
        ),
        same(
            "fees burned + burned for IOSD == IO burned",
            f.burned_units + books.net_emission.burned_units,
            books.token.burned_units,
        ),
    ]
}

/// The laws of IOSD.
fn of_credit(actors: &Actors, books: &Books) -> Result<Vec<Law>> {
    let t = &books.token;
    let booked = t.iosd_minted_units + t.iosd_refunded_units - t.iosd_spent_units;
    let held = actors.balance(&iosd_account(&actors.wallet("renter").pubkey()))?;
    let same_iosd = |law: &str, a: u64, b: u64| Law {
        law: law.into(),
        holds: a == b,
        detail: format!("{} = {} IOSD", Iosd(a), Iosd(b)),
    };
    Ok(vec![
        same_iosd(
            "IOSD minted + refunded - spent == supply of its mint",
            booked,
            books.iosd_supply,
        ),
        same_iosd("the renter holds all IOSD", held, books.iosd_supply),
    ])
}

/// What a supplier's token account holds.
pub fn supplier_io(actors: &Actors, index: usize) -> Result<u64> {
    actors.balance(&io_account(
        &actors.wallet(actors.suppliers[index].wallet).pubkey(),
    ))
}
