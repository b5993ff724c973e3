//! A port of a job, by the API server's port forwarding, as a connection of this process to itself.

use crate::{
    api::{host, refused},
    inside::{words, Place},
};
use iog_engine::EngineError;
use std::{net::Ipv4Addr, time::Duration};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

const LOOK_WITHIN: Duration = Duration::from_secs(10);
const MOST: u64 = 4 << 20;

/// `hold` is in the job's network and sees what is listened on there: forwarding itself says nothing before the first byte.
pub async fn connect(hold: &Place, port: u16) -> Result<TcpStream, EngineError> {
    let missing = || EngineError::NotFound(format!("port {port}"));
    let tables = words(["cat", "/proc/net/tcp", "/proc/net/tcp6"]);
    // A machine without IPv6 has one table.
    let said = hold.run(&tables, MOST, LOOK_WITHIN).await?;
    if !is_listened_on(&String::from_utf8_lossy(&said.stdout), port) {
        return Err(missing());
    }
    let mut forwarded = hold
        .pods
        .portforward(&hold.pod, &[port])
        .await
        .map_err(|error| refused(&error))?;
    let mut inside = forwarded.take_stream(port).ok_or_else(missing)?;
    let (near, mut far) = pair()
        .await
        .map_err(|error| host("network", error.to_string()))?;
    tokio::spawn(async move {
        let _ = copy_bidirectional(&mut far, &mut inside).await;
        drop(inside);
        forwarded.abort();
    });
    Ok(near)
}

/// Both ends of one connection. Another process of the machine that comes first is let go.
async fn pair() -> std::io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let near = TcpStream::connect(listener.local_addr()?).await?;
    loop {
        let (far, from) = listener.accept().await?;
        if from == near.local_addr()? {
            return Ok((near, far));
        }
    }
}

/// In the kernel's tables: `sl local_address rem_address st ...`, state 0A.
fn is_listened_on(tables: &str, port: u16) -> bool {
    tables.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next().and_then(|local| local.rsplit_once(':'));
        let state = fields.nth(1);
        let is_port = local.and_then(|(_, port)| u16::from_str_radix(port, 16).ok()) == Some(port);
        is_port && state == Some("0A")
    })
}

#[cfg(test)]
mod tests {
    use super::is_listened_on;

    #[test]
    fn the_kernels_table_tells_what_is_listened_on() {
        let tables = "  sl  local_address rem_address   st tx_queue rx_queue\n\
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n\
            1: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000\n\
            0: 00000000000000000000000000000000:20FB 00000000000000000000000000000000:0000 0A 0:0 0:0 0\n";
        assert!(is_listened_on(tables, 8_080));
        assert!(!is_listened_on(tables, 8_081));
        assert!(is_listened_on(tables, 8_443));
    }
}
