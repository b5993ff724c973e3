//! Pyth's accounts: our encoder writes them to the byte, and the token program reads them.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::token::accounts::PriceSource;
use iog_client::token::{self, TokenError};
use iog_localnet::pyth::{PriceAccount, Verification, RECEIVER_PROGRAM_ID};
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::World;
use solana_account::Account;
use solana_pubkey::Pubkey;

use crate::bytes;

/// Pyth's account of SOL/USD, which is its own write authority, and the one that wrote AAPL/USD on devnet.
const SOL_USD: Pubkey = Pubkey::from_str_const("7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE");
const AAPL_USD: Pubkey = Pubkey::from_str_const("DJ2FyTgUAkEtXW3U5P9PF19meFTRtW4ZWKKFgACfVbUy");

/// Each price with what it holds, and what a burn makes of it: the lower of spot and average less twice the wider interval.
fn prices() -> [(Vec<u8>, PriceAccount, u64); 4] {
    let sol = PriceAccount {
        write_authority: SOL_USD,
        verification: Verification::Full,
        feed_id: [
            0xef, 0x0d, 0x8b, 0x6f, 0xda, 0x2c, 0xeb, 0xa4, 0x1d, 0xa1, 0x5d, 0x40, 0x95, 0xd1,
            0xda, 0x39, 0x2a, 0x0d, 0x2f, 0x8e, 0xd0, 0xc6, 0xc7, 0xbc, 0x0f, 0x4c, 0xfa, 0xc8,
            0xc2, 0x80, 0xb5, 0x6d,
        ],
        price: 11_862_164_451,
        conf: 3_335_799,
        exponent: -8,
        publish_time: 1_791_360_258,
        prev_publish_time: 1_791_360_257,
        ema_price: 11_871_955_320,
        ema_conf: 2_530_658,
        posted_slot: 454_163_853,
    };
    let before = PriceAccount {
        price: 9_419_293_224,
        conf: 3_408_102,
        publish_time: 1_787_390_255,
        prev_publish_time: 1_787_390_255,
        ema_price: 9_410_135_200,
        ema_conf: 4_445_580,
        posted_slot: 440_890_706,
        ..sol.clone()
    };
    let devnet = PriceAccount {
        price: 10_482_005_693,
        conf: 1_667_134,
        publish_time: 1_789_705_589,
        prev_publish_time: 1_789_705_588,
        ema_price: 10_386_806_900,
        ema_conf: 1_803_614,
        posted_slot: 500_160_547,
        ..sol.clone()
    };
    let aapl = PriceAccount {
        write_authority: AAPL_USD,
        verification: Verification::Full,
        feed_id: [
            0x49, 0xf6, 0xb6, 0x5c, 0xb1, 0xde, 0x6b, 0x10, 0xea, 0xf7, 0x5e, 0x7c, 0x03, 0xca,
            0x02, 0x9c, 0x30, 0x6d, 0x03, 0x57, 0xe9, 0x1b, 0x53, 0x11, 0xb1, 0x75, 0x08, 0x4a,
            0x5a, 0xd5, 0x56, 0x88,
        ],
        price: 30_181_002,
        conf: 14_208,
        exponent: -5,
        publish_time: 1_783_000_135,
        prev_publish_time: 1_783_000_134,
        ema_price: 29_991_126,
        ema_conf: 20_700,
        posted_slot: 473_475_603,
    };
    [
        (
            bytes(include_str!("../../real/sol-usd-mainnet-2026-10.b64")),
            sol,
            11_862_164_451 - 2 * 3_335_799,
        ),
        (
            bytes(include_str!("../../real/sol-usd-mainnet-2026-08.b64")),
            before,
            9_410_135_200 - 2 * 4_445_580,
        ),
        (
            bytes(include_str!("../../real/sol-usd-devnet-2026-09.b64")),
            devnet,
            10_386_806_900 - 2 * 1_803_614,
        ),
        (
            bytes(include_str!("../../real/aapl-usd-devnet-2026-07.b64")),
            aapl,
            29_991_126 - 2 * 20_700,
        ),
    ]
}

/// What the tests and the local network write for Pyth is what Pyth writes, to the byte.
#[test]
fn our_encoder_writes_pyths_bytes() {
    for (data, price, _) in prices() {
        assert_eq!(price.encode(), data, "posted in {}", price.posted_slot);
    }
}

/// The token program makes IOSD at a real account's price, at its time, from the one account that is pinned.
#[test]
fn the_token_program_reads_pyths_accounts() {
    for (data, price, low) in prices() {
        let mut world = World::ready();
        let owner = world.wallet();
        let wallet = owner.pubkey_of();
        world.give_io(&wallet, 100_000_000);
        world.iosd_account(&wallet);
        world.price = price.write_authority;
        let account = Account {
            lamports: world.rent(data.len()),
            data,
            owner: RECEIVER_PROGRAM_ID,
            ..Account::default()
        };
        world.edit::<PriceSource>(&pda::token::price_source(), |source| {
            source.feed = price.feed_id;
            source.account = price.write_authority;
        });
        let address = world.price;
        world.set_account(&address, account);
        world.set_time(price.publish_time + 20);
        world.make_seen();
        let burn = world.burn_for_iosd_ix(&wallet, 100_000_000, 0);
        let mut late = world.clone();
        let meta = world.must(burn.instruction(), &[&owner]);
        let made = meta.events.iter().find_map(|event| match event {
            Event::Token(token::Event::IosdMinted(made)) => Some(made.clone()),
            _ => None,
        });
        let made = made.expect("IOSD was made");
        assert_eq!((made.price, made.exponent), (low, price.exponent));
        // From the price's decimals to the six of IOSD.
        let iosd = match price.exponent {
            -8 => low / 100,
            _ => low * 10,
        };
        assert_eq!(made.iosd, iosd);
        late.set_time(price.publish_time + 21);
        expect_code(
            late.send(&[burn.instruction()], &[&owner]),
            TokenError::PriceStale,
        );
    }
}
