//! One parameter in a world of its own.

use super::limits::{limits, Limit, Said, State};
use super::programs::{programs, Program};
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::{Code, Meta, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

/// A world and one of its parameters, which is half way between its bounds.
pub struct Case {
    pub world: World,
    pub program: Program,
    pub limit: Limit,
    pub authority: Keypair,
    pub middle: u64,
}

/// Each parameter in a world of its own.
pub fn cases() -> Vec<Case> {
    let world = World::ready();
    let case = |limit: Limit| {
        let mut world = world.clone();
        let middle = limit.min + (limit.max - limit.min) / 2;
        let state = State {
            value: middle,
            pending: 0,
            pending_ts: 0,
        };
        (limit.write)(&mut world, state);
        let program = programs()
            .into_iter()
            .find(|program| program.name == limit.program)
            .expect("a program of the table");
        Case {
            authority: world.authority.insecure_clone(),
            world,
            program,
            limit,
            middle,
        }
    };
    limits().into_iter().map(case).collect()
}

impl Case {
    pub fn name(&self) -> String {
        format!("{} of {}", self.limit.name, self.limit.program)
    }

    pub fn state(&self) -> State {
        (self.limit.read)(&self.world)
    }

    fn one(&self, meta: &Meta) -> Said {
        let said: Vec<Said> = meta.events.iter().filter_map(self.limit.said).collect();
        assert_eq!((meta.events.len(), said.len()), (1, 1), "{}", self.name());
        said[0]
    }

    /// The authority sets a value.
    #[track_caller]
    pub fn set(&mut self, value: u64) -> Said {
        let set = (self.limit.set)(self.authority.pubkey_of(), value);
        let outcome = self.world.send(&[set], &[&self.authority]);
        let meta = outcome.unwrap_or_else(|failure| panic!("{}: {failure:?}", self.name()));
        self.one(&meta)
    }

    /// Anyone applies what waits.
    #[track_caller]
    pub fn apply(&mut self) -> Said {
        let anyone = self.world.wallet();
        let outcome = self.world.send(&[(self.limit.apply)()], &[&anyone]);
        let meta = outcome.unwrap_or_else(|failure| panic!("{}: {failure:?}", self.name()));
        self.one(&meta)
    }

    /// Guardian or authority drops what waits.
    #[track_caller]
    pub fn drops(&mut self, by: &Keypair) -> Said {
        let drop = (self.limit.drop)(by.pubkey_of());
        let outcome = self.world.send(&[drop], &[by]);
        let meta = outcome.unwrap_or_else(|failure| panic!("{}: {failure:?}", self.name()));
        self.one(&meta)
    }

    /// What must be refused with this code and change nothing.
    #[track_caller]
    pub fn refuses(&mut self, code: &Code, instruction: Instruction, key: &Keypair) {
        let before = self.world.account(&self.program.config);
        expect_code(self.world.send(&[instruction], &[key]), code.clone());
        assert_eq!(self.world.account(&self.program.config), before);
    }

    #[track_caller]
    pub fn refuses_set(&mut self, code: &Code, value: u64) {
        let set = (self.limit.set)(self.authority.pubkey_of(), value);
        let authority = self.authority.insecure_clone();
        self.refuses(code, set, &authority);
    }

    #[track_caller]
    pub fn refuses_apply(&mut self, code: &Code) {
        let anyone = self.world.wallet();
        self.refuses(code, (self.limit.apply)(), &anyone);
    }
}
