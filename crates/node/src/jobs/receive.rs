//! Bytes of an input on their way to the disk, from the renter or from where a job says that they are.

use super::{
    disk::on_disk,
    store::{hash_file, Store},
};
use iog_job::{wire::Received, Hash};
use std::{fs, io, os::unix::fs::OpenOptionsExt, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// How long a transfer may stand still.
const STALL: Duration = Duration::from_secs(60);

/// Writes what comes; a cut transfer leaves what came. Not a byte beyond the length is taken. redteam O2
///
/// # Errors
/// If it was cut, or cannot be written.
pub async fn receive(
    store: &Store,
    sha256: Hash,
    from: u64,
    len: u64,
    bytes: &mut (impl AsyncRead + Unpin),
) -> io::Result<()> {
    let part = store.part(&sha256);
    let file = on_disk(move || {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(part)?;
        file.set_len(from)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(from))?;
        Ok(file)
    });
    let mut file = tokio::fs::File::from_std(file.await?);
    let mut buffer = vec![0; 256 << 10];
    let mut have = from;
    let result = loop {
        let read = match timeout(STALL, bytes.read(&mut buffer)).await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => break Err(error),
            Err(_) => break Err(io::ErrorKind::TimedOut.into()),
        };
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
            break Ok(());
        };
        have = have.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if have > len {
            break Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "more bytes than the input has",
            ));
        }
        file.write_all(piece).await?;
    };
    file.flush().await?;
    result
}

/// Looks whether all is there and right. On a thread that may wait for the disk.
///
/// # Errors
/// If it cannot be read.
pub fn finish(store: &Store, sha256: Hash, len: u64) -> io::Result<Received> {
    let part = store.part(&sha256);
    let have = fs::metadata(&part)?.len();
    if have < len {
        return Ok(Received {
            have,
            complete: false,
        });
    }
    if hash_file(&part)? != sha256 {
        fs::remove_file(&part)?;
        return Ok(Received {
            have: 0,
            complete: false,
        });
    }
    fs::File::open(&part)?.sync_all()?;
    fs::rename(&part, store.input(&sha256))?;
    Ok(Received {
        have: len,
        complete: true,
    })
}
