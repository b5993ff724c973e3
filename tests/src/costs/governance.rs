//! The instructions that every config has.

use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::instructions::{
    ApplyMeasurer, ApplyRole, DropClassTerms, DropMeasurer, DropRole, ScheduleClass, SetMeasurer,
    SetRole,
};
use iog_client::registry::{ClassTerms, RegistryRole};
use iog_client::{emission, market, pda, registry, staking, token, treasury};

use crate::world::{PubkeyOf, CLASS_TEST};
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
        use $module::instructions::{ApplyParameter, DropParameter, SetParameter};
        let (authority, id) = ($world.authority.pubkey_of(), $module::ParameterId::$id);
        let set = SetParameter {
            authority,
            id: id.clone(),
            value: $value,
        };
        $world.govern(set.instruction());
        let drop = DropParameter {
            signer: authority,
            id: id.clone(),
        };
        $world.govern(drop.instruction());
        $world.govern(set.instruction());
        // The authority changed hands twice in this second, and a change counts from later than that.
        $world.advance(DAY + 2);
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
    govern!(world, registry, WindowSpreadSecs, 500);
    govern!(world, staking, CaseCapBps, 2_000);
    govern!(world, token, NetEmissionCapPerHour, u64::pow(10, 14));
    govern!(world, treasury, PremiumBps, 1_000);
    name(world);
}

/// The registry's roles and a class's terms: named, dropped, named again and given.
fn name(world: &mut World) {
    let (authority, class) = (
        world.authority.pubkey_of(),
        pda::registry::class(CLASS_TEST),
    );
    let (role, index, key) = (RegistryRole::CatalogAuthority, 8, world.address());
    let set_role = SetRole {
        authority,
        role: role.clone(),
        key,
    };
    let drop_role = DropRole {
        signer: authority,
        role: role.clone(),
    };
    let set_measurer = SetMeasurer {
        authority,
        index,
        key,
    };
    let drop_measurer = DropMeasurer {
        signer: authority,
        index,
    };
    let present = world.read::<HardwareClass>(&class);
    let schedule = ScheduleClass {
        authority,
        class,
        terms: ClassTerms {
            multiplier_x100: present.multiplier_x100,
            proof_valid_hours: present.proof_valid_hours,
            rows: present.rows,
            tiles: present.tiles,
            waves: present.waves,
            commit_slots: present.commit_slots,
            reveal_slots: 301,
            max_cards: present.max_cards,
        },
    };
    let drop_terms = DropClassTerms {
        signer: authority,
        class,
    };
    for instruction in [
        set_role.instruction(),
        drop_role.instruction(),
        set_role.instruction(),
        set_measurer.instruction(),
        drop_measurer.instruction(),
        set_measurer.instruction(),
        schedule.instruction(),
        drop_terms.instruction(),
    ] {
        world.govern(instruction);
    }
    world.advance(DAY + 2);
    world.govern(ApplyRole { role }.instruction());
    world.govern(ApplyMeasurer { index }.instruction());
}
