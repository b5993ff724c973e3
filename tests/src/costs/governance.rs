//! The instructions that every config has.

use iog_client::{emission, market, registry, staking, token, treasury};

use crate::world::PubkeyOf;
use crate::World;

const DAY: i64 = 86_400;

/// The governance of one program: its authority changes hands and comes back.
macro_rules! govern {
    ($world:ident, $successor:ident, $module:ident) => {{
        use $module::instructions::{
            AcceptAuthority, CancelAuthority, Pause, ProposeAuthority, Resume, SetGuardian,
        };
        let keeper = $world.authority.insecure_clone();
        let (authority, successor) = (keeper.pubkey_of(), $successor.pubkey_of());
        let propose = |authority, successor| ProposeAuthority {
            authority,
            successor,
        };
        $world.govern(propose(authority, successor).instruction());
        $world.govern(CancelAuthority { authority }.instruction());
        $world.govern(propose(authority, successor).instruction());
        let accept = AcceptAuthority { signer: successor };
        $world.must(accept.instruction(), &[$successor]);
        let back = propose(successor, authority).instruction();
        $world.must(back, &[$successor]);
        $world.govern(AcceptAuthority { signer: authority }.instruction());
        let guardian = successor;
        let set = SetGuardian {
            authority,
            guardian,
        };
        $world.govern(set.instruction());
        let pause = Pause {
            signer: guardian,
            actions: 1,
        };
        $world.must(pause.instruction(), &[$successor]);
        let actions = 1;
        $world.govern(Resume { authority, actions }.instruction());
    }};
    ($world:ident, $module:ident, $id:ident, $value:expr) => {{
        use $module::instructions::{ApplyParameter, SetParameter};
        let (authority, id) = ($world.authority.pubkey_of(), $module::ParameterId::$id);
        let set = SetParameter {
            authority,
            id: id.clone(),
            value: $value,
        };
        $world.govern(set.instruction());
        $world.advance(DAY);
        $world.govern(ApplyParameter { id }.instruction());
    }};
}

pub fn govern(world: &mut World) {
    let successor = &world.wallet();
    govern!(world, successor, emission);
    govern!(world, successor, market);
    govern!(world, successor, registry);
    govern!(world, successor, staking);
    govern!(world, successor, token);
    govern!(world, successor, treasury);
    govern!(world, emission, MinAgeSecs, 100_000);
    govern!(world, market, NetworkFeeBps, 100);
    govern!(world, registry, WindowSpreadSecs, 900);
    govern!(world, staking, CaseCapBps, 2_000);
    govern!(world, token, NetEmissionCapPerHour, u64::pow(10, 14));
    govern!(world, treasury, PremiumBps, 1_000);
}
