use super::*;
use std::{fs, process::Command};

const LINK: u32 = 64_123;

#[test]
fn servers_of_names_are_open() {
    let text = "# nameserver 10.0.0.1\nsearch lan\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\nnameserver x\n";
    let open: Vec<_> = servers_of_names(text).map(|open| open.address).collect();
    assert_eq!(
        open,
        ["127.0.0.53", "fe80::1"].map(|text| text.parse::<IpAddr>().unwrap())
    );
}

#[test]
fn a_relay_is_open_at_its_own_ports() {
    let relay = |url: &str, quic_port| RelayAddr {
        quic_port,
        ..RelayAddr::new(url)
    };
    let open = |address: &str, tcp, udp| Open {
        address: address.parse().unwrap(),
        tcp,
        udp,
    };
    assert_eq!(
        of_relay(&relay("https://192.168.7.1:3340", Some(7_842))),
        [open("192.168.7.1", 3_340, 7_842)]
    );
    assert_eq!(
        of_relay(&relay("https://[fd00::1]", None)),
        [open("fd00::1", 443, 443)]
    );
}

/// Where all are one user nothing can be told apart.
#[test]
fn only_a_user_of_its_own_is_filtered() {
    let user = |uid| Some(User { uid, gid: uid });
    let own = |chain, link, jobs| own_user(&Users { chain, link, jobs }).map(|user| user.uid);
    assert_eq!(own(user(1), user(2), None), Some(2));
    assert_eq!(own(user(1), user(2), user(3)), Some(2));
    assert_eq!(own(user(2), user(2), None), None);
    assert_eq!(own(user(1), user(2), user(2)), None);
    assert_eq!(own(None, user(0), None), None);
    assert_eq!(own(user(1), None, None), None);
}

/// In a network namespace of its own, as the real user: what goes and what does not. redteam L3
#[test]
fn the_link_reaches_nothing_of_the_hosts_networks() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not root: the host's packet filter is not tried");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rules");
    let lans = ["10.9.0.0/16".parse().unwrap()];
    let open = [Open {
        address: "192.168.7.1".parse().unwrap(),
        tcp: 3_340,
        udp: 7_842,
    }];
    let table = rules("iog_link_test", LINK, &lans, &open);
    fs::write(&file, table).unwrap();
    // Twice: what a killed process left is replaced. Each line is `who address port`, `-` where the kernel refuses to send.
    let script = format!(
        "set -e
ip link set lo up
ip addr add 203.0.113.1/32 dev lo
ip route add default dev lo src 203.0.113.1
ip -6 route add default dev lo 2> /dev/null || true
nft -f {0}
nft -f {0}
tell() {{
    if [ $1 = root ]; then as=; else as='setpriv --reuid {LINK} --clear-groups'; fi
    if $as bash -c \"echo x > /dev/udp/$2/$3\" 2> /dev/null; then echo \"+ $1 $2 $3\"; else echo \"- $1 $2 $3\"; fi
}}
for address in 8.8.8.8 203.0.113.9 10.9.1.2 10.8.1.2 127.0.0.1 100.64.0.1 169.254.169.254 172.31.0.1 192.168.7.1 198.18.0.1 224.0.0.251; do tell link $address 443; done
tell link 192.168.7.1 7842
tell root 10.8.1.2 443
nft list counter inet iog_link_test dropped | grep -o 'packets [0-9]*'
nft delete table inet iog_link_test
tell link 10.8.1.2 443
",
        file.display()
    );
    let output = Command::new("unshare")
        .args(["--net", "bash", "-c", &script])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{error}");
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "+ link 8.8.8.8 443",
            "+ link 203.0.113.9 443",
            "+ link 10.9.1.2 443",
            "- link 10.8.1.2 443",
            "- link 127.0.0.1 443",
            "- link 100.64.0.1 443",
            "- link 169.254.169.254 443",
            "- link 172.31.0.1 443",
            "- link 192.168.7.1 443",
            "- link 198.18.0.1 443",
            "- link 224.0.0.251 443",
            "+ link 192.168.7.1 7842",
            "+ root 10.8.1.2 443",
            "packets 8",
            "+ link 10.8.1.2 443",
        ]
    );
}
