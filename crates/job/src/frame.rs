//! Frames: how many bytes follow, u32 little-endian, and the bytes. Messages in frames are JSON.

use serde::{de::DeserializeOwned, Serialize};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Largest frame that anybody reads unless it says otherwise.
pub const MAX_FRAME: usize = 512 << 10;

/// The frame's bytes; `None` where the stream ended before it.
///
/// # Errors
/// `InvalidData` for a frame above `max`, `UnexpectedEof` for one that is cut off.
pub async fn read_bytes<R: AsyncRead + Unpin>(
    from: &mut R,
    max: usize,
) -> io::Result<Option<Vec<u8>>> {
    let mut len = [0; 4];
    let [first, rest @ ..] = &mut len;
    if from.read(std::slice::from_mut(first)).await? == 0 {
        return Ok(None);
    }
    from.read_exact(rest).await?;
    let len = usize::try_from(u32::from_le_bytes(len)).unwrap_or(usize::MAX);
    if len > max {
        let reason = format!("a message of {len} bytes, where {max} are allowed");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    let mut bytes = vec![0; len];
    from.read_exact(&mut bytes).await?;
    Ok(Some(bytes))
}

pub async fn write_bytes<W: AsyncWrite + Unpin>(to: &mut W, bytes: &[u8]) -> io::Result<()> {
    let len = u32::try_from(bytes.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a message above 4 GiB"))?;
    to.write_all(&len.to_le_bytes()).await?;
    to.write_all(bytes).await?;
    to.flush().await
}

/// One message; `None` where the stream ended before it.
///
/// # Errors
/// As [`read_bytes`], and `InvalidData` for what is no such message.
pub async fn read<T: DeserializeOwned, R: AsyncRead + Unpin>(
    from: &mut R,
    max: usize,
) -> io::Result<Option<T>> {
    let Some(bytes) = read_bytes(from, max).await? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// One message that must come.
///
/// # Errors
/// As [`read`], and `UnexpectedEof` where the stream ended.
pub async fn expect<T: DeserializeOwned, R: AsyncRead + Unpin>(
    from: &mut R,
    max: usize,
) -> io::Result<T> {
    read(from, max)
        .await?
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

pub async fn write<T: Serialize, W: AsyncWrite + Unpin>(to: &mut W, message: &T) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    write_bytes(to, &bytes).await
}
