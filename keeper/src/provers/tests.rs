use super::*;
use iog_pow::CpuProver;
use iog_pow_gpu::Backend;
use std::time::Duration;
use tokio::time::Instant;

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

#[tokio::test(start_paused = true)]
async fn a_walk_that_lacks_memory_waits_and_gives_up_after_the_hour() {
    let provers = on_one_thread();
    let device = Pubkey::new_unique();
    let began = Instant::now();
    provers.start(device, [1; 32], too_large());
    end(&provers).await;
    // It waits: neither failed nor under way, so that a single pass ends and another device may walk.
    assert!(!provers.view()[&device].failed);
    let other = Pubkey::new_unique();
    provers.start(other, [2; 32], Shape::TEST);
    end(&provers).await;
    assert!(provers.view()[&other].roots.is_some());

    while !provers.view()[&device].failed {
        provers.changed.notified().await;
    }
    let waited = began.elapsed();
    assert!((3_300..=3_600).contains(&waited.as_secs()), "{waited:?}");
    assert!(counted(&provers, "short_of_memory") && counted(&provers, "failed"));
}

#[tokio::test(start_paused = true)]
async fn a_walk_that_waits_is_replaced_by_the_next_hours() {
    let provers = on_one_thread();
    let device = Pubkey::new_unique();
    provers.start(device, [1; 32], too_large());
    end(&provers).await;
    provers.start(device, [2; 32], Shape::TEST);
    end(&provers).await;
    let ready = |provers: &Provers| provers.view()[&device].roots.is_some();
    assert!(ready(&provers));
    // The old one wakes up, and leaves the new one alone.
    tokio::time::sleep(Duration::from_secs(7_200)).await;
    assert!(ready(&provers));
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
