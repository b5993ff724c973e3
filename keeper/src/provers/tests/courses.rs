//! How walks go: side by side, one after another, again.

use super::*;
use iog_pow_gpu::Backend;

#[tokio::test]
async fn a_walk_over_several_cards_comes_to_one_commit() {
    let stand = Stand::new();
    let walk = walk(Pubkey::new_unique(), SEED, &[4, 5, 6]);
    let commit = walked(&stand.provers, &walk).await;
    assert_eq!(commit, direct(&walk).0);
    assert_eq!(counted(&stand.provers, "walks", "done"), 1);
    assert_eq!(counted(&stand.provers, "proof_files", "kept"), 1);
    assert_eq!(stand.files(), [format!("{}.walk", walk.device)]);
}

/// audit: proof L-4
#[tokio::test]
async fn devices_of_other_cards_walk_at_the_same_time() {
    let stand = Stand::new();
    stand.cards.halted.store(true, Ordering::SeqCst);
    let devices = [Pubkey::new_unique(), Pubkey::new_unique()];
    stand.provers.start(walk(devices[0], SEED, &[0, 1]));
    stand.provers.start(walk(devices[1], SEED, &[2, 3]));
    stand.until_filling(4).await;
    stand.cards.halted.store(false, Ordering::SeqCst);
    end(&stand.provers).await;
    for device in devices {
        assert!(stand.provers.view()[&device].commit().is_some());
    }
}

/// audit: proof L-4
#[tokio::test]
async fn devices_that_share_a_card_wait_for_each_other() {
    let stand = Stand::new();
    stand.cards.halted.store(true, Ordering::SeqCst);
    let devices = [Pubkey::new_unique(), Pubkey::new_unique()];
    for (device, cards) in devices.iter().zip([[0, 1], [1, 2]]) {
        stand.provers.start(walk(*device, SEED, &cards));
    }
    stand.until_filling(2).await;
    assert_eq!(stand.cards.most.load(Ordering::SeqCst), 2);
    stand.cards.halted.store(false, Ordering::SeqCst);
    end(&stand.provers).await;
    assert_eq!(stand.cards.most.load(Ordering::SeqCst), 2);
    for device in devices {
        assert!(stand.provers.view()[&device].commit().is_some());
    }
}

/// A proof is in nobody's way: whatever its threads do, how things stand is told, and memory asked back, at once.
#[tokio::test]
async fn nothing_waits_for_a_walk_but_who_asks_to() {
    let stand = Stand::new();
    stand.cards.halted.store(true, Ordering::SeqCst);
    let device = Pubkey::new_unique();
    stand.provers.start(walk(device, SEED, &[0]));
    stand.until_filling(1).await;
    assert_eq!(stage_of(&stand.provers, &device), Some(Stage::Walking));
    assert!(stand.provers.view()[&device].table);
    assert!(stand.provers.is_busy());
    assert!(stand
        .provers
        .open(ask(&walk(device, SEED, &[0]), [0; 16]))
        .is_err());
    // Given up, its thread ends by itself and frees the memory.
    stand.provers.release(&device);
    assert!(!stand.provers.is_busy());
    while stand.provers.view().contains_key(&device) {
        tokio::task::yield_now().await;
    }
    assert_eq!(stand.cards.filling.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_new_seed_replaces_the_old_walk() {
    let stand = Stand::new();
    let device = Pubkey::new_unique();
    stand.cards.halted.store(true, Ordering::SeqCst);
    stand.provers.start(walk(device, [1; 32], &[0]));
    stand.until_filling(1).await;
    stand.provers.start(walk(device, [2; 32], &[0]));
    stand.cards.halted.store(false, Ordering::SeqCst);
    end(&stand.provers).await;
    let view = &stand.provers.view()[&device];
    assert_eq!(view.seed, [2; 32]);
    assert!(view.commit().is_some());
}

/// Ends the pauses of the tests that wait for it.
static WAKE: Notify = Notify::const_new();

/// A table of 2 TB, which no machine of the tests has.
fn too_large(device: Pubkey, seed: [u8; 32]) -> Walk {
    Walk {
        shape: Shape::new(u32::MAX - 31, 1, 1, 1).unwrap(),
        ..walk(device, seed, &[0])
    }
}

#[tokio::test]
async fn a_walk_that_lacks_memory_is_tried_for_an_hour_and_then_fails() {
    let dir = tempfile::tempdir().unwrap();
    let provers = Provers {
        sleep: |_| Box::pin(tokio::task::yield_now()),
        ..on_the_cpu(dir.path())
    };
    let device = Pubkey::new_unique();
    provers.start(too_large(device, SEED));
    while stage_of(&provers, &device) != Some(Stage::Failed) {
        tokio::task::yield_now().await;
    }
    // As many times as there are pauses in an hour, and once more.
    assert_eq!(counted(&provers, "walks", "short_of_memory"), 15);
    assert_eq!(counted(&provers, "walks", "failed"), 1);
}

/// audit: proof L-4
#[tokio::test]
async fn a_walk_that_waits_for_memory_goes_on_when_a_table_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let provers = Provers {
        sleep: |_| Box::pin(WAKE.notified()),
        ..on_the_cpu(dir.path())
    };
    let device = Pubkey::new_unique();
    provers.start(too_large(device, [1; 32]));
    end(&provers).await;
    // Neither failed nor under way: a single pass ends, and another device may walk.
    assert_eq!(stage_of(&provers, &device), Some(Stage::Walking));
    let other = walk(Pubkey::new_unique(), [2; 32], &[0]);
    walked(&provers, &other).await;
    let tries = counted(&provers, "walks", "short_of_memory");
    provers.release(&other.device);
    while counted(&provers, "walks", "short_of_memory") == tries {
        tokio::task::yield_now().await;
    }
    // The next hour's walk takes its place; the old one wakes up and leaves it alone.
    walked(&provers, &walk(device, [3; 32], &[0])).await;
    WAKE.notify_waiters();
    tokio::task::yield_now().await;
    assert_eq!(provers.view()[&device].seed, [3; 32]);
    assert_eq!(counted(&provers, "walks", "failed"), 0);
}

#[tokio::test]
async fn a_card_that_fails_is_tried_again() {
    let stand = Stand::new();
    stand.cards.broken.store(true, Ordering::SeqCst);
    let provers = Provers {
        sleep: |_| Box::pin(WAKE_CARD.notified()),
        ..stand.provers.clone()
    };
    let device = Pubkey::new_unique();
    provers.start(walk(device, SEED, &[0, 1]));
    end(&provers).await;
    assert_eq!(counted(&provers, "walks", "device_failed"), 1);
    assert!(!provers.view()[&device].table);
    let trouble = provers.vitals.proof_trouble().unwrap();
    assert!(trouble.contains("it broke"), "{trouble}");
    stand.cards.broken.store(false, Ordering::SeqCst);
    while provers.view()[&device].commit().is_none() {
        WAKE_CARD.notify_waiters();
        tokio::task::yield_now().await;
    }
    assert_eq!(provers.vitals.proof_trouble(), None);
}

static WAKE_CARD: Notify = Notify::const_new();

#[tokio::test]
async fn what_is_walked_again_must_come_to_what_was_committed() {
    let stand = Stand::new();
    let provers = Provers {
        sleep: |_| Box::pin(tokio::task::yield_now()),
        ..stand.provers.clone()
    };
    let mut again = walk(Pubkey::new_unique(), SEED, &[0]);
    again.commit = Some([9; 16]);
    provers.start(again.clone());
    while stage_of(&provers, &again.device) != Some(Stage::Failed) {
        tokio::task::yield_now().await;
    }
    again.commit = Some(direct(&again).0);
    assert_eq!(Some(walked(&provers, &again).await), again.commit);
}

#[tokio::test]
async fn cards_that_are_not_there_fail_the_walk_and_are_named() {
    let stand = Stand::new();
    let device = Pubkey::new_unique();
    stand.provers.start(walk(device, SEED, &[7, 8]));
    end(&stand.provers).await;
    assert_eq!(stage_of(&stand.provers, &device), Some(Stage::Failed));
    let trouble = stand.provers.vitals.proof_trouble().unwrap();
    assert!(trouble.contains("no card 8"), "{trouble}");
}

#[tokio::test]
async fn a_backend_that_is_not_there_fails_the_walk_unless_the_cpu_may() {
    for fallback in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            backend: Backend::Cuda,
            fallback,
            ..Settings::default()
        };
        let provers = on(settings, dir.path());
        // No machine has a card of this number.
        let walk = walk(Pubkey::new_unique(), SEED, &[9_999]);
        provers.start(walk.clone());
        end(&provers).await;
        let view = &provers.view()[&walk.device];
        assert_eq!(view.commit().is_some(), fallback);
        assert_eq!(view.stage == Stage::Failed, !fallback);
        let fell_back = counted(&provers, "walks", "fell_back");
        assert_eq!(fell_back, u64::from(fallback));
    }
}

#[tokio::test]
async fn the_end_stops_what_is_under_way() {
    let stand = Stand::new();
    stand.cards.halted.store(true, Ordering::SeqCst);
    stand.provers.start(walk(Pubkey::new_unique(), SEED, &[0]));
    stand.until_filling(1).await;
    stand.provers.end().await;
    assert!(stand.provers.view().is_empty());
}
