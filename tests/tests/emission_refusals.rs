//! What the emission refuses: each of its errors, and every wrong account.

use iog_client::emission::accounts::LedgerPage;
use iog_client::emission::instructions::{
    CheckIn, Claim, CloseHour, Initialize, OpenPage, OpenRewards, SetParameter, Settle,
};
use iog_client::emission::{EmissionError as E, ParameterId};
use iog_client::registry::accounts::Device;
use iog_client::registry::instructions::SetDeviceState;
use iog_client::{emission, pda};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{class_args, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS};
use iog_tests::{cases, refusal, Case, Outcome, Supplier, World};
use solana_instruction::Instruction;

fn aged(world: &mut World) -> Supplier {
    let supplier = world.supplier(CLASS_TEST);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    world.mark_passed(&supplier);
    supplier
}

fn send(world: &mut World, instruction: Instruction) -> Outcome {
    let anyone = world.authority.insecure_clone();
    world.send(&[instruction], &[&anyone])
}

/// Checks a device in after something was changed.
fn checking_in(world: &mut World, change: impl FnOnce(&mut World, &Supplier)) -> Outcome {
    let supplier = aged(world);
    change(world, &supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    send(world, check_in)
}

/// A check-in with one wrong account, taken from another supplier.
fn crossed(world: &mut World, change: impl FnOnce(&mut CheckIn, &Supplier)) -> Outcome {
    let (one, two) = (aged(world), aged(world));
    let mut check_in = world.check_in_ix(&one);
    change(&mut check_in, &two);
    send(world, check_in.instruction())
}

fn unproved(world: &mut World) -> Supplier {
    let supplier = aged(world);
    world.edit::<Device>(&supplier.device, |device| device.last_pass_epoch = 0);
    supplier
}

fn fail(world: &mut World, supplier: &Supplier, bits: u64) {
    world.edit::<Device>(&supplier.device, |device| {
        (device.last_fail_epoch, device.fail_bits) = (1, bits);
    });
}

fn eligibility_errors() -> Vec<Case> {
    vec![
        refusal("a paused device", E::DeviceNotActive, |world| {
            checking_in(world, |world, supplier| {
                let pause = SetDeviceState {
                    owner: supplier.owner.pubkey_of(),
                    device: supplier.device,
                    state: 1,
                };
                world.must(pause.instruction(), &[&supplier.owner]);
            })
        }),
        refusal(
            "a class without multiplier",
            E::ClassEarnsNothing,
            |world| {
                checking_in(world, |world, _| {
                    let mut class = class_args(CLASS_TEST);
                    class.multiplier_x100 = 0;
                    world.update_class(class);
                })
            },
        ),
        refusal("no tier", E::NoConnectivity, |world| {
            checking_in(world, |world, supplier| world.set_tier(supplier, 0))
        }),
        refusal("no proof", E::NoProofOfWork, |world| {
            checking_in(world, |world, supplier| {
                world.edit::<Device>(&supplier.device, |device| device.last_pass_epoch = 0);
            })
        }),
        refusal("the proof of the hour before", E::NoProofOfWork, |world| {
            checking_in(world, |world, _| world.set_time(GENESIS_TS + 3_600))
        }),
        refusal("a stake on its way out", E::NotStaked, |world| {
            checking_in(world, |world, supplier| {
                let request = world.unstake_ix(supplier).instruction();
                world.must(request, &[&supplier.owner]);
            })
        }),
        refusal("a stake below a raised minimum", E::NotStaked, |world| {
            checking_in(world, |world, _| {
                let mut class = class_args(CLASS_TEST);
                class.multiplier_x100 = 101;
                world.update_class(class);
            })
        }),
        refusal(
            "four failures in twelve hours",
            E::TooManyFailures,
            |world| {
                checking_in(world, |world, supplier| {
                    fail(world, supplier, 0b1000_0000_0111)
                })
            },
        ),
        refusal("a second too young", E::TooNew, |world| {
            checking_in(world, |world, supplier| {
                world.edit::<Device>(&supplier.device, |device| {
                    device.registered_ts = GENESIS_TS - 43_199;
                });
            })
        }),
        refusal("before the start", E::BeforeGenesis, |world| {
            let supplier = aged(world);
            let check_in = world.check_in_ix(&supplier).instruction();
            world.set_time(GENESIS_TS - 1);
            send(world, check_in)
        }),
        refusal("twice in an hour", E::AlreadyCheckedIn, |world| {
            checking_in(world, |world, supplier| {
                world.check_in(supplier);
                world.set_time(GENESIS_TS + 3_599);
            })
        }),
        refusal("a total beyond 64 bits", E::MathOverflow, |world| {
            checking_in(world, |world, _| {
                let page = pda::emission::page(0);
                world.edit::<LedgerPage>(&page, |page| {
                    page.hours[0].enterprise.total_score = u64::MAX;
                });
            })
        }),
    ]
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
                let one = aged(world);
                let renter = world.renter();
                world.running(&renter, 1, 1, &[&one]);
                let mut check_in = world.check_in_ix(&one);
                (check_in.lease, check_in.order) = (None, None);
                send(world, check_in.instruction())
            },
        ),
        refusal("another device's running lease", E::WrongLease, |world| {
            let (one, two) = (aged(world), aged(world));
            let renter = world.renter();
            world.running(&renter, 1, 1, &[&one]);
            world.running(&renter, 2, 1, &[&two]);
            let mut check_in = world.check_in_ix(&one);
            let other = world.check_in_ix(&two);
            (check_in.lease, check_in.order) = (other.lease, other.order);
            send(world, check_in.instruction())
        }),
        refusal("another order than the lease's", E::WrongLease, |world| {
            let (one, two) = (aged(world), aged(world));
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
                let (one, two) = (aged(world), aged(world));
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
                let supplier = aged(world);
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
            let supplier = aged(world);
            let mut claim = world.claim_ix(&supplier);
            claim.io_mint = world.mint(&supplier.owner, 8);
            send(world, claim.instruction())
        }),
        refusal("to somebody else", E::WrongRecipient, |world| {
            let (one, two) = (aged(world), aged(world));
            let mut claim = world.claim_ix(&one);
            claim.owner_token = two.owner_token;
            send(world, claim.instruction())
        }),
        refusal("nothing is booked", E::NothingToClaim, |world| {
            let supplier = aged(world);
            let claim = world.claim_ix(&supplier).instruction();
            send(world, claim)
        }),
        refusal("the hour still runs", E::HoursNotClosed, |world| {
            let supplier = aged(world);
            world.check_in(&supplier);
            let settle = world.settle_rewards_ix(&supplier, 0).instruction();
            send(world, settle)
        }),
        refusal("the page of other hours", E::PageMissing, |world| {
            let supplier = aged(world);
            world.check_in(&supplier);
            world.set_time(GENESIS_TS + 3_600);
            world.close_hours(1);
            world.open_page(1);
            let settle = world.settle_rewards_ix(&supplier, 1).instruction();
            send(world, settle)
        }),
    ]
}

fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&emission::ID),
        io_mint: world.io,
        min_age_secs: 2_592_000,
    }
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
            let mut first = initialize(world);
            first.min_age_secs = 2_592_001;
            send(world, first.instruction())
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
    let mut all = eligibility_errors();
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
    cases::cover(E::from_code, &all, &[]);
    let at_the_bound = initialize(&bare).instruction();
    bare.govern(at_the_bound);
}

#[test]
fn three_failures_and_exactly_twelve_hours_of_age_are_eligible() {
    let world = World::ready();
    for bits in [0b111, 0b1_0000_0000_0111] {
        let outcome = checking_in(&mut world.clone(), |w, s| fail(w, s, bits));
        assert!(outcome.is_ok(), "{bits:b}: {outcome:?}");
    }
}

const OWNED: &str = "only its own program creates such an account, at one address";
const ANY: &str = "any account of the recipient's will do";

#[test]
fn every_kind_of_wrong_account_in_every_place() {
    let mut world = World::ready();
    let supplier = aged(&mut world);
    let anyone = world.wallet();
    let fresh = world.registered(CLASS_TEST, 1);
    let open = OpenRewards {
        payer: anyone.pubkey_of(),
        device: fresh.device,
        rewards: fresh.rewards,
    };
    sweep::refused(&world, &open.instruction(), &[&anyone], &[]);
    let open = OpenPage {
        payer: anyone.pubkey_of(),
        page: pda::emission::page(1),
        index: 1,
    };
    sweep::refused(&world, &open.instruction(), &[&anyone], &[]);
    let check_in = world.check_in_ix(&supplier).instruction();
    let harmless = [
        (CheckIn::PAGE, Wrong::Copy, OWNED),
        (CheckIn::REWARDS, Wrong::Copy, OWNED),
        (CheckIn::STAKE, Wrong::Copy, OWNED),
    ];
    sweep::refused(&world, &check_in, &[], &harmless);
    world.govern(check_in);
    world.set_time(GENESIS_TS + 3_600);
    let close = world.close_ix(1).instruction();
    sweep::refused(
        &world,
        &close,
        &[],
        &[(CloseHour::PAGE, Wrong::Copy, OWNED)],
    );
    world.govern(close);
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    let harmless = [
        (Settle::PAGE, Wrong::Copy, OWNED),
        (Settle::REWARDS, Wrong::Copy, OWNED),
    ];
    sweep::refused(&world, &settle, &[], &harmless);
    world.govern(settle);
    let claim = world.claim_ix(&supplier).instruction();
    let harmless = [
        (Claim::OWNER_TOKEN, Wrong::Copy, ANY),
        (Claim::REWARDS, Wrong::Copy, OWNED),
    ];
    sweep::refused(&world, &claim, &[], &harmless);
}
