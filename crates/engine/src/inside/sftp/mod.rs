//! An SFTP server, version 3 (draft-ietf-secsh-filexfer-02), on two ends of a socket: what OpenSSH's `sftp` and `scp` speak.
//!
//! It runs inside, as the run's user and in the run's mounts: every path, link and right is what the job itself has.

mod attributes;
mod packet;
mod server;

use packet::{Reader, MAX_PACKET};
use std::io::{self, Read, Write};

/// Serves until the other side ends.
///
/// # Errors
/// The connection broke, or what came is no SFTP.
pub fn serve(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut server = server::Server::default();
    loop {
        let mut len = [0; 4];
        match from.read_exact(&mut len) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
        let len = usize::try_from(u32::from_be_bytes(len)).unwrap_or(usize::MAX);
        if len == 0 || len > MAX_PACKET {
            return Err(io::Error::other("a packet of no possible length"));
        }
        let mut packet = vec![0; len];
        from.read_exact(&mut packet)?;
        let answer = server.answer(&mut Reader::new(&packet))?;
        let len = u32::try_from(answer.len()).map_err(io::Error::other)?;
        to.write_all(&len.to_be_bytes())?;
        to.write_all(&answer)?;
        to.flush()?;
    }
}

#[cfg(test)]
mod tests;
