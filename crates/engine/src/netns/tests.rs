use super::{run, Egress, Net};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

fn root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("not run: namespaces need root");
    }
    root
}

/// A namespace that goes with the test, also with a failed one.
struct Lab(Net);

impl Lab {
    fn new(egress: Option<&Egress>) -> Self {
        static COUNT: AtomicU8 = AtomicU8::new(0xa0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let net = Net::of(&format!("{number:02x}{:08x}", std::process::id()));
        net.make(egress).unwrap();
        Self(net)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.0.delete().ok();
    }
}

#[test]
fn a_new_namespace_has_a_loopback_and_nothing_else() {
    if !root() {
        return;
    }
    let lab = Lab::new(None);
    let links = run("ip", &["-n", lab.0.name(), "-o", "link"], None).unwrap();
    assert_eq!(links.lines().count(), 1, "{links}");
    let listener = lab
        .0
        .inside(|| Ok(TcpListener::bind("127.0.0.1:8080").unwrap()))
        .unwrap();
    let mut stream = lab.0.connect(8080).unwrap();
    stream.write_all(b"hi").unwrap();
    drop(stream);
    let mut text = String::new();
    listener
        .accept()
        .unwrap()
        .0
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "hi");
    assert!(
        TcpStream::connect("127.0.0.1:8080").is_err(),
        "the port is the host's too"
    );
    assert_eq!(
        lab.0.connect(8081).unwrap_err().to_string(),
        "port 8081: Connection refused (os error 111) is not there"
    );
    lab.0.delete().unwrap();
    assert!(!lab.0.exists());
    assert!(lab.0.connect(8080).is_err());
}

/// What can be reached through a filter: `internet` stands for a server on the internet and, under other addresses, for the neighbours.
struct World {
    host: Lab,
    internet: Lab,
}

impl World {
    /// Host 203.0.113.1 (a public address), router 203.0.113.2, and behind it 198.51.100.5, metadata, a private network and mail.
    fn new() -> Self {
        let (host, internet) = (Lab::new(None), Lab::new(None));
        let (h, i) = (host.0.name().to_owned(), internet.0.name().to_owned());
        run(
            "ip",
            &[
                "-n", &h, "link", "add", "up0", "type", "veth", "peer", "name", "net0", "netns", &i,
            ],
            None,
        )
        .unwrap();
        run(
            "ip",
            &["-n", &h, "addr", "add", "203.0.113.1/24", "dev", "up0"],
            None,
        )
        .unwrap();
        run("ip", &["-n", &h, "link", "set", "up0", "up"], None).unwrap();
        for address in [
            "203.0.113.2/24",
            "198.51.100.5/32",
            "169.254.169.254/32",
            "192.168.7.7/32",
        ] {
            run(
                "ip",
                &["-n", &i, "addr", "add", address, "dev", "net0"],
                None,
            )
            .unwrap();
        }
        run("ip", &["-n", &i, "link", "set", "net0", "up"], None).unwrap();
        run(
            "ip",
            &["-n", &h, "route", "add", "default", "via", "203.0.113.2"],
            None,
        )
        .unwrap();
        Self { host, internet }
    }

    fn listen(&self, net: &Net, address: &str) -> TcpListener {
        let address: SocketAddr = address.parse().unwrap();
        let _ = self;
        net.inside(|| Ok(TcpListener::bind(address).unwrap()))
            .unwrap()
    }
}

fn reaches(net: &Net, address: &str) -> bool {
    let address: SocketAddr = address.parse().unwrap();
    net.inside(|| Ok(TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok()))
        .unwrap()
}

/// redteam J5: the internet is reached; neighbours, metadata, private ranges, the host under all its addresses and mail are not, though
/// the host reaches every one of them.
#[test]
fn egress_reaches_the_internet_and_no_neighbour() {
    if !root() {
        return;
    }
    let world = World::new();
    let _servers: Vec<_> = ["0.0.0.0:80", "0.0.0.0:25", "0.0.0.0:587"]
        .iter()
        .map(|address| world.listen(&world.internet.0, address))
        .collect();
    let _on_host = world.listen(&world.host.0, "0.0.0.0:80");
    let egress = Egress {
        connections: 4,
        ..Egress::default()
    };
    // Made in a thread of the lab's host, as the engine makes it on the real one.
    let job = world.host.0.inside(|| Ok(Lab::new(Some(&egress)))).unwrap();
    assert!(reaches(&job.0, "198.51.100.5:80"));
    let near = [
        "203.0.113.2:80",
        "203.0.113.1:80",
        "169.254.169.254:80",
        "192.168.7.7:80",
        "198.51.100.5:25",
        "198.51.100.5:587",
    ];
    for address in near {
        assert!(
            reaches(&world.host.0, address),
            "the host itself does not reach {address}"
        );
        assert!(!reaches(&job.0, address), "the job reaches {address}");
    }
    let gateway = run(
        "ip",
        &["-n", job.0.name(), "route", "show", "default"],
        None,
    )
    .unwrap();
    let gateway = gateway.split(' ').nth(2).unwrap().to_owned();
    assert!(
        !reaches(&job.0, &format!("{gateway}:80")),
        "the job reaches the host by {gateway}"
    );
    let traffic = world.host.0.inside(|| Ok(job.0.traffic())).unwrap();
    assert!(traffic.sent > 100 && traffic.received > 60, "{traffic:?}");

    // Nothing from outside comes in, and no more connections than allowed go out.
    let _inside = world.listen(&job.0, "0.0.0.0:9000");
    let address = run(
        "ip",
        &["-n", job.0.name(), "-4", "-o", "addr", "show", "eth0"],
        None,
    )
    .unwrap();
    let address = address
        .split_whitespace()
        .nth(3)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    run(
        "ip",
        &[
            "-n",
            world.internet.0.name(),
            "route",
            "add",
            "198.18.0.0/15",
            "via",
            "203.0.113.1",
        ],
        None,
    )
    .unwrap();
    assert!(!reaches(&world.internet.0, &format!("{address}:9000")));
    let open: Vec<_> = (0..8)
        .map(|_| {
            job.0
                .inside(|| {
                    Ok(TcpStream::connect_timeout(
                        &"198.51.100.5:80".parse().unwrap(),
                        Duration::from_millis(300),
                    )
                    .ok())
                })
                .unwrap()
        })
        .collect();
    // One more may be counted still: that of the first check.
    let count = open.iter().flatten().count();
    assert!((2..=4).contains(&count), "{count} connections of at most 4");
    world.host.0.inside(|| job.0.delete()).unwrap();
    let tables = world
        .host
        .0
        .inside(|| run("nft", &["list", "tables"], None))
        .unwrap();
    assert_eq!(tables.trim(), "");
}

/// redteam J5: a packet under another address than the run's own does not leave, and IPv6 is off.
#[test]
fn no_other_source_address_and_no_ipv6() {
    if !root() {
        return;
    }
    let world = World::new();
    let job = world
        .host
        .0
        .inside(|| Ok(Lab::new(Some(&Egress::default()))))
        .unwrap();
    assert!(job
        .0
        .inside(|| Ok(TcpListener::bind("[::1]:80").is_err()))
        .unwrap());
    run(
        "ip",
        &[
            "-n",
            job.0.name(),
            "addr",
            "add",
            "198.51.100.77/32",
            "dev",
            "eth0",
        ],
        None,
    )
    .unwrap();
    let server = world
        .internet
        .0
        .inside(|| Ok(UdpSocket::bind("0.0.0.0:53").unwrap()))
        .unwrap();
    server
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let send = |from: Ipv4Addr| {
        job.0
            .inside(|| {
                Ok(UdpSocket::bind((from, 0))
                    .unwrap()
                    .send_to(b"x", "198.51.100.5:53")
                    .unwrap())
            })
            .unwrap();
    };
    send(Ipv4Addr::new(198, 51, 100, 77));
    assert!(
        server.recv_from(&mut [0; 8]).is_err(),
        "a packet of another source left"
    );
    send(Ipv4Addr::UNSPECIFIED);
    assert_eq!(
        server.recv_from(&mut [0; 8]).unwrap().1.ip(),
        Ipv4Addr::new(203, 0, 113, 1)
    );
}
