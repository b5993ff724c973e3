//! The source of prices: changed by the authority, a day later, by anyone's hand.

use iog_client::pda;
use iog_client::token::accounts::PriceSource;
use iog_client::token::events::{PriceSourceChanged, PriceSourceDropped, PriceSourceScheduled};
use iog_client::token::instructions::{
    AcceptAuthority, ApplyPriceSource, DropPriceSource, ProposeAuthority, SetGuardian,
    SetPriceSource,
};
use iog_client::token::{Event, PriceSourceArgs, TokenError};
use iog_tests::world::{source_args, PubkeyOf};
use iog_tests::World;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::setup::{holder, only_event, refused, seen, DAY, IO};

/// A million dollars: what was seen bounds nothing.
const HIGH: u64 = 1_000_000_000_000_000_000;

fn set(world: &World, source: PriceSourceArgs) -> SetPriceSource {
    SetPriceSource {
        authority: world.authority.pubkey_of(),
        source,
    }
}

fn read(world: &World) -> PriceSource {
    world.read(&pda::token::price_source())
}

/// A source of another receiver and feed.
fn elsewhere(world: &mut World) -> PriceSourceArgs {
    PriceSourceArgs {
        receiver: world.address(),
        feed: [9; 32],
        account: Pubkey::default(),
    }
}

/// Posts a fresh price as this source's receiver would; returns its account.
fn post(world: &mut World, source: &PriceSourceArgs, usd8: i64) -> Pubkey {
    let mut price = world.fresh_price(usd8);
    price.feed_id = source.feed;
    let mut account = price.to_account();
    account.owner = source.receiver;
    let address = world.address();
    world.set_account(&address, account);
    address
}

#[test]
fn a_migrated_receiver_works_after_a_day_and_the_old_one_no_more() {
    let mut world = World::ready();
    let (stranger, owner) = (world.wallet(), holder(&mut world, 100 * IO));
    let (old, now) = (world.price, world.now());
    let source = elsewhere(&mut world);
    let meta = world.govern(set(&world, source).instruction());
    let scheduled = PriceSourceScheduled {
        receiver: source.receiver,
        feed: source.feed,
        account: source.account,
        effective_ts: now + DAY,
    };
    assert_eq!(only_event(&meta), Event::PriceSourceScheduled(scheduled));
    let waiting = read(&world);
    assert_eq!(waiting.receiver, source_args().receiver);
    assert_eq!(waiting.feed, source_args().feed);
    assert_eq!(waiting.pending_receiver, source.receiver);
    assert_eq!(waiting.pending_feed, source.feed);
    assert_eq!(waiting.pending_ts, now + DAY);

    let apply = ApplyPriceSource {}.instruction();
    let early = TokenError::PriceSourceTooEarly;
    refused(&mut world, early, apply.clone(), &[&stranger]);
    world.advance(DAY - 1);
    refused(&mut world, early, apply.clone(), &[&stranger]);
    // Until then the old one holds.
    seen(&mut world, HIGH);
    let new = post(&mut world, &source, 30_000_000);
    world.post_price(25_000_000);
    burns(&mut world, &owner, old, Ok(2_495_000));
    burns(&mut world, &owner, new, Err(TokenError::PriceNotPyth));
    world.advance(1);
    let meta = world.must(apply.clone(), &[&stranger]);
    let changed = PriceSourceChanged {
        receiver: source.receiver,
        feed: source.feed,
        account: source.account,
    };
    assert_eq!(only_event(&meta), Event::PriceSourceChanged(changed));
    let after = read(&world);
    assert_eq!((after.receiver, after.feed), (source.receiver, source.feed));
    assert_eq!(after.pending_ts, 0);
    burns(&mut world, &owner, old, Err(TokenError::PriceNotPyth));
    // 1.2 times the average that it was made at before.
    burns(&mut world, &owner, new, Ok(3_000_000));
    // Applied once.
    let nothing = TokenError::NoPriceSourceScheduled;
    refused(&mut world, nothing, apply, &[&stranger]);
}

/// Burns 10 IO at the price in this account, for so much IOSD or with this refusal.
#[track_caller]
fn burns(world: &mut World, owner: &Keypair, price: Pubkey, expected: Result<u64, TokenError>) {
    let mut burn = world.burn_for_iosd_ix(&owner.pubkey_of(), 10 * IO, 0);
    burn.price = price;
    let before = world.token_config().iosd_minted_units;
    match expected {
        Ok(iosd) => {
            world.must(burn.instruction(), &[owner]);
            assert_eq!(world.token_config().iosd_minted_units - before, iosd);
        }
        Err(code) => {
            refused(world, code, burn.instruction(), &[owner]);
        }
    }
}

#[test]
fn one_account_can_be_pinned() {
    let mut world = World::ready();
    let owner = holder(&mut world, 100 * IO);
    let pinned = PriceSourceArgs {
        account: world.price,
        ..source_args()
    };
    world.govern(set(&world, pinned).instruction());
    world.advance(DAY);
    world.govern(ApplyPriceSource {}.instruction());
    seen(&mut world, HIGH);
    world.post_price(25_000_000);
    let (right, copy) = (world.price, world.address());
    world.copy_account(&right, &copy);
    burns(&mut world, &owner, copy, Err(TokenError::PriceWrongAccount));
    burns(&mut world, &owner, right, Ok(2_495_000));
}

#[test]
fn a_later_proposal_replaces_an_earlier_and_waits_its_own_day() {
    let mut world = World::ready();
    let (first, second) = (elsewhere(&mut world), elsewhere(&mut world));
    let start = world.now();
    world.govern(set(&world, first).instruction());
    world.advance(DAY - 1);
    world.govern(set(&world, second).instruction());
    assert_eq!(read(&world).pending_receiver, second.receiver);
    assert_eq!(read(&world).pending_ts, start + 2 * DAY - 1);
    let (apply, stranger) = (ApplyPriceSource {}.instruction(), world.wallet());
    // The first one's day is over, its place taken.
    world.advance(1);
    let early = TokenError::PriceSourceTooEarly;
    refused(&mut world, early, apply.clone(), &[&stranger]);
    world.advance(DAY - 1);
    world.must(apply, &[&stranger]);
    assert_eq!(read(&world).receiver, second.receiver);
}

#[test]
fn the_present_source_again_drops_a_change() {
    let mut world = World::ready();
    let other = elsewhere(&mut world);
    world.govern(set(&world, other).instruction());
    world.advance(60);
    let present = source_args();
    let meta = world.govern(set(&world, present).instruction());
    let dropped = PriceSourceScheduled {
        receiver: present.receiver,
        feed: present.feed,
        account: present.account,
        effective_ts: 0,
    };
    assert_eq!(only_event(&meta), Event::PriceSourceScheduled(dropped));
    assert_eq!(read(&world).pending_ts, 0);
    let (apply, stranger) = (ApplyPriceSource {}.instruction(), world.wallet());
    let nothing = TokenError::NoPriceSourceScheduled;
    for secs in [0, DAY] {
        world.advance(secs);
        refused(&mut world, nothing, apply.clone(), &[&stranger]);
    }
    assert_eq!(read(&world).receiver, present.receiver);
    // Where nothing waits there is nothing to drop.
    world.govern(set(&world, present).instruction());
    assert_eq!(read(&world).pending_ts, 0);
}

#[test]
fn a_change_lapses_after_a_week_and_can_be_set_again() {
    let mut world = World::ready();
    let (other, stranger) = (elsewhere(&mut world), world.wallet());
    let start = world.now();
    world.govern(set(&world, other).instruction());
    let apply = ApplyPriceSource {}.instruction();
    let mut in_time = world.clone();
    in_time.set_time(start + 8 * DAY);
    in_time.must(apply.clone(), &[&stranger]);
    assert_eq!(read(&in_time).receiver, other.receiver);

    let lapsed = TokenError::PriceSourceLapsed;
    for late in [start + 8 * DAY + 1, start + 400 * DAY] {
        world.set_time(late);
        refused(&mut world, lapsed, apply.clone(), &[&stranger]);
    }
    assert_eq!(read(&world).receiver, source_args().receiver);
    world.govern(set(&world, other).instruction());
    let early = TokenError::PriceSourceTooEarly;
    refused(&mut world, early, apply.clone(), &[&stranger]);
    world.advance(DAY);
    world.must(apply, &[&stranger]);
    assert_eq!(read(&world).receiver, other.receiver);
}

#[test]
fn only_the_authority_proposes_and_never_the_system_program() {
    let mut world = World::ready();
    let (authority, stranger) = (world.authority.insecure_clone(), world.wallet());
    let mut foreign = set(&world, source_args());
    foreign.authority = stranger.pubkey_of();
    let not_authority = TokenError::NotAuthority;
    refused(
        &mut world,
        not_authority,
        foreign.instruction(),
        &[&stranger],
    );
    let nobody = PriceSourceArgs {
        receiver: Pubkey::default(),
        ..source_args()
    };
    let nobody = set(&world, nobody).instruction();
    refused(
        &mut world,
        TokenError::InvalidReceiver,
        nobody,
        &[&authority],
    );
    let apply = ApplyPriceSource {}.instruction();
    let nothing = TokenError::NoPriceSourceScheduled;
    refused(&mut world, nothing, apply, &[&authority]);
}

/// audit: money L10: guardian or authority drops a source that waits; a successor's network never gets it.
#[test]
fn a_source_that_waits_is_dropped_and_not_inherited() {
    let mut world = World::ready();
    let other = elsewhere(&mut world);
    let [guardian, stranger, successor] = [(); 3].map(|()| world.wallet());
    let authority = world.authority.pubkey_of();
    let guard = SetGuardian {
        authority,
        guardian: guardian.pubkey_of(),
    };
    world.govern(guard.instruction());
    let drop_it = |key: &Keypair| {
        let signer = key.pubkey_of();
        DropPriceSource { signer }.instruction()
    };
    let nothing = TokenError::NoPriceSourceScheduled;
    refused(&mut world, nothing, drop_it(&guardian), &[&guardian]);
    world.govern(set(&world, other).instruction());
    let not_guardian = TokenError::NotGuardian;
    refused(&mut world, not_guardian, drop_it(&stranger), &[&stranger]);
    let mut dropped = world.clone();
    let meta = dropped.must(drop_it(&guardian), &[&guardian]);
    let by = guardian.pubkey_of();
    let expected = Event::PriceSourceDropped(PriceSourceDropped { by });
    assert_eq!(only_event(&meta), expected);
    dropped.advance(DAY);
    let apply = ApplyPriceSource {}.instruction();
    refused(&mut dropped, nothing, apply.clone(), &[&stranger]);

    let propose = ProposeAuthority {
        authority,
        successor: successor.pubkey_of(),
    };
    world.govern(propose.instruction());
    let accept = AcceptAuthority {
        signer: successor.pubkey_of(),
    };
    world.must(accept.instruction(), &[&successor]);
    world.authority = successor;
    let taken_ts = world.now();
    for secs in [DAY, DAY + 1, 8 * DAY] {
        world.set_time(taken_ts + secs);
        refused(&mut world, nothing, apply.clone(), &[&stranger]);
    }
    world.set_time(taken_ts);
    world.govern(set(&world, other).instruction());
    let early = TokenError::PriceSourceTooEarly;
    world.set_time(taken_ts + DAY);
    refused(&mut world, early, apply.clone(), &[&stranger]);
    world.advance(1);
    world.must(apply, &[&stranger]);
    assert_eq!(read(&world).receiver, other.receiver);
}
