//! IOSD's mint: made once, never transferable, minted by the program alone.

use iog_client::events;
use iog_client::pda;
use iog_client::token::accounts::{NetEmission, PriceSource};
use iog_client::token::events::{IosdCreated, PriceSourceChanged};
use iog_client::token::{Event, TokenError, ID};
use iog_localnet::pyth::{IO_USD_FEED_ID, RECEIVER_PROGRAM_ID};
use iog_tests::world::{expect_code, spl_2022, PubkeyOf, TOKEN_2022};
use iog_tests::{Code, World};
use solana_instruction::error::InstructionError;
use solana_pubkey::Pubkey;

use crate::setup::{create_iosd, holder, refused, IO};

/// Initialised, without IOSD.
fn without() -> World {
    let mut world = World::new();
    world.init_token();
    world
}

/// Token-2022's `ImmutableOwner` and `NonTransferable`.
const IMMUTABLE_OWNER: u32 = 34;
const NON_TRANSFERABLE: u32 = 37;

#[test]
fn the_mint_cannot_be_transferred_frozen_or_minted_by_anyone_else() {
    let mut world = without();
    let meta = world.govern(create_iosd(&world).instruction());
    let created = IosdCreated {
        mint: pda::token::iosd_mint(),
    };
    let first = PriceSourceChanged {
        receiver: RECEIVER_PROGRAM_ID,
        feed: IO_USD_FEED_ID,
        account: Pubkey::default(),
    };
    let said = [
        Event::IosdCreated(created),
        Event::PriceSourceChanged(first),
    ];
    assert_eq!(meta.events, said.map(events::Event::Token));
    let mint = world.account(&pda::token::iosd_mint());
    assert_eq!(mint.owner, TOKEN_2022);
    // 82 bytes of a mint, zeros to 165, the kind (1 mint), and one extension: 9 NonTransferable with 0 bytes.
    assert_eq!(mint.data.len(), 170);
    assert_eq!(mint.data[..4], [1, 0, 0, 0], "it has an authority");
    assert_eq!(mint.data[4..36], pda::token::iosd_authority().to_bytes());
    assert_eq!(mint.data[36..44], [0; 8], "supply");
    assert_eq!((mint.data[44], mint.data[45]), (6, 1));
    assert_eq!(mint.data[46..82], [0; 36], "nobody freezes");
    assert_eq!(mint.data[82..165], [0; 83]);
    assert_eq!(mint.data[165..], [1, 9, 0, 0, 0]);
    assert_eq!(mint.lamports, world.rent(170));

    let config = world.token_config();
    assert_eq!(config.iosd_mint, pda::token::iosd_mint());
    let (authority, bump) = Pubkey::find_program_address(&[b"iosd_authority"], &ID);
    assert_eq!(authority, pda::token::iosd_authority());
    assert_eq!(config.iosd_authority_bump, bump);
    let books = world.read::<NetEmission>(&pda::token::net_emission());
    assert_eq!((books.version, books.reserved), (1, [0; 30]));
    assert_eq!((books.burned_units, books.reminted_units), (0, 0));
    assert_eq!((books.buckets, books.available_units), ([0; 31], 0));
    assert_eq!(world.account(&pda::token::net_emission()).data.len(), 768);
    let source = world.read::<PriceSource>(&pda::token::price_source());
    assert_eq!(source.receiver, RECEIVER_PROGRAM_ID);
    assert_eq!(source.feed, IO_USD_FEED_ID);
    assert_eq!(source.account, Pubkey::default());
    assert_eq!((source.pending_ts, source.version), (0, 1));
    assert_eq!(source.reserved, [0; 30]);
    assert_eq!(world.account(&pda::token::price_source()).data.len(), 240);
}

#[test]
fn lamports_sent_ahead_stop_nothing() {
    let addresses = [
        pda::token::iosd_mint(),
        pda::token::iosd_authority(),
        pda::token::net_emission(),
        pda::token::price_source(),
    ];
    // A lamport, and more than the rent of any of them.
    for lamports in [1, 1_000_000_000] {
        let mut world = without();
        for address in addresses {
            world.fund(&address, lamports);
        }
        world.govern(create_iosd(&world).instruction());
        let mint = world.account(&pda::token::iosd_mint());
        assert_eq!((mint.owner, mint.data.len()), (TOKEN_2022, 170));
        assert_eq!(mint.lamports, lamports.max(world.rent(170)));
    }
}

#[test]
fn it_is_made_once_by_the_authority_alone() {
    let mut world = without();
    let (authority, stranger) = (world.authority.insecure_clone(), world.wallet());
    let mut create = create_iosd(&world);
    create.authority = stranger.pubkey_of();
    refused(
        &mut world,
        TokenError::NotAuthority,
        create.instruction(),
        &[&stranger],
    );
    create.authority = authority.pubkey_of();
    create.source.receiver = Pubkey::default();
    refused(
        &mut world,
        TokenError::InvalidReceiver,
        create.instruction(),
        &[&authority],
    );
    assert!(world.find(&pda::token::iosd_mint()).is_none());
    let create = create_iosd(&world).instruction();
    world.must(create.clone(), &[&authority]);
    refused(&mut world, Code::in_use(), create, &[&authority]);
}

#[test]
fn without_it_nothing_burns_for_it() {
    let mut world = without();
    let before = world.token_config();
    assert_eq!(before.iosd_mint, Pubkey::default());
    let owner = world.wallet();
    let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), IO, 0);
    let none = Code::plain(ID, InstructionError::AccountDataTooSmall);
    refused(&mut world, none, burn.instruction(), &[&owner]);
    assert_eq!(world.token_config(), before);
}

#[test]
fn its_holders_cannot_pass_it_on() {
    let mut world = World::ready();
    let (from, to) = (world.wallet(), holder(&mut world, 0));
    world.burn_for_iosd(&from, 100 * IO);
    let (owner, mint) = (from.pubkey_of(), pda::token::iosd_mint());
    let (source, destination) = (
        world.iosd_account(&owner),
        world.iosd_account(&to.pubkey_of()),
    );
    let held = world.balance(&source);
    assert!(held > 0);
    let transfer = spl_2022::transfer(&source, &mint, &destination, &owner, 1);
    let refusal = Code::anchor(TOKEN_2022, NON_TRANSFERABLE);
    refused(&mut world, refusal.clone(), transfer, &[&from]);
    // Nor by the old transfer that names no mint: tag 3.
    let mut old = spl_2022::transfer(&source, &mint, &destination, &owner, 1);
    old.accounts.remove(1);
    old.data.pop();
    old.data[0] = 3;
    expect_code(world.send(&[old], &[&from]), refusal);
    // Nor with the account that it is in.
    let give = spl_2022::set_owner(&source, &owner, &to.pubkey_of());
    let immutable = Code::anchor(TOKEN_2022, IMMUTABLE_OWNER);
    refused(&mut world, immutable, give, &[&from]);
    assert_eq!(
        (world.balance(&source), world.balance(&destination)),
        (held, 0)
    );
}
