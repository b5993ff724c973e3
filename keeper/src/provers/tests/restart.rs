//! What a keeper finds that starts again, and what a disk may do.

use super::*;
use std::{fs, os::unix::fs::PermissionsExt};

#[tokio::test]
async fn a_restart_opens_without_walking_again() {
    let stand = Stand::new();
    let walk = walk(Pubkey::new_unique(), SEED, &[0, 1]);
    let commit = walked(&stand.provers, &walk).await;
    let again = stand.restarted(&[walk.device]);
    assert_eq!(
        stage_of(&again, &walk.device),
        Some(Stage::Walked { commit })
    );
    assert!(!again.view()[&walk.device].table);
    again.open(ask(&walk, commit)).unwrap();
    end(&again).await;
    assert_eq!(openings(&again, &walk), Ok(direct(&walk).1));
    assert_eq!(counted(&again, "openings", "refilled"), 1);
    assert_eq!(counted(&again, "walks", "done"), 0);
    assert!(!again.view()[&walk.device].table);
    // Now its openings are kept as well: the next life computes nothing.
    let third = stand.restarted(&[walk.device]);
    assert_eq!(openings(&third, &walk), Ok(direct(&walk).1));
    let other = stand.restarted(&[Pubkey::new_unique()]);
    assert!(other.view().is_empty());
    assert!(stand.files().is_empty(), "of a device that is elsewhere");
}

#[tokio::test]
async fn a_file_that_was_tampered_with_is_walked_again() {
    let stand = Stand::new();
    let walk = walk(Pubkey::new_unique(), SEED, &[0]);
    let commit = walked(&stand.provers, &walk).await;
    stand.provers.open(ask(&walk, commit)).unwrap();
    end(&stand.provers).await;
    let change = |kind: &str| {
        let path = stand.dir.path().join(format!("{}.{kind}", walk.device));
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
    };
    change("walk");
    let again = stand.restarted(&[walk.device]);
    assert_eq!(counted(&again, "proof_files", "unreadable"), 1);
    assert_eq!(
        openings(&again, &walk),
        Ok(direct(&walk).1),
        "they are enough"
    );
    change("openings");
    let again = stand.restarted(&[walk.device]);
    assert!(again.view().is_empty());
    assert!(stand.files().is_empty());
    assert_eq!(walked(&again, &walk).await, commit);
}

/// A disk that cannot be written costs what a restart would find, and says so; this hour and the next are proved all the same.
#[tokio::test]
async fn a_directory_that_cannot_be_written_is_told_and_the_next_hour_works() {
    let stand = Stand::new();
    let dir = stand.dir.path().join("proofs");
    fs::write(&dir, "in the way").unwrap();
    let provers = on(Rack(stand.cards.clone()), &dir);
    let device = Pubkey::new_unique();
    provers.restore(&[device]);
    let first = walk(device, SEED, &[0]);
    let commit = walked(&provers, &first).await;
    assert_eq!(counted(&provers, "proof_files", "unkept"), 1);
    let trouble = provers.vitals.proof_trouble().unwrap();
    assert!(trouble.contains("cannot be kept"), "{trouble}");
    assert!(trouble.contains(dir.to_str().unwrap()), "{trouble}");
    provers.open(ask(&first, commit)).unwrap();
    end(&provers).await;
    assert_eq!(openings(&provers, &first), Ok(direct(&first).1));
    provers.forget(&device, &SEED);

    fs::remove_file(&dir).unwrap();
    let next = walk(device, [4; 32], &[0]);
    walked(&provers, &next).await;
    assert_eq!(provers.vitals.proof_trouble(), None);
    let kept = dir.join(format!("{device}.walk"));
    let mode = fs::metadata(kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn an_hour_removes_what_the_one_before_left() {
    let stand = Stand::new();
    let device = Pubkey::new_unique();
    let first = walk(device, SEED, &[0]);
    let commit = walked(&stand.provers, &first).await;
    stand.provers.open(ask(&first, commit)).unwrap();
    end(&stand.provers).await;
    assert_eq!(stand.files().len(), 2);
    let next = walk(device, [4; 32], &[0]);
    let commit = walked(&stand.provers, &next).await;
    assert_eq!(stand.files(), [format!("{device}.walk")]);
    let again = stand.restarted(&[device]);
    assert_eq!(stage_of(&again, &device), Some(Stage::Walked { commit }));
}
