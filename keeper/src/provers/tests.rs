use super::*;
use iog_pow::CpuProver;
use iog_pow_gpu::Backend;

fn provers(settings: Settings) -> Provers {
    Provers::new(settings, Arc::new(Vitals::new(5).unwrap()))
}

fn on_one_thread() -> Provers {
    provers(Settings {
        threads: 1,
        ..Settings::default()
    })
}

/// A table of 2 TB, which no machine of the tests has.
fn too_large() -> Shape {
    Shape::new(u32::MAX - 31, 1, 1).unwrap()
}

async fn end(provers: &Provers) {
    while provers.is_walking() {
        provers.next_end().await;
    }
}

fn counted(provers: &Provers, result: &str) -> bool {
    let line = format!("iog_keeper_walks_total{{result=\"{result}\"}}");
    provers.vitals.render().contains(&line)
}

#[tokio::test]
async fn a_walk_becomes_ready_and_opens() {
    let provers = on_one_thread();
    let (device, seed) = (Pubkey::new_unique(), [3; 32]);
    provers.start(device, seed, Shape::TEST);
    end(&provers).await;
    let mut direct = CpuProver::new(seed, Shape::TEST, 1);
    let roots = direct.commit().unwrap();
    assert_eq!(provers.view()[&device].roots.as_ref(), Some(&roots));
    assert!(counted(&provers, "done"));

    let pick = iog_pow::pick(&[5; 32], 0, &Shape::TEST);
    let opening = provers.open(&device, seed, pick).await.unwrap();
    assert_eq!(opening, direct.open(&pick).unwrap());
    assert!(provers.open(&device, [4; 32], pick).await.is_err());
    provers.forget(&device, &seed);
    assert!(provers.view().is_empty());
}

#[tokio::test]
async fn a_new_seed_replaces_the_old_walk() {
    let provers = on_one_thread();
    let device = Pubkey::new_unique();
    provers.start(device, [1; 32], Shape::TEST);
    provers.start(device, [2; 32], Shape::TEST);
    end(&provers).await;
    let view = &provers.view()[&device];
    assert_eq!(view.seed, [2; 32]);
    assert!(view.roots.is_some());
}

/// Ends the pauses of the tests that wait for it.
static WAKE: Notify = Notify::const_new();

/// As [`on_one_thread`], and pauses last until [`WAKE`].
fn asleep() -> Provers {
    Provers {
        sleep: |_| Box::pin(WAKE.notified()),
        ..on_one_thread()
    }
}

#[tokio::test]
async fn a_walk_that_lacks_memory_is_tried_for_an_hour_and_then_fails() {
    let provers = Provers {
        sleep: |_| Box::pin(tokio::task::yield_now()),
        ..on_one_thread()
    };
    let device = Pubkey::new_unique();
    provers.start(device, [1; 32], too_large());
    while !provers.view()[&device].failed {
        provers.changed.notified().await;
    }
    // As many times as there are pauses in an hour, and once more.
    let metrics = provers.vitals.render();
    assert!(
        metrics.contains("{result=\"short_of_memory\"} 15"),
        "{metrics}"
    );
    assert!(metrics.contains("{result=\"failed\"} 1"), "{metrics}");
}

#[tokio::test]
async fn a_walk_that_waits_is_in_nobodys_way_and_gives_way_to_the_next_hours() {
    let provers = asleep();
    let device = Pubkey::new_unique();
    provers.start(device, [1; 32], too_large());
    end(&provers).await;
    // Neither failed nor under way: a single pass ends, and another device may walk.
    assert!(!provers.view()[&device].failed);
    let other = Pubkey::new_unique();
    for (device, seed) in [(other, [2; 32]), (device, [3; 32])] {
        provers.start(device, seed, Shape::TEST);
        end(&provers).await;
        assert!(provers.view()[&device].roots.is_some());
    }
    // The old one wakes up, and leaves the new one alone.
    WAKE.notify_waiters();
    tokio::task::yield_now().await;
    let view = &provers.view()[&device];
    assert_eq!((view.seed, view.roots.is_some()), ([3; 32], true));
    assert!(!counted(&provers, "failed"));
}

#[tokio::test]
async fn a_card_that_is_not_there_fails_the_walk_unless_the_cpu_may() {
    for fallback in [false, true] {
        let provers = provers(Settings {
            backend: Backend::Cuda,
            // No machine has so many.
            device: 9_999,
            fallback,
            ..Settings::default()
        });
        let device = Pubkey::new_unique();
        provers.start(device, [1; 32], Shape::TEST);
        end(&provers).await;
        let view = &provers.view()[&device];
        assert_eq!((view.failed, view.roots.is_some()), (!fallback, fallback));
        assert_eq!(counted(&provers, "fell_back"), fallback);
    }
}
