//! Fees, to the unit.

use iog_client::events::Event;
use iog_client::treasury::accounts::{Config, FeeVault};
use iog_client::treasury::events::{FeeCollected, FeesBurned};
use iog_client::treasury::instructions::AddFeeVault;
use iog_client::{pda, token, treasury};
use iog_tests::world::PubkeyOf;
use iog_tests::World;
use solana_pubkey::Pubkey;

fn fees(world: &World, mint: &Pubkey) -> FeeVault {
    world.read(&pda::treasury::fees(mint))
}

/// `collected == burned + booked`, and the vault holds at least what is booked.
fn check_books(world: &World, mint: &Pubkey) {
    let fees = fees(world, mint);
    assert_eq!(fees.collected_units, fees.burned_units + fees.booked_units);
    assert!(world.balance(&pda::treasury::vault(mint)) >= fees.booked_units);
}

#[test]
fn initialising_pins_the_market_and_the_mint() {
    let world = World::ready();
    let config = world.read::<Config>(&pda::treasury::config());
    assert_eq!(config.authority, world.authority.pubkey_of());
    assert_eq!(config.io_mint, world.io);
    assert_eq!(config.market_authority, pda::market::escrow_authority());
    assert_eq!(
        (config.pending_authority, config.guardian),
        (Pubkey::default(), Pubkey::default())
    );
    assert_eq!(
        (config.version, config.paused, config.reserved),
        (1, 0, [0; 60])
    );
    assert_eq!(world.account(&pda::treasury::config()).data.len(), 232);
}

#[test]
fn a_fee_vault_belongs_to_one_currency_and_the_treasury() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let usdc = world.mint(&authority, 6);
    let (address, vault) = (pda::treasury::fees(&usdc), pda::treasury::vault(&usdc));
    // Lamports that were sent first stop nothing.
    world.fund(&address, 1);
    world.fund(&vault, 5_000_000);
    let add = AddFeeVault {
        authority: authority.pubkey_of(),
        mint: usdc,
        fees: address,
        vault,
    };
    world.govern(add.instruction());
    let content = fees(&world, &usdc);
    assert_eq!(content.mint, usdc);
    assert_eq!(
        (
            content.booked_units,
            content.collected_units,
            content.burned_units
        ),
        (0, 0, 0)
    );
    assert_eq!((content.version, content.reserved), (1, [0; 38]));
    assert_eq!(world.account(&address).data.len(), 104);
    let tokens = world.account(&vault).data;
    assert_eq!(tokens[..32], usdc.to_bytes());
    assert_eq!(tokens[32..64], pda::treasury::vault_authority().to_bytes());
    // Neither delegate nor close authority.
    assert_eq!(
        (&tokens[72..76], &tokens[129..133]),
        (&[0; 4][..], &[0; 4][..])
    );
}

#[test]
fn fees_are_collected_and_burned() {
    let mut world = World::ready();
    let (collector, source) = world.collector(1_000);
    let io = world.io;
    let vault = pda::treasury::vault(&io);
    for (amount, before) in [(700, 0), (300, 700)] {
        let collect = world.collect_ix(&collector.pubkey_of(), &source, &io, amount);
        let meta = world.must(collect.instruction(), &[&collector]);
        let collected = FeeCollected {
            mint: io,
            amount,
            booked_before: before,
            booked_after: before + amount,
        };
        assert_eq!(
            meta.events,
            [Event::Treasury(treasury::Event::FeeCollected(collected))]
        );
        check_books(&world, &io);
    }
    assert_eq!((world.balance(&source), world.balance(&vault)), (0, 1_000));

    // A donation is not a fee: it is in no book, is not burned, and stops nothing.
    world.donate(&vault, 50);
    let supply = world.supply(&io);
    let anyone = world.wallet();
    let meta = world.must(world.burn_fees_ix().instruction(), &[&anyone]);
    let burned = FeesBurned {
        mint: io,
        amount: 1_000,
        burned_before: 0,
        burned_after: 1_000,
    };
    let by_the_token = token::events::IoBurned {
        owner: pda::treasury::vault_authority(),
        amount: 1_000,
        burned_before: 0,
        burned_after: 1_000,
    };
    assert_eq!(
        meta.events,
        [
            Event::Token(token::Event::IoBurned(by_the_token)),
            Event::Treasury(treasury::Event::FeesBurned(burned)),
        ]
    );
    assert_eq!(world.supply(&io), supply - 1_000);
    assert_eq!(world.balance(&vault), 50);
    let content = fees(&world, &io);
    assert_eq!(
        (
            content.booked_units,
            content.collected_units,
            content.burned_units
        ),
        (0, 1_000, 1_000)
    );
    check_books(&world, &io);
    world.check_supply();
}

#[test]
fn other_currencies_are_kept_apart() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let usdc = world.mint(&authority, 6);
    world.add_fee_vault(&usdc);
    let (collector, _) = world.collector(1_000);
    let source = world.mint_to(&usdc, &authority, &collector.pubkey_of(), 900);
    let collect = world.collect_ix(&collector.pubkey_of(), &source, &usdc, 900);
    world.must(collect.instruction(), &[&collector]);
    assert_eq!(fees(&world, &usdc).booked_units, 900);
    let io = world.io;
    assert_eq!(fees(&world, &io).booked_units, 0);
    check_books(&world, &usdc);
}
