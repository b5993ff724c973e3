//! Addresses follow from ranks: every mesh may use the same range, since each lease has a network of its own.

use iog_job::{address_of, MAX_RANKS, MESH_NETWORK};
use std::net::Ipv4Addr;

/// Of the device in a lease's network.
pub const DEVICE: &str = "iog0";
/// Bits of 10.77.0.0/16.
pub const PREFIX: u8 = 16;
/// Largest packet. A path carries 1,162 bytes in one datagram at first and 1,414 some seconds later: until then packets are cut in two.
pub const MTU: u16 = 1_400;
/// Where the processes of a job meet, unless its environment says another.
pub const MASTER_PORT: u16 = 29_500;

pub fn rank_of(address: Ipv4Addr) -> Option<u16> {
    let host = u32::from(address).checked_sub(MESH_NETWORK)?;
    let rank = u16::try_from(host).ok()?.checked_sub(1)?;
    (rank < MAX_RANKS).then_some(rank)
}

/// The machines of an order whose place 0 has rank `first`, as `IOG_PEERS` has them: `0=10.77.0.1,1=10.77.0.2`.
pub fn peers(first: u16, count: u16) -> String {
    let ranks = (0..count).filter_map(|place| first.checked_add(place));
    let each: Vec<_> = ranks
        .filter_map(|rank| address_of(rank).map(|address| format!("{rank}={address}")))
        .collect();
    each.join(",")
}

/// Ranks of a packet's source and destination; none of a packet that is not from and to a member, or not IPv4 as a whole.
pub fn ends_of(packet: &[u8]) -> Option<(u16, u16)> {
    let head = packet.first_chunk::<20>()?;
    let [first, _, long, short, ..] = *head;
    let words = usize::from(first & 0x0f);
    let whole = usize::from(u16::from_be_bytes([long, short])) == packet.len();
    let headed = words >= 5 && words.checked_mul(4).is_some_and(|len| len <= packet.len());
    if first >> 4 != 4 || !whole || !headed {
        return None;
    }
    let at = |from: usize| {
        let octets: [u8; 4] = head.get(from..from.checked_add(4)?)?.try_into().ok()?;
        rank_of(Ipv4Addr::from(octets))
    };
    Some((at(12)?, at(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_addresses() {
        for (rank, address) in [
            (0, [10, 77, 0, 1]),
            (255, [10, 77, 1, 0]),
            (1_023, [10, 77, 4, 0]),
        ] {
            assert_eq!(address_of(rank), Some(Ipv4Addr::from(address)));
            assert_eq!(rank_of(Ipv4Addr::from(address)), Some(rank));
        }
        assert_eq!(address_of(1_024), None);
        for address in [
            [10, 77, 0, 0],
            [10, 77, 4, 1],
            [10, 76, 255, 255],
            [10, 78, 0, 1],
            [255; 4],
        ] {
            assert_eq!(rank_of(Ipv4Addr::from(address)), None, "{address:?}");
        }
        assert_eq!(peers(0, 2), "0=10.77.0.1,1=10.77.0.2");
        assert_eq!(peers(255, 1), "255=10.77.1.0");
    }

    #[test]
    fn odd_packets_have_no_ends() {
        let mut packet = vec![0; 40];
        packet[..4].copy_from_slice(&[0x45, 0, 0, 40]);
        packet[12..20].copy_from_slice(&[10, 77, 0, 1, 10, 77, 0, 2]);
        assert_eq!(ends_of(&packet), Some((0, 1)));
        for (at, byte) in [(0, 0x65), (0, 0x44), (0, 0x4f), (3, 41), (12, 11), (19, 0)] {
            let mut odd = packet.clone();
            odd[at] = byte;
            assert_eq!(ends_of(&odd), None, "{at}");
        }
        for len in 0..20 {
            assert_eq!(ends_of(&packet[..len]), None);
        }
    }
}
