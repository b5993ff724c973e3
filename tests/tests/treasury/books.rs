//! Fees collected, kept, burned and paid, to the unit.

use super::stage::{said, stage, Stage, IO, USD};
use iog_client::events;
use iog_client::treasury::accounts::{Auction, Config, FeeVault};
use iog_client::treasury::events::{FeeCollected, FeesBurned, IncentivePaid};
use iog_client::treasury::instructions::AddFeeVault;
use iog_client::treasury::{Event, Parameter, TreasuryError};
use iog_client::{pda, token, treasury};
use iog_tests::world::{ata, Currency, PubkeyOf, CLASS_TEST};
use iog_tests::World;
use solana_pubkey::Pubkey;

/// Booked, collected, burned, spent, kept and paid.
fn books(stage: &Stage, mint: &Pubkey) -> [u64; 6] {
    let fees = stage.fees(mint);
    [
        fees.booked_units,
        fees.collected_units,
        fees.burned_units,
        fees.spent_units,
        fees.kept_units,
        fees.paid_units,
    ]
}

#[test]
fn initialising_pins_the_market_the_mint_and_the_parameters() {
    let world = World::ready();
    let config = world.read::<Config>(&pda::treasury::config());
    assert_eq!(config.authority, world.authority.pubkey_of());
    assert_eq!(config.io_mint, world.io);
    assert_eq!(config.market_authority, pda::market::escrow_authority());
    assert_eq!(
        (config.pending_authority, config.guardian),
        (Pubkey::default(), Pubkey::default())
    );
    let set = |value| Parameter {
        value,
        pending: 0,
        pending_ts: 0,
    };
    let parameters = [
        config.kept_share_bps,
        config.min_lot_units,
        config.cap_per_hour_units,
        config.cap_per_day_units,
        config.discount_bps,
        config.premium_bps,
        config.auction_secs,
    ];
    assert_eq!(
        parameters,
        [0, 100 * USD, 5_000 * USD, 50_000 * USD, 500, 200, 3_000].map(set)
    );
    assert_eq!(
        (config.version, config.paused, config.reserved),
        (1, 0, [0; 60])
    );
    assert_eq!(config.authority_since_ts, 0);
    assert_eq!(world.account(&pda::treasury::config()).data.len(), 408);
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
    let (_, bump) = Pubkey::find_program_address(&[b"fees", usdc.as_ref()], &treasury::ID);
    let expected = FeeVault {
        mint: usdc,
        booked_units: 0,
        collected_units: 0,
        burned_units: 0,
        spent_units: 0,
        kept_units: 0,
        paid_units: 0,
        decimals: 6,
        version: 1,
        bump,
        reserved: [0; 37],
    };
    assert_eq!(world.read::<FeeVault>(&address), expected);
    assert_eq!(
        [FeeVault::SIZE, Auction::SIZE, Config::SIZE],
        [128, 184, 408]
    );
    assert_eq!(world.account(&address).data.len(), 128);
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
fn a_fee_is_split_into_kept_and_booked_with_the_rounding_for_the_burn() {
    let mut stage = stage();
    stage.set(|config| config.kept_share_bps.value = 3_333);
    let io = stage.world.io;
    let (mut booked, mut kept) = (0, 0);
    for (amount, share) in [
        (1, 0),
        (3, 0),
        (4, 1),
        (10_000, 3_333),
        (10_001, 3_333),
        (99_999_999, 33_329_999),
        (1, 0),
    ] {
        let meta = stage.collect_from(&io, amount);
        let collected = FeeCollected {
            mint: io,
            amount,
            kept: share,
            booked_before: booked,
            booked_after: booked + amount - share,
            kept_before: kept,
            kept_after: kept + share,
        };
        assert_eq!(said(&meta), [Event::FeeCollected(collected)]);
        booked += amount - share;
        kept += share;
        assert_eq!(books(&stage, &io), [booked, booked + kept, 0, 0, kept, 0]);
        stage.check();
    }
    let vault = pda::treasury::vault(&io);
    assert_eq!(stage.world.balance(&vault), booked + kept);
    // Everything, and nothing.
    stage.set(|config| config.kept_share_bps.value = 10_000);
    stage.collect_from(&io, 7);
    stage.set(|config| config.kept_share_bps.value = 0);
    stage.collect_from(&io, 11);
    assert_eq!(books(&stage, &io)[..2], [booked + 11, booked + kept + 18]);
    assert_eq!(stage.fees(&io).kept_units, kept + 7);
    stage.check();
}

#[test]
fn only_the_markets_pda_collects_and_pays() {
    let mut stage = stage();
    stage.set(|config| config.kept_share_bps.value = 10_000);
    let io = stage.world.io;
    stage.collect_from(&io, 100);
    let collect = stage.collect_ix(&io, 1);
    let old = stage.collector.insecure_clone();
    // The key that was the market's is it no longer.
    let market = pda::market::escrow_authority();
    stage.set(|config| config.market_authority = market);
    stage.refuses(TreasuryError::NotMarket, |stage| {
        stage.world.send(&[collect], &[&old])
    });
    stage.refuses(TreasuryError::NotMarket, |stage| stage.pay(&io, 1));
    // The network's authority is no market either.
    let authority = stage.world.authority.insecure_clone();
    let to = stage.world.token_account(&authority.pubkey_of(), &io);
    let pay = stage
        .world
        .incentive_ix(&authority.pubkey_of(), &to, &io, 1);
    stage.refuses(TreasuryError::NotMarket, |stage| {
        stage.world.send(&[pay.instruction()], &[&authority])
    });
}

#[test]
fn incentives_are_paid_out_of_the_kept_share_and_nothing_else() {
    let mut stage = stage();
    stage.set(|config| config.kept_share_bps.value = 2_500);
    let io = stage.world.io;
    stage.collect_from(&io, 1_000);
    assert_eq!(books(&stage, &io), [750, 1_000, 0, 0, 250, 0]);
    stage.refuses(TreasuryError::ZeroAmount, |stage| stage.pay(&io, 0));
    stage.refuses(TreasuryError::IncentivesExhausted, |stage| {
        stage.pay(&io, 251)
    });
    // Neither what is booked nor a donation makes it more.
    let vault = pda::treasury::vault(&io);
    stage.world.donate(&vault, 5_000);
    stage.refuses(TreasuryError::IncentivesExhausted, |stage| {
        stage.pay(&io, 251)
    });
    let before = stage.purse().0;
    for (amount, left) in [(1, 249), (249, 0)] {
        let meta = stage.pay(&io, amount).expect("the incentive");
        let paid = IncentivePaid {
            mint: io,
            destination: ata(&stage.seller.pubkey_of(), &io),
            amount,
            kept_before: left + amount,
            kept_after: left,
        };
        assert_eq!(said(&meta), [Event::IncentivePaid(paid)]);
        stage.check();
    }
    assert_eq!(stage.purse().0, before + 250);
    assert_eq!(books(&stage, &io), [750, 1_000, 0, 0, 0, 250]);
    stage.refuses(TreasuryError::IncentivesExhausted, |stage| {
        stage.pay(&io, 1)
    });
    assert_eq!(stage.world.balance(&vault), 5_750);
    // One currency's kept share pays nothing in another.
    let usdc = stage.usdc;
    stage.collect(1_000);
    stage.collect_from(&io, 1_000);
    stage.refuses(TreasuryError::IncentivesExhausted, |stage| {
        stage.pay(&usdc, 1)
    });
}

#[test]
fn io_fees_are_burned_as_booked_whatever_was_donated() {
    let mut stage = stage();
    stage.set(|config| config.kept_share_bps.value = 1_000);
    let io = stage.world.io;
    let vault = pda::treasury::vault(&io);
    stage.collect_from(&io, 701);
    stage.collect_from(&io, 304);
    // 70 and 30 are kept.
    assert_eq!(books(&stage, &io), [905, 1_005, 0, 0, 100, 0]);
    stage.world.donate(&vault, 50);
    let (supply, burned_before) = (stage.world.supply(&io), stage.burned());
    let meta = stage.burn().expect("the burn");
    let burned = FeesBurned {
        mint: io,
        amount: 905,
        burned_before: 0,
        burned_after: 905,
    };
    let by_the_token = token::events::IoBurned {
        owner: pda::treasury::vault_authority(),
        amount: 905,
        burned_before,
        burned_after: burned_before + 905,
    };
    assert_eq!(
        meta.events,
        [
            events::Event::Token(token::Event::IoBurned(by_the_token)),
            events::Event::Treasury(Event::FeesBurned(burned)),
        ]
    );
    assert_eq!(stage.world.supply(&io), supply - 905);
    assert_eq!(stage.world.balance(&vault), 150);
    assert_eq!(books(&stage, &io), [0, 1_005, 905, 0, 100, 0]);
    stage.check();
    stage.refuses(TreasuryError::NothingToBurn, Stage::burn);
    // What is kept is not burned, and can still be paid.
    stage.pay(&io, 100).expect("the incentive");
    assert_eq!(books(&stage, &io), [0, 1_005, 905, 0, 0, 100]);
    stage.check();
}

#[test]
fn currencies_are_kept_apart() {
    let mut stage = stage();
    let (usdc, io) = (stage.usdc, stage.world.io);
    stage.collect(900);
    assert_eq!(books(&stage, &usdc), [900, 900, 0, 0, 0, 0]);
    assert_eq!(books(&stage, &io), [0; 6]);
    stage.collect_from(&io, IO);
    stage.burn().expect("the burn");
    assert_eq!(books(&stage, &usdc), [900, 900, 0, 0, 0, 0]);
    assert_eq!(books(&stage, &io), [0, IO, IO, 0, 0, 0]);
    stage.check();
}

/// An hour of 4.00801604 IO: 25 basis points from the supplier, rounded up, and 25 from the renter, rounded down: they are earned with the service.
#[test]
fn a_settlement_of_the_market_is_split_like_any_fee() {
    let mut world = World::ready();
    let io = world.io;
    world.edit::<Config>(&pda::treasury::config(), |config| {
        config.kept_share_bps.value = 3_333;
    });
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    let meta = world.collect_fees(Currency::Io);
    let collected = FeeCollected {
        mint: io,
        amount: 2_004_009,
        kept: 667_936,
        booked_before: 0,
        booked_after: 1_336_073,
        kept_before: 0,
        kept_after: 667_936,
    };
    assert_eq!(said(&meta), [Event::FeeCollected(collected)]);
    assert_eq!(world.balance(&pda::treasury::vault(&io)), 2_004_009);
    let meta = world.govern(world.burn_fees_ix().instruction());
    let burned = FeesBurned {
        mint: io,
        amount: 1_336_073,
        burned_before: 0,
        burned_after: 1_336_073,
    };
    assert_eq!(said(&meta), [Event::FeesBurned(burned)]);
    assert_eq!(world.balance(&pda::treasury::vault(&io)), 667_936);
    world.check_supply();
}
