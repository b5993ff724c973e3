//! What a cluster's ranks follow from.

use iog_math::cluster::{rank_span, world_size, Machines};

fn part(gpus: u32, matched: u32, per_machine: u32) -> Machines {
    Machines {
        gpus,
        matched,
        per_machine,
    }
}

fn places(taken: &[usize]) -> [u8; 32] {
    let mut places = [0; 32];
    for place in taken {
        places[place / 8] |= 1 << (place % 8);
    }
    places
}

/// redteam mesh M3: whichever machine drops out, and is missing, the size stays.
#[test]
fn the_size_does_not_change_when_one_drops_out() {
    let machines = [8, 4, 1, 1, 2];
    let all: Vec<usize> = (0..machines.len()).collect();
    assert_eq!(world_size(&places(&all), &[part(16, 16, 0)]), 5);
    for (gone, gpus) in machines.iter().enumerate() {
        let left: Vec<usize> = all.iter().copied().filter(|place| *place != gone).collect();
        let matched = 16 - gpus;
        assert_eq!(
            world_size(&places(&left), &[part(16, matched, 0)]),
            5,
            "{gone}"
        );
    }
    // Of whole machines any number, the highest included.
    for left in [&[0, 1, 2, 3][..], &[0, 3], &[1], &[0, 1]] {
        let matched = 8 * u32::try_from(left.len()).unwrap();
        assert_eq!(
            world_size(&places(left), &[part(32, matched, 8)]),
            4,
            "{left:?}"
        );
    }
    // What is given back is not missing: the highest of four, then one below others, whose ranks stay.
    assert_eq!(world_size(&places(&[0, 1, 2]), &[part(24, 24, 8)]), 3);
    assert_eq!(world_size(&places(&[0, 2]), &[part(16, 16, 8)]), 3);
    // Parts, the second one's two machines missing, and beyond the first byte.
    let parts = [part(4, 4, 0), part(16, 0, 8)];
    assert_eq!(world_size(&places(&[0, 1, 2, 3]), &parts), 6);
    let many: Vec<usize> = (0..256).collect();
    assert_eq!(world_size(&places(&many), &[part(256, 256, 1)]), 256);
    assert_eq!(world_size(&[0; 32], &[]), 0);
}

#[test]
fn a_joining_order_leaves_room_for_every_machine_that_may_come() {
    assert_eq!(rank_span(&places(&[0]), &[part(8, 8, 0)]), 8);
    assert_eq!(rank_span(&places(&[0]), &[part(8, 8, 8)]), 1);
    assert_eq!(rank_span(&[0; 32], &[part(16, 0, 8), part(3, 0, 0)]), 5);
    assert_eq!(rank_span(&[0; 32], &[part(4_096, 0, 0)]), 256);
    // Machines that were given back below one that stays.
    assert_eq!(rank_span(&places(&[6]), &[part(8, 8, 8)]), 7);
}
