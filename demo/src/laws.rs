//! The conservation laws, read off the chain when the story is over.

mod emission;
mod orders;

pub use orders::while_held;

use crate::{
    actors::{io_account, Actors, Supplier},
    market::Pay,
    summary::Law,
};
use anyhow::{Context, Result};
use iog_client::{emission as chain, market, pda, registry, staking, token, treasury};
use iog_math::units::Io;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use std::collections::BTreeMap;

/// Twelve signatures.
const IDLE_HOUR_LAMPORTS: u64 = 60_000;

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
        ("credit vault", pda::market::credit_vault()),
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
    escrows: BTreeMap<Pay, market::accounts::Escrow>,
    line: market::accounts::CreditLine,
    minter: token::accounts::Minter,
    emission: chain::accounts::Config,
    ledger: chain::accounts::LedgerPage,
    rewards: Vec<chain::accounts::DeviceRewards>,
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
    let escrows = Pay::ALL.into_iter().map(|pay| {
        let escrow = actors.read(&pda::market::escrow(&pay.mint(actors)))?;
        Ok((pay, escrow))
    });
    Ok(Books {
        token: actors.read(&pda::token::config())?,
        staking: actors.read(&pda::staking::config())?,
        stakes: stakes.collect::<Result<_>>()?,
        escrows: escrows.collect::<Result<_>>()?,
        line: actors.read(&pda::market::credit_line())?,
        minter: actors.read(&pda::token::minter(&pda::market::escrow_authority()))?,
        emission: actors.read(&pda::emission::config())?,
        ledger: actors.read(&pda::emission::page(0))?,
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
    for (pay, escrow) in &books.escrows {
        laws.extend(orders::of_an_escrow(actors, *pay, escrow, &books)?);
    }
    laws.extend(of_the_stakes(&books));
    laws.extend(emission::of_the_emission(&books)?);
    laws.extend(of_the_fees(&books));
    laws.extend(orders::of_credit(actors, &books)?);
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

fn of_the_stakes(books: &Books) -> Vec<Law> {
    let stakes = books.stakes.iter();
    let stakes = stakes.map(|stake| stake.amount_units + stake.co_amount_units);
    let stakes = stakes.sum();
    vec![
        same(
            "staking vault == staked + restitution due",
            books.vault("staking vault"),
            books.staking.staked_units + books.staking.restitution_due_units,
        ),
        same(
            "the stakes' sum is booked",
            books.staking.staked_units,
            stakes,
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
            "fees taken from orders == fees collected + not collected yet",
            books.escrows[&Pay::Io].fee_units,
            f.collected_units + books.escrows[&Pay::Io].fees_due_units,
        ),
        same(
            "fees burned + burned for IOSD == IO burned",
            f.burned_units + books.net_emission.burned_units,
            books.token.burned_units,
        ),
    ]
}

/// A device's idle hour: one commit, one challenge, eight openings, and the end with the check-in, whatever its cards; of which all walked.
pub fn of_an_idle_hour(actors: &Actors, supplier: &Supplier, spent: u64) -> Result<[Law; 2]> {
    let proof: registry::accounts::Attestation =
        actors.read(&pda::registry::attestation(&supplier.device))?;
    let device: registry::accounts::Device = actors.read(&supplier.device)?;
    let (name, cards) = (supplier.name, supplier.cards);
    let passed = device.last_pass_epoch == proof.epoch && device.proofs_passed == 1;
    Ok([
        Law {
            law: format!("one proof of device {name} is that of all its cards"),
            holds: passed && proof.cards == cards && device.quantity == cards,
            detail: format!("{} cards walked in epoch {}", proof.cards, proof.epoch),
        },
        Law {
            law: format!(
                "an idle hour of device {name} costs its keeper {IDLE_HOUR_LAMPORTS} lamports"
            ),
            holds: spent == IDLE_HOUR_LAMPORTS,
            detail: format!("{spent} lamports, {} a GPU", spent / u64::from(cards)),
        },
    ])
}

/// What a supplier's token account holds.
pub fn supplier_io(actors: &Actors, index: usize) -> Result<u64> {
    actors.balance(&io_account(
        &actors.wallet(actors.suppliers[index].wallet).pubkey(),
    ))
}
