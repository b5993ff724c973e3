//! Burning IO for IOSD: how much of each, to the unit, and whose.

use iog_client::pda;
use iog_client::token::accounts::NetEmission;
use iog_client::token::events::IosdMinted;
use iog_client::token::instructions::Pause;
use iog_client::token::{Event, TokenError};
use iog_tests::world::{ata, iosd_ata, spl, spl_2022, PubkeyOf, TOKEN_2022, TOKEN_PROGRAM};
use iog_tests::{Code, World};

use crate::setup::{holder, only_event, refused, IO, IOSD};

/// A price and its exponent, what is offered, the IOSD that it makes and the IO that is burned for it.
const AMOUNTS: [(i64, i32, u64, u64, u64); 12] = [
    // 0.25 USD: it comes out even
    (25_000_000, -8, 100 * IO, 25 * IOSD, 100 * IO),
    // 0.30 USD: three units for a thousand, and the unit above stays
    (30_000_000, -8, 1_000, 3, 1_000),
    (30_000_000, -8, 1_001, 3, 1_000),
    (30_000_000, -8, 1_333, 3, 1_000),
    (30_000_000, -8, 1_334, 4, 1_334),
    // 0.07 USD: 8.6415 units are 8, which 11,428.57 make
    (7_000_000, -8, 12_345, 8, 11_429),
    (33_333_333, -8, 100 * IO, 33_333_333, 100 * IO),
    (123_456_789, -8, IO + 1, 1_234_567, 99_999_928),
    // 12.3456 USD: 9.9999 units are 9, which 72.9 make
    (123_456, -4, 81, 9, 73),
    // 0.000123456789 USD
    (
        123_456_789,
        -12,
        1_000_000 * IO,
        123_456_789,
        1_000_000 * IO,
    ),
    (
        123_456_789,
        -12,
        1_000_000 * IO - 1,
        123_456_788,
        99_999_999_190_000,
    ),
    // one base unit of IO for one of IOSD
    (10_000_000_000, -8, 1, 1, 1),
];

#[test]
fn the_least_io_is_burned_for_the_iosd_made() {
    let ready = World::ready();
    for (price, exponent, offered, iosd, burned) in AMOUNTS {
        let what = format!("{offered} at {price}e{exponent}");
        let scale = 10u128.pow(exponent.unsigned_abs()) * 100;
        let makes = |io: u64| u128::from(io) * u128::from(price.unsigned_abs()) / scale;
        assert_eq!(makes(burned), u128::from(iosd), "{what}");
        assert_eq!(makes(offered), u128::from(iosd), "{what}");
        assert!(makes(burned - 1) < u128::from(iosd), "{what}");

        let mut world = ready.clone();
        let owner = holder(&mut world, offered);
        let mut posted = world.fresh_price(price);
        posted.exponent = exponent;
        world.set_price(&posted);
        let supply = world.supply(&world.io);
        let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), offered, iosd);
        let meta = world.must(burn.instruction(), &[&owner]);
        let event = IosdMinted {
            owner: owner.pubkey_of(),
            io_burned: burned,
            iosd,
            price: price.unsigned_abs(),
            exponent,
            burned_before: 0,
            burned_after: burned,
            iosd_minted_before: 0,
            iosd_minted_after: iosd,
        };
        assert_eq!(only_event(&meta), Event::IosdMinted(event), "{what}");
        assert_eq!(world.balance(&burn.from), offered - burned, "{what}");
        assert_eq!(world.balance(&burn.to), iosd, "{what}");
        assert_eq!(supply - world.supply(&world.io), burned, "{what}");
        let books = world.read::<NetEmission>(&pda::token::net_emission());
        assert_eq!(books.burned_units, burned, "{what}");
        assert_eq!(books.buckets.iter().sum::<u64>(), burned, "{what}");
        world.check_supply();
        world.check_iosd_supply();
    }
}

#[test]
fn the_lower_price_less_twice_the_wider_confidence_holds() {
    let mut world = World::ready();
    let owner = holder(&mut world, 100 * IO);
    let mut price = world.fresh_price(25_000_000);
    (price.conf, price.ema_price, price.ema_conf) = (100_000, 24_000_000, 240_001);
    world.set_price(&price);
    let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), 100 * IO, 0);
    let meta = world.must(burn.instruction(), &[&owner]);
    let Event::IosdMinted(event) = only_event(&meta) else {
        panic!("no IOSD");
    };
    assert_eq!((event.price, event.exponent), (23_519_998, -8));
    assert_eq!((event.iosd, event.io_burned), (23_519_998, 100 * IO));
}

#[test]
fn the_limit_holds_for_what_comes_out() {
    let mut world = World::ready();
    let owner = holder(&mut world, 1_000);
    world.set_price(&world.fresh_price(30_000_000));
    let over = world.burn_for_iosd_ix(&owner.pubkey_of(), 1_000, 4);
    let below = TokenError::OutputBelowLimit;
    refused(&mut world, below, over.instruction(), &[&owner]);
    let met = world.burn_for_iosd_ix(&owner.pubkey_of(), 1_000, 3);
    world.must(met.instruction(), &[&owner]);
    assert_eq!(world.balance(&met.to), 3);
}

#[test]
fn nothing_is_burned_for_nothing() {
    let mut world = World::ready();
    let owner = holder(&mut world, IO);
    let wallet = owner.pubkey_of();
    world.set_price(&world.fresh_price(30_000_000));
    let nothing = world.burn_for_iosd_ix(&wallet, 0, 0).instruction();
    refused(&mut world, TokenError::ZeroAmount, nothing, &[&owner]);
    // 333 units are worth 0.999 units of IOSD.
    let little = world.burn_for_iosd_ix(&wallet, 333, 0).instruction();
    refused(&mut world, TokenError::AmountTooSmall, little, &[&owner]);
    let enough = world.burn_for_iosd_ix(&wallet, 334, 1).instruction();
    world.must(enough, &[&owner]);
    assert_eq!(world.balance(&iosd_ata(&wallet)), 1);
    // Nor is more taken than there is.
    let much = world.burn_for_iosd_ix(&wallet, IO, 0).instruction();
    let funds = Code::anchor(TOKEN_PROGRAM, 1);
    refused(&mut world, funds, much, &[&owner]);
}

#[test]
fn the_same_burn_twice_counts_twice() {
    let mut world = World::ready();
    let owner = holder(&mut world, 40 * IO);
    let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), 10 * IO, 0);
    let burn = burn.instruction();
    world.must(burn.clone(), &[&owner]);
    world.must(burn.clone(), &[&owner]);
    // And within one transaction, where the second sees what the first left.
    let meta = world.send(&[burn.clone(), burn], &[&owner]).unwrap();
    let totals: Vec<_> = meta
        .events
        .iter()
        .map(|event| match event {
            iog_client::events::Event::Token(Event::IosdMinted(event)) => {
                (event.iosd_minted_before, event.iosd_minted_after)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(totals, [(4_990_000, 7_485_000), (7_485_000, 9_980_000)]);
    let books = world.token_config();
    assert_eq!(
        (books.burned_units, books.iosd_minted_units),
        (40 * IO, 9_980_000)
    );
    world.check_supply();
    world.check_iosd_supply();
}

#[test]
fn accounts_of_others_and_of_other_tokens_are_refused() {
    let mut world = World::ready();
    let (owner, thief) = (holder(&mut world, 10 * IO), holder(&mut world, 10 * IO));
    let (wallet, other) = (owner.pubkey_of(), thief.pubkey_of());
    let good = world.burn_for_iosd_ix(&wallet, IO, 0);
    let io_like = world.mint(&owner, 8);
    let iosd_like = world.mint_2022(&owner, 6);
    let mut wrong = Vec::new();
    let mut case =
        |code: Code, spoil: &dyn Fn(&mut iog_client::token::instructions::BurnIoForIosd)| {
            let mut burn = good.clone();
            spoil(&mut burn);
            wrong.push((code, burn.instruction()));
        };
    let (from, to) = (
        world.mint_to(&io_like, &owner, &wallet, IO),
        world.account_2022(&wallet, &iosd_like),
    );
    let (their_io, their_iosd) = (ata(&other, &world.io), iosd_ata(&other));
    let own_io = ata(&wallet, &world.io);
    case(TokenError::NotOwner.into(), &|burn| burn.to = their_iosd);
    case(TokenError::WrongMint.into(), &|burn| burn.from = from);
    case(TokenError::WrongMint.into(), &|burn| burn.io_mint = io_like);
    case(TokenError::WrongIosdMint.into(), &|burn| burn.to = to);
    case(TokenError::WrongIosdMint.into(), &|burn| {
        burn.iosd_mint = iosd_like
    });
    case(TokenError::WrongIosdMint.into(), &|burn| {
        (burn.to, burn.iosd_mint) = (to, iosd_like);
    });
    // The owner's account for IO is a token account of another mint; writable twice, it is refused before.
    case(Code::anchor(iog_client::token::ID, 2_040), &|burn| {
        burn.to = own_io
    });
    // SPL Token's OwnerMismatch
    case(Code::anchor(TOKEN_PROGRAM, 4), &|burn| burn.from = their_io);
    for (code, instruction) in wrong {
        refused(&mut world, code, instruction, &[&owner]);
    }
    world.must(good.instruction(), &[&owner]);
}

#[test]
fn only_its_own_pause_stops_it() {
    let mut world = World::ready();
    let owner = holder(&mut world, 10 * IO);
    let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), IO, 0);
    let burn = burn.instruction();
    let pause = |world: &World, actions| Pause {
        signer: world.authority.pubkey_of(),
        actions,
    };
    world.govern(pause(&world, 1).instruction());
    world.must(burn.clone(), &[&owner]);
    world.govern(pause(&world, 4).instruction());
    refused(&mut world, TokenError::Paused, burn, &[&owner]);
}

#[test]
fn donations_and_burns_past_the_program_change_no_books() {
    let mut world = World::ready();
    let owner = world.wallet();
    world.burn_for_iosd(&owner, 100 * IO);
    let wallet = owner.pubkey_of();
    let read = |world: &World| {
        let books = world.read::<NetEmission>(&pda::token::net_emission());
        (world.token_config(), books)
    };
    let before = read(&world);
    world.give_io(&wallet, 100);
    let io = world.io;
    world.must(spl::burn(&ata(&wallet, &io), &io, &wallet, 60), &[&owner]);
    let mint = pda::token::iosd_mint();
    let burn = spl_2022::burn(&iosd_ata(&wallet), &mint, &wallet, 9);
    world.must(burn, &[&owner]);
    world.donate(&pda::token::vesting_vault(), 100);
    assert_eq!(read(&world), before);
    assert_eq!(world.supply(&mint), 24_950_000 - 9);
    // The next burn makes what any would.
    world.burn_for_iosd(&owner, 100 * IO);
    assert_eq!(world.token_config().iosd_minted_units, 2 * 24_950_000);
    assert_eq!(world.account(&mint).owner, TOKEN_2022);
}
