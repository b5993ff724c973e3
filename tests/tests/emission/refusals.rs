//! What the emission refuses: each of its errors.

use iog_client::emission::accounts::DeviceRewards;
use iog_client::emission::instructions::{CheckIn, Initialize, OpenPage, SetParameter};
use iog_client::emission::{ConfigArgs, EmissionError as E, ParameterId};
use iog_client::registry::accounts::Device;
use iog_client::{emission, pda};
use iog_tests::world::{emission_args, PubkeyOf, CLASS_COMMUNITY, GENESIS_TS};
use iog_tests::{cases, refusal, Case, Outcome, Supplier, World};

use super::eligibility::{self, eligible, send};

/// A check-in with one wrong account, taken from another supplier.
fn crossed(world: &mut World, change: impl FnOnce(&mut CheckIn, &Supplier)) -> Outcome {
    let (one, two) = (eligible(world), eligible(world));
    let mut check_in = world.check_in_ix(&one);
    change(&mut check_in, &two);
    send(world, check_in.instruction())
}

fn unproved(world: &mut World) -> Supplier {
    let supplier = eligible(world);
    world.edit::<Device>(&supplier.device, |device| device.last_pass_epoch = 0);
    supplier
}

fn account_errors() -> Vec<Case> {
    vec![
        refusal("another device", E::WrongDevice, |world| {
            crossed(world, |check_in, other| check_in.device = other.device)
        }),
        refusal("another device's stake", E::WrongDevice, |world| {
            crossed(world, |check_in, other| check_in.stake = other.stake)
        }),
        refusal("another device's occupancy", E::WrongDevice, |world| {
            crossed(world, |check_in, other| {
                check_in.occupancy = other.occupancy
            })
        }),
        refusal(
            "a hired device without its lease",
            E::LeaseMissing,
            |world| {
                let one = eligible(world);
                let renter = world.renter();
                world.running(&renter, 1, 1, &[&one]);
                let mut check_in = world.check_in_ix(&one);
                (check_in.lease, check_in.order) = (None, None);
                send(world, check_in.instruction())
            },
        ),
        refusal("another device's running lease", E::WrongLease, |world| {
            let (one, two) = (eligible(world), eligible(world));
            let renter = world.renter();
            world.running(&renter, 1, 1, &[&one]);
            world.running(&renter, 2, 1, &[&two]);
            let mut check_in = world.check_in_ix(&one);
            let other = world.check_in_ix(&two);
            (check_in.lease, check_in.order) = (other.lease, other.order);
            send(world, check_in.instruction())
        }),
        refusal("another order than the lease's", E::WrongLease, |world| {
            let (one, two) = (eligible(world), eligible(world));
            let renter = world.renter();
            world.running(&renter, 1, 1, &[&one]);
            world.running(&renter, 2, 1, &[&two]);
            let mut check_in = world.check_in_ix(&one);
            check_in.order = world.check_in_ix(&two).order;
            send(world, check_in.instruction())
        }),
        refusal("another device's rewards", E::WrongDevice, |world| {
            crossed(world, |check_in, other| check_in.rewards = other.rewards)
        }),
        refusal(
            "another device's lease instead of a proof",
            E::WrongDevice,
            |world| {
                let (one, two) = (eligible(world), eligible(world));
                let renter = world.renter();
                world.running(&renter, 1, 1, &[&two]);
                let mut check_in = world.check_in_ix(&one);
                check_in.occupancy = two.occupancy;
                send(world, check_in.instruction())
            },
        ),
        refusal(
            "an occupancy that another program wrote",
            E::WrongDevice,
            |world| {
                let supplier = eligible(world);
                let renter = world.renter();
                world.running(&renter, 1, 1, &[&supplier]);
                let check_in = world.check_in_ix(&supplier).instruction();
                let mut forged = world.account(&supplier.occupancy);
                forged.owner = emission::ID;
                world.set_account(&supplier.occupancy, forged);
                send(world, check_in)
            },
        ),
        refusal("a lease without its order", E::LeaseMissing, |world| {
            let one = unproved(world);
            let renter = world.renter();
            world.running(&renter, 1, 1, &[&one]);
            let mut check_in = world.check_in_ix(&one);
            check_in.order = None;
            send(world, check_in.instruction())
        }),
        refusal(
            "past the order's end, not settled",
            E::NoProofOfWork,
            |world| {
                let one = unproved(world);
                let renter = world.renter();
                world.running(&renter, 1, 1, &[&one]);
                world.set_time(GENESIS_TS + 3_600);
                let check_in = world.check_in_ix(&one).instruction();
                send(world, check_in)
            },
        ),
        refusal("a class that earns more", E::WrongClass, |world| {
            crossed(world, |check_in, _| {
                check_in.class = pda::registry::class(CLASS_COMMUNITY)
            })
        }),
        refusal("another hour's page", E::WrongPage, |world| {
            world.open_page(1);
            crossed(world, |check_in, _| check_in.page = pda::emission::page(1))
        }),
        refusal("a page two ahead", E::PageTooEarly, |world| {
            let open = OpenPage {
                payer: world.authority.pubkey_of(),
                page: pda::emission::page(2),
                index: 2,
            };
            send(world, open.instruction())
        }),
        refusal("nothing is over", E::NothingToClose, |world| {
            let close = world.close_ix(1).instruction();
            send(world, close)
        }),
        refusal("a mint that is not IO", E::WrongMint, |world| {
            let supplier = eligible(world);
            let mut claim = world.claim_ix(&supplier);
            claim.io_mint = world.mint(&supplier.owner, 8);
            send(world, claim.instruction())
        }),
        refusal("to somebody else", E::WrongRecipient, |world| {
            let (one, two) = (eligible(world), eligible(world));
            let mut claim = world.claim_ix(&one);
            claim.owner_token = two.owner_token;
            send(world, claim.instruction())
        }),
        refusal("elsewhere by a stranger", E::NotAssociated, |world| {
            let supplier = eligible(world);
            let mut claim = world.claim_ix(&supplier);
            claim.associated = pda::token::config();
            send(world, claim.instruction())
        }),
        refusal("nothing is booked", E::NothingToClaim, |world| {
            let supplier = eligible(world);
            let claim = world.claim_ix(&supplier).instruction();
            send(world, claim)
        }),
        refusal("nothing is minted", E::NotMintedYet, |world| {
            let supplier = eligible(world);
            world.check_in(&supplier);
            world.set_time(GENESIS_TS + 3_600);
            world.close_hours(1);
            world.govern(world.settle_rewards_ix(&supplier, 0).instruction());
            let claim = world.claim_ix(&supplier).instruction();
            send(world, claim)
        }),
        refusal("nothing is shared out", E::NothingDue, |world| {
            world.set_time(GENESIS_TS + 3_600);
            world.close_hours(1);
            let mint = world.mint_due_ix().instruction();
            send(world, mint)
        }),
        refusal("the hour still runs", E::HoursNotClosed, |world| {
            let supplier = eligible(world);
            world.check_in(&supplier);
            let settle = world.settle_rewards_ix(&supplier, 0).instruction();
            send(world, settle)
        }),
        refusal("the page of other hours", E::PageMissing, |world| {
            let supplier = eligible(world);
            world.check_in(&supplier);
            world.set_time(GENESIS_TS + 3_600);
            world.close_hours(1);
            world.open_page(1);
            let settle = world.settle_rewards_ix(&supplier, 1).instruction();
            send(world, settle)
        }),
    ]
}

/// A device whose co-staker of now is not the one that the rewards are booked for, with what that one has pending or booked.
fn succeeded(world: &mut World, change: impl FnOnce(&mut DeviceRewards)) -> Outcome {
    let supplier = eligible(world);
    let co = world.co_staker();
    world.co_stake(&supplier, &co, 1_000_000, 5_000);
    let former = world.address();
    world.edit::<DeviceRewards>(&supplier.rewards, |rewards| {
        rewards.co_staker = former;
        change(rewards);
    });
    let check_in = world.check_in_ix(&supplier).instruction();
    send(world, check_in)
}

fn co_staker_errors() -> Vec<Case> {
    vec![
        refusal(
            "two former co-stakers are not paid",
            E::CoRewardsUnclaimed,
            |world| {
                succeeded(world, |rewards| {
                    (rewards.co_booked_units, rewards.former_booked_units) = (1, 1);
                })
            },
        ),
        refusal(
            "a former co-staker's hours are not closed",
            E::CoHoursPending,
            |world| {
                world.set_time(GENESIS_TS + 3_600);
                succeeded(world, |rewards| {
                    (rewards.pending_count, rewards.last_hour) = (1, 1);
                    rewards.pending[0].hour = 1;
                    rewards.pending[0].co_share_bps = 1;
                })
            },
        ),
        refusal(
            "a co-staker's share to the owner",
            E::WrongRecipient,
            |world| {
                let supplier = eligible(world);
                let co = world.co_staker();
                world.co_stake(&supplier, &co, 1_000_000, 5_000);
                world.govern(world.check_in_ix(&supplier).instruction());
                let claim = world.claim_co_ix(&supplier, &supplier.owner_token);
                send(world, claim.instruction())
            },
        ),
        refusal("nothing for the co-staker", E::NothingToClaim, |world| {
            let supplier = eligible(world);
            let co = world.co_staker();
            world.co_stake(&supplier, &co, 1_000_000, 5_000);
            world.govern(world.check_in_ix(&supplier).instruction());
            let claim = world.claim_co_ix(&supplier, &co.token);
            send(world, claim.instruction())
        }),
    ]
}

fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&emission::ID),
        io_mint: world.io,
        args: ConfigArgs {
            min_age_secs: 2_592_000,
            min_uptime_hours: 24,
            exempt_hours: 168,
            max_per_score_units: 1_000_000,
        },
    }
}

fn initialized_with(world: &mut World, change: impl FnOnce(&mut ConfigArgs)) -> Outcome {
    let mut first = initialize(world);
    change(&mut first.args);
    send(world, first.instruction())
}

fn initial_errors() -> Vec<Case> {
    vec![
        refusal("a stranger initialises", E::NotUpgradeAuthority, |world| {
            let stranger = world.wallet();
            let mut first = initialize(world);
            first.authority = stranger.pubkey_of();
            world.send(&[first.instruction()], &[&stranger])
        }),
        refusal("an age above 30 days", E::OutOfBounds, |world| {
            initialized_with(world, |args| args.min_age_secs = 2_592_001)
        }),
        refusal("25 hours of uptime", E::OutOfBounds, |world| {
            initialized_with(world, |args| args.min_uptime_hours = 25)
        }),
        refusal("an exemption below a day", E::OutOfBounds, |world| {
            initialized_with(world, |args| args.exempt_hours = 23)
        }),
        refusal("an exemption above a week", E::OutOfBounds, |world| {
            initialized_with(world, |args| args.exempt_hours = 169)
        }),
        refusal("a point worth nothing", E::OutOfBounds, |world| {
            initialized_with(world, |args| args.max_per_score_units = 99)
        }),
        refusal("a point worth an hour", E::OutOfBounds, |world| {
            initialized_with(world, |args| args.max_per_score_units = 1_000_001)
        }),
        refusal("a mint of one's own", E::WrongMint, |world| {
            let authority = world.authority.insecure_clone();
            let mut first = initialize(world);
            first.io_mint = world.mint(&authority, 8);
            send(world, first.instruction())
        }),
    ]
}

#[test]
fn every_error_has_its_refusal() {
    let world = World::ready();
    let mut all = eligibility::errors();
    all.extend(co_staker_errors());
    all.extend(account_errors());
    all.push(refusal(
        "a stranger sets the age",
        E::NotAuthority,
        |world| {
            let stranger = world.wallet();
            let set = SetParameter {
                authority: stranger.pubkey_of(),
                id: ParameterId::MinAgeSecs,
                value: 0,
            };
            world.send(&[set.instruction()], &[&stranger])
        },
    ));
    cases::run(&world, &all);
    let mut bare = World::new();
    bare.init_token();
    let first = initial_errors();
    cases::run(&bare, &first);
    all.extend(first);
    let tier = (E::NoConnectivity, "every device has tier 1 at least");
    cases::cover(E::from_code, &all, &[tier]);
    for args in [
        initialize(&bare).args,
        ConfigArgs {
            min_age_secs: 0,
            min_uptime_hours: 0,
            exempt_hours: 24,
            max_per_score_units: 100,
        },
        emission_args(),
    ] {
        let mut bare = bare.clone();
        let within = Initialize {
            args,
            ..initialize(&bare)
        };
        bare.govern(within.instruction());
    }
}
