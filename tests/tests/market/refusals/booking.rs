//! Refusals of new orders, quotes and extensions.

use iog_client::market::accounts::Escrow;
use iog_client::market::instructions::Pause;
use iog_client::market::{MarketError as E, QuoteArgs};
use iog_client::pda;
use iog_client::registry::ClassArgs;
use iog_tests::world::{
    class_args, order_args, parts_of, Currency, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST,
    CLASS_UNPROVED,
};
use iog_tests::{refusal, Case, Outcome, World};

use solana_pubkey::Pubkey;

use super::super::stage::send;
use super::{create, stage};

const TOTAL: u64 = 401_803_609;

fn with_class(world: &mut World, change: impl FnOnce(&mut ClassArgs)) -> Outcome {
    let mut class = class_args(CLASS_TEST);
    change(&mut class);
    world.update_class(class);
    create(world, |_| {})
}

fn quoted(world: &mut World, change: impl FnOnce(&mut QuoteArgs)) -> Outcome {
    let mut args = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 0,
        countries: [[0; 2]; 8],
    };
    change(&mut args);
    let quote = world.quote_ix(Currency::Io, CLASS_TEST, args).instruction();
    send(world, quote)
}

/// An order of these parts, without the accounts of further ones.
fn parts(world: &mut World, wishes: &[(u16, u16, u32)]) -> Outcome {
    create(world, |args| args.parts = parts_of(wishes))
}

pub fn cases() -> Vec<Case> {
    let mut all = numbers();
    all.extend(parts_of_orders());
    all.extend(accounts());
    all.extend(super::extending::cases());
    all
}

fn numbers() -> Vec<Case> {
    vec![
        refusal("a class without price", E::ClassNotOffered, |w| {
            with_class(w, |class| class.base_price_usd6 = 0)
        }),
        refusal("a disabled class", E::ClassNotOffered, |w| {
            with_class(w, |class| class.enabled = false)
        }),
        refusal("4,097 GPUs", E::InvalidGpus, |w| {
            create(w, |a| a.parts[0].gpus = 4_097)
        }),
        refusal("a quote of no GPU", E::InvalidGpus, |w| {
            quoted(w, |a| a.gpus = 0)
        }),
        refusal("no hour", E::InvalidHours, |w| create(w, |a| a.hours = 0)),
        refusal("87,601 hours", E::InvalidHours, |w| {
            create(w, |a| a.hours = 87_601)
        }),
        refusal("a quote of too many hours", E::InvalidHours, |w| {
            quoted(w, |a| a.hours = 87_601)
        }),
        refusal("673 hours in IO", E::TooLongInIo, |w| {
            create(w, |a| a.hours = 673)
        }),
        refusal("tier 5", E::InvalidTier, |w| create(w, |a| a.min_tier = 5)),
        refusal("a fourth kind", E::InvalidKind, |w| {
            create(w, |a| a.kind = 3)
        }),
        refusal("a third platform", E::InvalidPlatform, |w| {
            create(w, |a| a.platform = 3)
        }),
        refusal("the wallet as engineer key", E::KeysEqual, |world| {
            let renter = world.renter();
            let mut args = order_args(1, 1, 1);
            args.engineer_key = renter.wallet.pubkey_of();
            let create = world.create_order_ix(&renter, CLASS_TEST, args);
            world.send(&[create.instruction()], &[&renter.wallet])
        }),
        refusal("an engineer that signs receipts", E::KeysEqual, |w| {
            create(w, |a| a.receipt_key = a.engineer_key)
        }),
        refusal("a reputation above one", E::InvalidReputation, |w| {
            create(w, |a| a.min_reputation_bps = 10_001)
        }),
        refusal("one unit above the limit", E::TotalAboveLimit, |w| {
            create(w, |a| a.max_total = TOTAL - 1)
        }),
        refusal("a total beyond 64 bits", E::MathOverflow, |world| {
            let mut class = class_args(CLASS_TEST);
            class.base_price_usd6 = 60_000_000_000;
            world.update_class(class);
            let renter = world.renter();
            let args = order_args(1, 4_096, 87_600);
            let create = world.token_order_ix(Currency::Usd, &renter, CLASS_TEST, args);
            world.send(&[create.instruction()], &[&renter.wallet])
        }),
        refusal("a price beyond 64 bits", E::MathOverflow, |w| {
            with_class(w, |class| class.base_price_usd6 = u64::MAX)
        }),
        refusal("books beyond 64 bits", E::MathOverflow, |world| {
            let escrow = world.escrow_of(Currency::Io);
            world.edit::<Escrow>(&escrow, |books| books.deposited_units = u64::MAX);
            create(world, |_| {})
        }),
        refusal("orders are paused", E::Paused, |world| {
            let signer = world.authority.pubkey_of();
            world.govern(Pause { signer, actions: 1 }.instruction());
            create(world, |_| {})
        }),
    ]
}

fn parts_of_orders() -> Vec<Case> {
    vec![
        refusal("no part", E::InvalidGpus, |w| parts(w, &[])),
        refusal("an alternative first", E::InvalidParts, |w| {
            parts(w, &[(CLASS_TEST, 0, 0)])
        }),
        refusal("a class twice", E::InvalidParts, |w| {
            parts(w, &[(CLASS_TEST, 0, 1), (CLASS_TEST, 0, 1)])
        }),
        refusal("its own alternative", E::InvalidParts, |w| {
            parts(w, &[(CLASS_TEST, 0, 1), (CLASS_TEST, 0, 0)])
        }),
        refusal("an alternative of machines", E::InvalidParts, |w| {
            parts(w, &[(CLASS_TEST, 0, 1), (CLASS_COMMUNITY, 1, 0)])
        }),
        refusal("a gap between parts", E::InvalidParts, |w| {
            let wishes = [(CLASS_TEST, 0, 1), (0, 0, 0), (CLASS_COMMUNITY, 0, 1)];
            parts(w, &wishes)
        }),
        refusal("GPUs of no class", E::InvalidParts, |w| {
            parts(w, &[(CLASS_TEST, 0, 1), (0, 0, 1)])
        }),
        refusal("machines of 2 for 3 GPUs", E::InvalidParts, |w| {
            parts(w, &[(CLASS_TEST, 2, 3)])
        }),
        refusal("4,097 GPUs of two classes", E::InvalidGpus, |w| {
            parts(w, &[(CLASS_TEST, 0, 4_096), (CLASS_COMMUNITY, 0, 1)])
        }),
        refusal("machines that no device proves", E::MachineNotProved, |w| {
            parts(w, &[(CLASS_TEST, 9, 9)])
        }),
        refusal("a second part without its accounts", E::PartsMissing, |w| {
            parts(w, &[(CLASS_TEST, 0, 1), (CLASS_COMMUNITY, 0, 1)])
        }),
        refusal("a second part of another class", E::WrongClass, |world| {
            let renter = world.renter();
            let mut args = order_args(1, 1, 1);
            args.parts = parts_of(&[(CLASS_TEST, 0, 1), (CLASS_COMMUNITY, 0, 1)]);
            let create = world.create_order_ix(&renter, CLASS_TEST, args);
            let wrong = iog_tests::world::with_classes(create.instruction(), &[CLASS_UNPROVED]);
            world.send(&[wrong], &[&renter.wallet])
        }),
    ]
}

fn accounts() -> Vec<Case> {
    vec![
        refusal("a mint that is not IO", E::WrongMint, |world| {
            let renter = world.renter();
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.mint = world.mint(&renter.wallet, 8);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
        refusal("another class than the one named", E::WrongClass, |w| {
            parts(w, &[(CLASS_COMMUNITY, 0, 1), (CLASS_TEST, 0, 0)])
        }),
        refusal("the price book of another class", E::WrongClass, |world| {
            let renter = world.renter();
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.book = pda::market::price_book(CLASS_COMMUNITY);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
        refusal("counted for another renter", E::NotRenter, |world| {
            let (renter, other) = (world.renter(), world.renter());
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.stats = other.stats;
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
        refusal("IOSD by transfer", E::WrongCurrency, |world| {
            let renter = world.renter();
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.escrow = world.escrow_of(Currency::Iosd);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
        refusal("IO by burning", E::WrongCurrency, |world| {
            let renter = world.credit_renter();
            let mut wrong = world.credit_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.escrow = world.escrow_of(Currency::Io);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
    ]
}

/// What lies on the bounds.
pub fn bounds() -> Vec<fn(&mut World) -> Outcome> {
    vec![
        |w| create(w, |a| a.max_total = TOTAL),
        |w| create(w, |a| (a.min_tier, a.kind) = (4, 2)),
        |w| create(w, |a| a.min_reputation_bps = 10_000),
        |w| create(w, |a| (a.platform, a.engineer_key) = (2, Pubkey::default())),
        |w| create(w, |a| (a.hours, a.max_total) = (672, 300_000_000_000)),
        // An alternative needs no account, and may be of a class that is still to come.
        |w| parts(w, &[(CLASS_TEST, 1, 1), (9, 0, 0), (10, 0, 0), (11, 0, 0)]),
        |world| {
            let (_, renter) = stage(world);
            let mut args = order_args(1, 1, 1);
            let wishes = [(CLASS_TEST, 0, 1), (CLASS_COMMUNITY, 0, 3), (9, 0, 0)];
            args.parts = parts_of(&wishes);
            let create = world.book_ix(Currency::Usd, &renter, CLASS_TEST, args);
            world.send(&[create], &[&renter.wallet])
        },
    ]
}
