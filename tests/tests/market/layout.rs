//! The accounts' sizes, and that what is reserved is zero.

use iog_client::market::accounts::{
    Config, CreditLine, Earnings, Escrow, Lease, Occupancy, Order, PriceBook, RenterStats, Verdict,
};
use iog_client::pda;
use iog_client::AccountData;
use iog_tests::world::{Currency, PubkeyOf, CLASS_TEST};
use iog_tests::World;
use solana_pubkey::Pubkey;

use super::stage::stage;

/// Checks an account's published size, its version and the zeros at its end, where `reserved` stands.
fn check<T: AccountData>(world: &World, address: &Pubkey, size: usize, reserved: usize) {
    let data = world.account(address).data;
    assert_eq!(data.len(), size, "{}", T::NAME);
    world.read::<T>(address);
    assert!(data[size - reserved..].iter().all(|byte| *byte == 0));
}

#[test]
fn sizes_are_the_published_ones_and_reserved_bytes_are_zero() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    let lease = pda::market::lease(&order, &supplier.device);
    let earnings = world.earnings_of(&supplier, Currency::Io);
    check::<Config>(&world, &pda::market::config(), 448, 36);
    check::<Escrow>(&world, &world.escrow_of(Currency::Io), 200, 60);
    check::<PriceBook>(&world, &pda::market::price_book(CLASS_TEST), 168, 62);
    check::<RenterStats>(&world, &renter.stats, 152, 62);
    check::<Earnings>(&world, &earnings, 184, 62);
    check::<CreditLine>(&world, &pda::market::credit_line(), 160, 60);
    check::<Order>(&world, &order, 1_104, 12);
    check::<Lease>(&world, &lease, 480, 26);
    check::<Occupancy>(&world, &supplier.occupancy, 248, 45);
    let disputed = world.running(&renter, 2, 1, &[&supplier]);
    world.dispute(&disputed, &renter, &supplier);
    world.judge_rest(&disputed, &supplier);
    world.resolve_dispute(&disputed, &supplier, 0);
    let lease = pda::market::lease(&disputed, &supplier.device);
    check::<Verdict>(&world, &pda::market::verdict(&lease), 264, 46);
    let sizes = [
        Config::SIZE,
        Escrow::SIZE,
        PriceBook::SIZE,
        RenterStats::SIZE,
        Earnings::SIZE,
        CreditLine::SIZE,
        Order::SIZE,
        Lease::SIZE,
        Occupancy::SIZE,
        Verdict::SIZE,
    ];
    assert_eq!(sizes, [448, 200, 168, 152, 184, 160, 1_104, 480, 248, 264]);
}

/// Versions and canonical bumps, stored once.
#[test]
fn versions_and_bumps_are_stored() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    let earnings = world.earnings_of(&supplier, Currency::Usd);
    let (mint, owner) = (world.usd, supplier.owner.pubkey_of());
    let bump = |address: &Pubkey, seeds: &[&[u8]]| {
        let (found, bump) = Pubkey::find_program_address(seeds, &iog_client::market::ID);
        assert_eq!(found, *address);
        bump
    };
    let stats = world.read::<RenterStats>(&renter.stats);
    let wallet = stats.renter;
    assert_eq!((stats.version, stats.orders), (1, 1));
    assert_eq!(
        stats.bump,
        bump(&renter.stats, &[b"renter", wallet.as_ref()])
    );
    let books = world.read::<Earnings>(&earnings);
    let seeds: [&[u8]; 3] = [b"earnings", mint.as_ref(), owner.as_ref()];
    assert_eq!((books.version, books.bump), (1, bump(&earnings, &seeds)));
    let lease = world.lease(&order, &supplier);
    let address = pda::market::lease(&order, &supplier.device);
    let seeds: [&[u8]; 3] = [b"lease", order.as_ref(), supplier.device.as_ref()];
    assert_eq!((lease.version, lease.bump), (1, bump(&address, &seeds)));
    let place = world.occupancy(&supplier);
    let seeds: [&[u8]; 2] = [b"occupancy", supplier.device.as_ref()];
    assert_eq!(
        (place.version, place.bump),
        (1, bump(&supplier.occupancy, &seeds))
    );
    let book = world.price_book(CLASS_TEST);
    let address = pda::market::price_book(CLASS_TEST);
    let seeds: [&[u8]; 2] = [b"price_book", &CLASS_TEST.to_le_bytes()];
    assert_eq!((book.version, book.bump), (1, bump(&address, &seeds)));
    let line = world.credit_line();
    assert_eq!(line.vault, pda::market::credit_vault());
    assert_eq!(
        (line.version, line.bump),
        (1, bump(&pda::market::credit_line(), &[b"credit_line"]))
    );
}
