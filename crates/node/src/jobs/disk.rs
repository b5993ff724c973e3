//! Work on the disk, away from the threads that serve streams: a disk that is slow holds up nobody who does not ask it.

use std::io;

/// Does it on a thread of its own. It is done to its end, also when nobody waits for it any more.
///
/// # Errors
/// Those of the work.
pub async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other)?
}
