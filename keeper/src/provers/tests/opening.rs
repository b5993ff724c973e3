//! Answers to a challenge: with the table, with one that is filled again, without memory.

use super::*;

#[tokio::test]
async fn openings_come_from_the_table_which_is_gone_then() {
    let stand = Stand::new();
    let provers = &stand.provers;
    let walk = walk(Pubkey::new_unique(), SEED, &[0, 1]);
    let commit = walked(provers, &walk).await;
    assert!(provers.view()[&walk.device].table);
    assert!(openings(provers, &walk).is_err());
    provers.open(ask(&walk, commit)).unwrap();
    // Twice is once.
    provers.open(ask(&walk, commit)).unwrap();
    end(provers).await;
    assert_eq!(openings(provers, &walk), Ok(direct(&walk).1));
    let view = &provers.view()[&walk.device];
    let challenge = CHALLENGE;
    assert_eq!(view.stage, Stage::Opened { commit, challenge });
    assert!(!view.table);
    assert_eq!(counted(provers, "openings", "table"), 1);
    assert_eq!(stand.cards.filled.load(Ordering::SeqCst), 2);
    // Of another challenge or walk there are none.
    let other = |seed, challenge| provers.opening(&walk.device, seed, challenge, 0);
    assert!(other(&SEED, &[6; 32]).is_err());
    assert!(other(&[4; 32], &CHALLENGE).is_err());
    assert_eq!(stand.files().len(), 2);
    provers.forget(&walk.device, &walk.seed);
    assert!(provers.view().is_empty());
    while !stand.files().is_empty() {
        tokio::task::yield_now().await;
    }
}

/// A renter's job has the memory to itself, and its cards; the proof goes on behind everything else. audit: operations H5
#[tokio::test]
async fn a_lease_that_starts_frees_the_table_and_the_proof_goes_on_without() {
    let stand = Stand::new();
    let provers = &stand.provers;
    let walk = walk(Pubkey::new_unique(), SEED, &[0, 1]);
    let commit = walked(provers, &walk).await;
    provers.release(&walk.device);
    while provers.view()[&walk.device].table {
        tokio::task::yield_now().await;
    }
    assert_eq!(provers.view()[&walk.device].stage, Stage::Walked { commit });
    provers
        .open(Ask {
            beside_job: true,
            ..ask(&walk, commit)
        })
        .unwrap();
    while stage_of(provers, &walk.device) == Some(Stage::Opening { commit }) {
        assert!(!provers.view()[&walk.device].table);
        provers.next_end().await;
    }
    assert_eq!(openings(provers, &walk), Ok(direct(&walk).1));
    assert_eq!(counted(provers, "openings", "replayed"), 1);
    assert_eq!(stand.cards.filled.load(Ordering::SeqCst), 2, "by the walk");
}

/// The table that is filled again for the openings goes as well, in the midst of it.
#[tokio::test]
async fn a_lease_that_starts_meanwhile_takes_the_memory_at_once() {
    let stand = Stand::new();
    let walk = walk(Pubkey::new_unique(), SEED, &[0]);
    let commit = walked(&stand.provers, &walk).await;
    let provers = stand.restarted(&[walk.device]);
    stand.cards.halted.store(true, Ordering::SeqCst);
    provers.open(ask(&walk, commit)).unwrap();
    stand.until_filling(1).await;
    assert!(provers.view()[&walk.device].table);
    provers.release(&walk.device);
    // The cards still halt: nothing but giving up ends their filling.
    while provers.view()[&walk.device].table {
        tokio::task::yield_now().await;
    }
    end(&provers).await;
    assert_eq!(openings(&provers, &walk), Ok(direct(&walk).1));
    assert_eq!(counted(&provers, "openings", "replayed"), 1);
}

#[tokio::test]
async fn cards_that_fail_by_then_leave_it_to_the_processor() {
    let stand = Stand::new();
    let walk = walk(Pubkey::new_unique(), SEED, &[0]);
    let commit = walked(&stand.provers, &walk).await;
    let provers = stand.restarted(&[walk.device]);
    stand.cards.broken.store(true, Ordering::SeqCst);
    provers.open(ask(&walk, commit)).unwrap();
    end(&provers).await;
    assert_eq!(openings(&provers, &walk), Ok(direct(&walk).1));
    assert_eq!(counted(&provers, "openings", "replayed"), 1);
}

/// A card that another device, and its renter, may have is not touched.
#[tokio::test]
async fn without_cards_of_its_own_it_takes_no_others() {
    let stand = Stand::new();
    let walk = walk(Pubkey::new_unique(), SEED, &[0]);
    let commit = walked(&stand.provers, &walk).await;
    let provers = stand.restarted(&[walk.device]);
    let cards = None;
    provers
        .open(Ask {
            cards,
            ..ask(&walk, commit)
        })
        .unwrap();
    end(&provers).await;
    assert_eq!(openings(&provers, &walk), Ok(direct(&walk).1));
    assert_eq!(counted(&provers, "openings", "replayed"), 1);
    assert_eq!(stand.cards.filled.load(Ordering::SeqCst), 1, "by the walk");
}

#[tokio::test]
async fn what_is_committed_on_chain_decides_what_is_opened() {
    let stand = Stand::new();
    let walk = walk(Pubkey::new_unique(), SEED, &[0]);
    let commit = walked(&stand.provers, &walk).await;
    let of_other = [
        ask(&walk, [9; 16]),
        Ask {
            shape: shape(2),
            ..ask(&walk, commit)
        },
        Ask {
            seed: [9; 32],
            ..ask(&walk, commit)
        },
        Ask {
            device: Pubkey::new_unique(),
            ..ask(&walk, commit)
        },
    ];
    for ask in of_other {
        assert!(stand.provers.open(ask).is_err());
    }
    assert_eq!(
        stage_of(&stand.provers, &walk.device),
        Some(Stage::Walked { commit })
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn replays_stand_last_in_line() {
    let nice = || {
        let own = on_thread(|| rustix::process::getpriority_process(None).unwrap());
        async { own.await.unwrap() }
    };
    let before = nice().await;
    let lowest = on_thread(|| {
        super::super::open::last_in_line();
        let child = thread::spawn(|| rustix::process::getpriority_process(None).unwrap());
        child.join().unwrap()
    });
    assert_eq!(lowest.await.unwrap(), 19, "and the threads that it begins");
    assert_eq!(nice().await, before, "nobody else");
}
