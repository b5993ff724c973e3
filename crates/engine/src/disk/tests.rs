use super::*;

const MIB: u64 = 1 << 20;

fn can_mount() -> bool {
    rustix::process::geteuid().is_root() && Path::new("/dev/loop-control").exists()
}

/// redteam E2: bytes and files end where they were ordered to, also for sparse files' written parts.
#[test]
fn a_disk_ends_at_its_size_and_its_count() {
    if !can_mount() {
        return eprintln!("not run: no loop devices");
    }
    let dir = tempfile::tempdir().unwrap();
    let work = make(dir.path(), 8 * MIB, 100, 1_000).unwrap();
    // All of it is the lease's: the host's disk cannot run full under it.
    let image = fs::metadata(dir.path().join(IMAGE)).unwrap();
    assert!(std::os::unix::fs::MetadataExt::blocks(&image) * 512 >= 8 * MIB);
    assert_eq!(
        fs::metadata(&work).unwrap().permissions().mode() & 0o7777,
        0o700
    );
    let made = (0..200)
        .take_while(|n| File::create(work.join(n.to_string())).is_ok())
        .count();
    assert!((90..=120).contains(&made), "{made} files");
    for n in 0..made {
        fs::remove_file(work.join(n.to_string())).unwrap();
    }
    let refused = fs::write(work.join("big"), vec![1; 9 << 20]).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::StorageFull);
    fs::write(work.join("big"), b"kept").unwrap();
    // Found again, by a process that knows nothing of it, mounted or not.
    assert_eq!(make(dir.path(), 8 * MIB, 100, 1_000).unwrap(), work);
    unmount_all(dir.path()).unwrap();
    assert!(!work.join("big").exists());
    make(dir.path(), 8 * MIB, 100, 1_000).unwrap();
    assert_eq!(fs::read(work.join("big")).unwrap(), b"kept");
    erase(dir.path()).unwrap();
    assert!(!dir.path().join(IMAGE).exists() && !is_mounted(&work));
}

#[test]
fn a_disk_of_memory_has_the_same_limits() {
    if !can_mount() {
        return eprintln!("not run: may not mount");
    }
    let dir = tempfile::tempdir().unwrap();
    let work = make_on(Backing::Memory, dir.path(), MIB, 10, 1_000).unwrap();
    let secrets = make_secrets(dir.path(), 1_000).unwrap();
    assert!(fs::write(work.join("big"), vec![1; 2 << 20]).is_err());
    assert_eq!(
        (1..20)
            .take_while(|n| File::create(work.join(n.to_string())).is_ok())
            .count(),
        9
    );
    fs::write(secrets.join("token"), b"x").unwrap();
    erase_secrets(dir.path()).unwrap();
    assert!(!secrets.join("token").exists() && is_mounted(&work));
    erase(dir.path()).unwrap();
    assert!(!is_mounted(&work));
}

/// redteam E2: no room is a refusal, and nothing is left of the try.
#[test]
fn what_the_host_has_no_room_for_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = make(dir.path(), 1 << 50, 100, 0).unwrap_err().to_string();
    assert!(
        refused.starts_with("the host failed: disk: 1125899906842624 bytes cannot be set aside"),
        "{refused}"
    );
    assert!(!dir.path().join(IMAGE).exists() && !dir.path().join("disk.new").exists());
    assert!(make(dir.path(), 1_000, 100, 0).is_err());
}

/// A link that a job put in a folder's place is not followed: what it points to stays whose it was.
#[test]
fn no_link_is_followed_to_give_a_folder_away() {
    use std::os::unix::fs::MetadataExt;
    if !rustix::process::geteuid().is_root() {
        eprintln!("not run: needs root");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (target, link) = (dir.path().join("target"), dir.path().join("link"));
    std::fs::create_dir(&target).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert!(super::own(&link, 900_001_000).is_err());
    assert_eq!(target.metadata().unwrap().uid(), 0);
    super::own(&target, 900_001_000).unwrap();
    assert_eq!(target.metadata().unwrap().uid(), 900_001_000);
}
