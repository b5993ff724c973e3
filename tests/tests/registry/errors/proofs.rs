//! Windows, commits, challenges, openings and ends that come too early, too late, twice or wrong.

use super::{anchored, anyone, challenged, committed};
use iog_client::pda;
use iog_client::registry::accounts::Attestation;
use iog_client::registry::instructions::OpenWindow;
use iog_client::registry::{ClassArgs, RegistryError};
use iog_tests::world::{
    class_args, commit_ix, finalize_ix, opening, reveal_ix, try_commit, CLASS_COMMUNITY,
    CLASS_TEST, CLASS_UNPROVED, GENESIS_TS,
};
use iog_tests::{refusal, Case, Supplier, World};

pub fn errors() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a window before genesis", E::BeforeGenesis, |world| {
            *world = World::new();
            world.init_token();
            world.init_registry();
            world.set_time(GENESIS_TS - 1);
            anyone(world, OpenWindow {}.instruction())
        }),
        refusal(
            "a second window in the hour",
            E::WindowAlreadyOpen,
            |world| {
                world.open_window();
                world.advance(3_599);
                anyone(world, OpenWindow {}.instruction())
            },
        ),
        refusal("a window before its time", E::WindowNotDue, |world| {
            anchored(world);
            anyone(world, OpenWindow {}.instruction())
        }),
        refusal("a window anchored twice", E::WindowNotDue, |world| {
            let opens_ts = anchored(world);
            world.set_time(opens_ts - 1);
            anyone(world, OpenWindow {}.instruction())
        }),
        refusal(
            "a commit in an anchored window",
            E::WindowNotOpen,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                anchored(world);
                try_commit(world, &supplier, [1; 16])
            },
        ),
        refusal("a commit without a window", E::WindowNotOpen, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            try_commit(world, &supplier, [1; 16])
        }),
        refusal("a commit in the hour after", E::WindowNotOpen, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            world.next_hour();
            try_commit(world, &supplier, [1; 16])
        }),
        refusal("a window of a day ago", E::WindowNotOpen, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            world.warp_to(world.now() + 24 * 3_600);
            try_commit(world, &supplier, [1; 16])
        }),
        refusal("a commit one slot too late", E::LateCommit, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            world.advance_slots(750);
            try_commit(world, &supplier, [1; 16])
        }),
        refusal("a second commit", E::AlreadyCommitted, |world| {
            let supplier = committed(world);
            try_commit(world, &supplier, [2; 16])
        }),
        refusal(
            "a second commit after a pass",
            E::AlreadyCommitted,
            |world| {
                let supplier = world.registered(CLASS_TEST, 1);
                world.prove(&supplier);
                try_commit(world, &supplier, [2; 16])
            },
        ),
        refusal("a clock that steps back", E::AlreadyCommitted, |world| {
            world.update_class(ClassArgs {
                commit_slots: 9_000,
                ..class_args(CLASS_TEST)
            });
            let supplier = world.registered(CLASS_TEST, 1);
            // Late in its hour, so that the deadline lies in the next.
            world.advance(3_000);
            world.open_window();
            world.next_hour();
            world.open_window();
            try_commit(world, &supplier, [1; 16]).expect("the commit");
            world.set_time(world.now() - 1);
            try_commit(world, &supplier, [2; 16])
        }),
        refusal(
            "more cards than walk together",
            E::InvalidQuantity,
            |world| {
                let supplier = world.registered(CLASS_TEST, 8);
                world.update_class(ClassArgs {
                    max_cards: 7,
                    ..class_args(CLASS_TEST)
                });
                world.open_window();
                try_commit(world, &supplier, [1; 16])
            },
        ),
        refusal("a challenge without a commit", E::NoCommit, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let record = world.record_challenge_ix(&supplier);
            anyone(world, record)
        }),
        refusal("a second challenge", E::NoCommit, |world| {
            let supplier = challenged(world);
            world.advance_slots(5);
            let record = world.record_challenge_ix(&supplier);
            anyone(world, record)
        }),
        refusal(
            "a challenge in the commit's slot",
            E::ChallengeNotYet,
            |world| {
                let supplier = committed(world);
                let record = world.record_challenge_ix(&supplier);
                anyone(world, record)
            },
        ),
        refusal(
            "a challenge whose slots were skipped",
            E::ChallengeNotYet,
            |world| {
                let supplier = committed(world);
                world.advance_slots(1);
                world.skip_slots(9);
                let record = world.record_challenge_ix(&supplier);
                anyone(world, record)
            },
        ),
        refusal("a challenge of one slot", E::ChallengeNotYet, |world| {
            let supplier = committed(world);
            // The second is the eighth after the commit at the earliest.
            world.advance_slots(8);
            let record = world.record_challenge_ix(&supplier);
            anyone(world, record)
        }),
        refusal(
            "a challenge when its openings were due",
            E::ChallengeForgotten,
            |world| {
                let supplier = committed(world);
                world.advance_slots(364);
                let record = world.record_challenge_ix(&supplier);
                anyone(world, record)
            },
        ),
        refusal(
            "a challenge 513 slots later",
            E::ChallengeForgotten,
            |world| {
                let supplier = committed(world);
                world.advance_slots(513);
                let record = world.record_challenge_ix(&supplier);
                anyone(world, record)
            },
        ),
        refusal("an opening before the challenge", E::NoChallenge, |world| {
            let supplier = committed(world);
            anyone(world, reveal_ix(&supplier, 0, vec![0; 352]))
        }),
        refusal("the end before any commit", E::NoChallenge, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            anyone(world, finalize_ix(&supplier))
        }),
        refusal("the end a second time", E::NoChallenge, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.prove(&supplier);
            anyone(world, finalize_ix(&supplier))
        }),
        refusal("an opening one slot too late", E::LateReveal, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let mut prover = world.commit(&supplier);
            world.challenge(&supplier);
            let due = world
                .read::<Attestation>(&supplier.attestation)
                .challenge_slot
                + 300;
            world.advance_slots(due + 1 - world.slot());
            let bytes = opening(world, &supplier, &mut prover, 0);
            anyone(world, reveal_ix(&supplier, 0, bytes))
        }),
        refusal("opening 8", E::OpeningIndex, |world| {
            let supplier = challenged(world);
            anyone(world, reveal_ix(&supplier, 8, vec![0; 352]))
        }),
        refusal("an opening without a byte", E::OpeningLength, |world| {
            let supplier = challenged(world);
            anyone(world, reveal_ix(&supplier, 0, Vec::new()))
        }),
        refusal("an opening of a byte too many", E::OpeningLength, |world| {
            let supplier = challenged(world);
            anyone(world, reveal_ix(&supplier, 0, vec![0; 353]))
        }),
        refusal("an opening of nothing committed", E::OpeningPath, |world| {
            let supplier = challenged(world);
            anyone(world, reveal_ix(&supplier, 0, vec![0; 352]))
        }),
        refusal("a leaf of another tile", E::OpeningPath, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let mut prover = world.commit(&supplier);
            world.challenge(&supplier);
            let mut bytes = opening(world, &supplier, &mut prover, 0);
            bytes[0] ^= 1;
            anyone(world, reveal_ix(&supplier, 0, bytes))
        }),
        refusal("an opening twice", E::OpeningProvedAlready, |world| {
            let supplier = challenged(world);
            let bytes = world.forge(&supplier, 0, 0);
            anyone(world, reveal_ix(&supplier, 0, bytes.clone())).expect("the first");
            anyone(world, reveal_ix(&supplier, 0, bytes))
        }),
        refusal(
            "a tree grown over a false entry",
            E::OpeningEntry,
            |world| {
                let supplier = challenged(world);
                let bytes = world.forge(&supplier, 0, 0x80);
                anyone(world, reveal_ix(&supplier, 0, bytes))
            },
        ),
        refusal("the end before the deadline", E::NotFinal, |world| {
            let supplier = challenged(world);
            anyone(world, finalize_ix(&supplier))
        }),
        refusal("the end without a challenge", E::NotFinal, |world| {
            let supplier = committed(world);
            world.advance_slots(812);
            anyone(world, finalize_ix(&supplier))
        }),
        refusal("a commit that proves nothing", E::ClassNotProved, |world| {
            let supplier = world.registered(CLASS_UNPROVED, 1);
            world.open_window();
            try_commit(world, &supplier, [1; 16])
        }),
        refusal("another class's deadlines", E::WrongClass, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.open_window();
            let other = Supplier {
                class: pda::registry::class(CLASS_COMMUNITY),
                ..supplier.clone()
            };
            let payer = world.wallet();
            let commit = commit_ix(&other, [1; 16]);
            world.send(&[commit], &[&payer, &supplier.device_key])
        }),
    ]
}
