//! How each state is reached, from a device without a stake.

use iog_client::pda;
use iog_client::staking::accounts::Config;
use iog_tests::world::{Court, CLASS_TEST};
use iog_tests::World;
use solana_keypair::Keypair;

use crate::stage::{Stage, COOL_DOWN, IO, SHARE, WAIT};

const MONTH: i64 = 2_592_000;
/// To uphold takes three days from the appeal on.
const UPHOLD_AFTER: i64 = 259_200;
/// More than the minimum, and a co-staker's part.
const OWN: u64 = 300 * IO;
const CO: u64 = 100 * IO;

#[derive(Clone)]
pub struct Life {
    pub stage: Stage,
    pub court: Court,
}

type Prepare = fn(&mut Life);

pub const ALL: [(&str, Prepare); 36] = [
    ("none", |_| {}),
    ("half staked", |life| life.stake(100 * IO)),
    ("staked", |life| life.stake(OWN)),
    ("offered", Life::offered),
    ("offered, unstaking", |life| {
        life.offered();
        life.stage.request();
    }),
    ("offered, and staked anew", |life| {
        life.offered();
        life.stage.request();
        life.pass(COOL_DOWN);
        life.own_out();
        life.stake(OWN);
    }),
    ("co-staked", Life::co_staked),
    ("co-leaving, in the wait", Life::leaving),
    ("co-leaving, in the cool-down", |life| {
        life.leaving();
        life.pass(WAIT);
    }),
    ("co-unlocked", Life::co_unlocked),
    ("co-staker gone", |life| {
        life.co_unlocked();
        life.co_out();
    }),
    ("unstaking", |life| {
        life.stake(OWN);
        life.stage.request();
    }),
    ("unlocked", |life| {
        life.stake(OWN);
        life.stage.request();
        life.pass(COOL_DOWN);
    }),
    ("closed", |life| {
        life.stake(OWN);
        life.stage.request();
        life.pass(COOL_DOWN);
        life.own_out();
    }),
    ("co-staked, unstaking", Life::unstaking),
    ("co-leaving, unstaking", |life| {
        life.leaving();
        life.stage.request();
    }),
    ("co-leaving, unlocked", |life| {
        life.leaving();
        life.stage.request();
        life.pass(COOL_DOWN);
    }),
    ("co-staked, unlocked", Life::unlocked),
    ("co-staked, owner gone", |life| {
        life.unlocked();
        life.own_out();
    }),
    ("co-staker gone, unlocked", |life| {
        life.unlocked();
        life.co_out();
    }),
    ("case open", |life| life.case(Life::co_staked)),
    ("case appealed", |life| life.appealed()),
    ("case upheld", |life| life.resolved(true)),
    ("case upheld, lapsed", |life| {
        life.resolved(true);
        life.pass(MONTH);
    }),
    ("case rejected", |life| life.resolved(false)),
    ("case withdrawn", |life| {
        life.case(Life::co_staked);
        let case = pda::staking::slash_case(0);
        let slasher = &life.court.slasher;
        let withdraw = life.stage.world.withdraw_case_ix(slasher, &case);
        life.stage.world.must(withdraw.instruction(), &[slasher]);
    }),
    ("case appealed, three days ago", |life| {
        life.appealed();
        life.pass(UPHOLD_AFTER);
    }),
    ("case due", |life| {
        life.case(Life::co_staked);
        life.pass(MONTH);
    }),
    ("case lapsed", |life| {
        life.case(Life::co_staked);
        life.pass(2 * MONTH);
    }),
    ("appeal lapsed", |life| {
        life.appealed();
        life.pass(MONTH);
    }),
    ("unlocked, case open", |life| life.case(Life::unlocked)),
    ("out but for what the case holds", Life::held),
    ("out, and the case finalised", |life| {
        life.held();
        life.pass(MONTH);
        let case = pda::staking::slash_case(0);
        let Stage { world, one, .. } = &mut life.stage;
        let close = world.finalize_slash_ix(one, &case).instruction();
        world.govern(close);
    }),
    ("slashed whole", Life::slashed_whole),
    ("slashed whole, unlocked", |life| {
        life.slashed_whole();
        life.stage.request();
        life.pass(COOL_DOWN);
    }),
    ("co-staked, slashed whole, owner unlocked", |life| {
        life.widest_caps();
        life.co_staked();
        life.slash_all();
        life.stage.request();
        life.pass(COOL_DOWN);
    }),
];

impl Life {
    pub fn new() -> Self {
        let mut world = World::ready();
        let one = world.registered(CLASS_TEST, 1);
        let co = world.co_staker();
        let court = world.court();
        Self {
            stage: Stage { world, one, co },
            court,
        }
    }

    fn stake(&mut self, amount: u64) {
        self.stage.world.stake(&self.stage.one, amount);
    }

    fn offered(&mut self) {
        self.stake(OWN);
        let offer = self.stage.world.offer_ix(&self.stage.one, IO, SHARE);
        self.stage.owner_does(offer.instruction());
    }

    fn co_staked(&mut self) {
        self.stake(OWN);
        let Stage { world, one, co } = &mut self.stage;
        world.co_stake(one, co, CO, SHARE);
    }

    fn leaving(&mut self) {
        self.co_staked();
        self.stage.leave();
    }

    fn co_unlocked(&mut self) {
        self.leaving();
        self.pass(WAIT + COOL_DOWN);
    }

    fn unstaking(&mut self) {
        self.co_staked();
        self.stage.request();
    }

    fn unlocked(&mut self) {
        self.unstaking();
        self.pass(COOL_DOWN);
    }

    /// A case of a tenth: 40 IO, of which 10 are the co-staker's.
    fn case(&mut self, before: fn(&mut Self)) {
        before(self);
        let Stage { world, one, .. } = &mut self.stage;
        world.propose_slash(&self.court, one, 40 * IO);
    }

    fn appealed(&mut self) {
        self.case(Self::co_staked);
        let case = pda::staking::slash_case(0);
        let one = self.stage.one.clone();
        let appeal = self.stage.world.appeal_ix(&one.owner, &one, &case);
        self.stage.owner_does(appeal.instruction());
    }

    fn resolved(&mut self, upheld: bool) {
        self.appealed();
        if upheld {
            self.pass(UPHOLD_AFTER);
        }
        let case = pda::staking::slash_case(0);
        let resolve = self.stage.world.resolve_ix(&self.court, &case, upheld);
        let judge: &Keypair = &self.court.judge;
        self.stage.world.must(resolve.instruction(), &[judge]);
    }

    fn held(&mut self) {
        self.case(Self::unlocked);
        self.own_out();
        self.co_out();
    }

    fn slashed_whole(&mut self) {
        self.widest_caps();
        self.stake(OWN);
        self.slash_all();
    }

    /// Whoever stakes from now on is under them.
    fn widest_caps(&mut self) {
        let world = &mut self.stage.world;
        world.edit::<Config>(&pda::staking::config(), |config| {
            config.case_cap_bps.value = 5_000;
            config.month_cap_bps.value = 10_000;
        });
    }

    /// Two cases of half each, which no caps but the widest allow.
    fn slash_all(&mut self) {
        let Stage { world, one, .. } = &mut self.stage;
        let stake = world.device_stake(one);
        let half = (stake.amount_units + stake.co_amount_units) / 2;
        let cases = [(); 2].map(|()| world.propose_slash(&self.court, one, half));
        self.pass(MONTH);
        for case in cases {
            let Stage { world, one, .. } = &mut self.stage;
            let close = world.finalize_slash_ix(one, &case).instruction();
            world.govern(close);
        }
    }

    fn own_out(&mut self) {
        let out = self.stage.withdraw_ix();
        self.stage.owner_does(out);
    }

    fn co_out(&mut self) {
        let out = self.stage.withdraw_co_ix();
        self.stage.world.govern(out);
    }

    fn pass(&mut self, secs: i64) {
        let now = self.stage.world.now();
        self.stage.world.set_time(now + secs);
    }
}
