//! An order paid in IOSD: the supplier's claim on IO, its place in the line, and what funds it.

use crate::world::{count, done_kinds, World};
use iog_client::{market, pda, token};
use iog_math::units::{HOUR, IO};
use iog_migrations::localnet::TOKEN_PROGRAM;
use solana_pubkey::Pubkey;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;

const TOKEN_2022: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
const DAY: u64 = 86_400;

/// Burns 10 IO for IOSD and books an hour with it; returns the order.
async fn order(world: &World) -> Pubkey {
    let (owner, mint) = (world.address("renter"), pda::token::iosd_mint());
    let io_mint = pda::token::io_mint();
    let renter_token = pda::token_account(&owner, &mint, &TOKEN_2022);
    world.net.refresh_price().unwrap();
    let open = create_associated_token_account_idempotent(&owner, &owner, &mint, &TOKEN_2022);
    world.send(open, &["renter"]).await;
    let burn = token::instructions::BurnIoForIosd {
        owner,
        price: world.address("io-price"),
        io_mint,
        from: pda::token_account(&owner, &io_mint, &TOKEN_PROGRAM),
        iosd_mint: mint,
        to: renter_token,
        amount: 10 * IO,
        min_out: 1,
    };
    world.send(burn.instruction(), &["renter"]).await;
    let args = world.wish(1, [0; 32]);
    let create = market::instructions::CreateCreditOrder {
        renter: owner,
        class: pda::registry::class(2),
        book: pda::market::price_book(2),
        stats: pda::market::renter(&owner),
        order: pda::market::order(&owner, args.id),
        escrow: pda::market::escrow(&mint),
        minter: pda::token::minter(&pda::market::escrow_authority()),
        token_config: pda::token::config(),
        iosd_mint: mint,
        renter_token,
        args,
    };
    world.send(create.instruction(), &["renter"]).await;
    world.net.net.advance_secs(30).unwrap();
    create.order
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_is_settled_claimed_funded_and_paid() {
    let world = World::new().await;
    // What is burned waits for the day's end, and the order takes an hour and a half of it.
    let now = world.net.net.clock().unwrap().unix_timestamp;
    let day = i64::try_from(DAY).unwrap();
    if now.rem_euclid(day) >= day - 2 * HOUR {
        let next = (now.div_euclid(day) + 1) * day;
        world.net.net.warp_to_timestamp(next).unwrap();
    }
    let mut keeper = world.keeper("keeper");
    keeper.tick().await.unwrap();
    let order = order(&world).await;
    let mut kinds = Vec::new();
    for _ in 0..8 {
        kinds.extend(done_kinds(&keeper.tick().await.unwrap()));
        world.net.net.advance_secs(600).unwrap();
    }
    for (kind, times) in [("settle_lease", 2), ("collect_fees", 1), ("close_order", 1)] {
        assert_eq!(count(&kinds, kind), times, "{kind} in {kinds:?}");
    }
    assert!(world.read::<market::Order>(&order).is_none());

    let (supplier, mint) = (world.address("supplier-a"), pda::token::iosd_mint());
    let earnings = pda::market::earnings(&mint, &supplier);
    let minter: token::Minter = world
        .read(&pda::token::minter(&pda::market::escrow_authority()))
        .unwrap();
    assert_eq!(
        minter.outstanding_iosd_units, 0,
        "all of it is reported as earned"
    );
    world.net.refresh_price().unwrap();
    let claim = market::instructions::ClaimCredit {
        owner: supplier,
        earnings,
        escrow: pda::market::escrow(&mint),
        token_config: pda::token::config(),
        net_emission: pda::token::net_emission(),
        price_source: pda::token::price_source(),
        price: world.address("io-price"),
        min_io: 1,
    };
    world.send(claim.instruction(), &["supplier-a"]).await;
    let kinds = done_kinds(&keeper.tick().await.unwrap());
    assert_eq!(
        count(&kinds, "fund_credit"),
        0,
        "what was burned today waits: {kinds:?}"
    );

    // A day later a thirtieth of the 10 IO has come free, by the hour; the claim is on 0.8.
    let before = world.io_of(&supplier);
    world.net.net.advance_secs(2 * DAY).unwrap();
    world.net.refresh_price().unwrap();
    let kinds = done_kinds(&keeper.tick().await.unwrap());
    // The programs are shown the price of this hour.
    for kind in ["fund_credit", "pay_credit", "observe_price", "update_cover"] {
        assert_eq!(count(&kinds, kind), 1, "{kind} in {kinds:?}");
    }
    let claimed: market::Earnings = world.read(&earnings).unwrap();
    let line: market::CreditLine = world.read(&pda::market::credit_line()).unwrap();
    assert!(line.funded_units < line.claimed_units);
    assert_eq!(line.paid_units, line.funded_units);
    assert_eq!(line.cover_bps, 10_000);
    let again = done_kinds(&keeper.tick().await.unwrap());
    assert_eq!(count(&again, "observe_price"), 0, "{again:?}");
    assert_eq!(count(&again, "update_cover"), 0, "{again:?}");
    assert_eq!(world.io_of(&supplier) - before, claimed.claim_paid_units);

    world.net.net.advance_secs(30 * DAY).unwrap();
    let kinds = done_kinds(&keeper.tick().await.unwrap());
    assert_eq!(count(&kinds, "pay_credit"), 1, "{kinds:?}");
    let claimed: market::Earnings = world.read(&earnings).unwrap();
    assert_eq!(claimed.claim_paid_units, claimed.claim_units);
    assert_eq!(world.io_of(&supplier) - before, claimed.claim_units);
}
