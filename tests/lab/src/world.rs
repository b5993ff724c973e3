//! Homes, data centres and the internet between them.

use crate::{namespace::ip, Line, Namespace, Nat};
use anyhow::{Context, Result};
use std::{net::Ipv4Addr, time::Duration};

/// The public network: a bridge with addresses of its own, on which relays, endpoints and mirrors listen.
pub struct Lab {
    pub internet: Namespace,
    /// Name that hosts' namespaces begin with, so that several labs may stand side by side.
    tag: String,
    hosts: u8,
}

/// A machine with its own network, users and folders.
pub struct Host {
    /// Where its programs run.
    pub inside: Namespace,
    /// Its router, unless it has a public address itself.
    pub router: Option<Namespace>,
    pub address: Ipv4Addr,
    /// By which the internet sees it.
    pub public: Ipv4Addr,
    /// Its line to the internet, if it is one that delays and loses.
    pub line: Option<Line>,
    /// The internet's end of its line.
    port: String,
    nat: Option<Nat>,
    /// Others in its home, which are joined to its router.
    neighbours: u8,
}

/// How a host is joined to the internet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    /// Behind a router of this kind; none has a public address.
    pub nat: Option<Nat>,
    /// Over a line whose delay and loss can be set.
    pub line: bool,
    /// A UDP port that the router forwards to it.
    pub forward: Option<u16>,
}

impl Lab {
    /// An internet with the addresses 203.0.113.1 to 203.0.113.`servers`.
    pub fn new(tag: &str, servers: u8) -> Result<Self> {
        let internet = Namespace::new(&format!("{tag}-inet"))?;
        // Its own address: a bridge without takes the lowest of its ports', so that it changes when one joins, and nobody finds it for a while.
        let own = "02:00:00:00:00:00";
        internet.ip(&["link", "add", "br0", "address", own, "type", "bridge"])?;
        internet.ip(&["link", "set", "br0", "up"])?;
        for server in 1..=servers {
            let address = format!("203.0.113.{server}/24");
            internet.ip(&["addr", "add", &address, "dev", "br0"])?;
        }
        Ok(Self {
            internet,
            tag: tag.into(),
            hosts: 0,
        })
    }

    /// An address of the internet itself.
    pub fn server(&self, number: u8) -> Ipv4Addr {
        Ipv4Addr::new(203, 0, 113, number)
    }

    /// Joins another machine.
    pub fn host(&mut self, name: &str, shape: Shape) -> Result<Host> {
        self.hosts += 1;
        let number = self.hosts;
        let inside = Namespace::new(&format!("{}-{name}", self.tag))?;
        let public = Ipv4Addr::new(203, 0, 113, 100 + number);
        let port = format!("port{number}");
        let router = match shape.nat {
            Some(_) => Some(Namespace::new(&format!("{}-{name}-nat", self.tag))?),
            None => None,
        };
        let outer = router.as_ref().unwrap_or(&inside);
        let line = match shape.line {
            true => Some(Line::new((outer, "wan"), (&self.internet, &port))?),
            false => {
                veth(outer, "wan", &self.internet, &port)?;
                None
            }
        };
        self.internet
            .ip(&["link", "set", &port, "master", "br0", "up"])?;
        outer.ip(&["addr", "add", &format!("{public}/24"), "dev", "wan"])?;
        outer.ip(&["link", "set", "wan", "up"])?;
        let mut host = Host {
            address: public,
            inside,
            router,
            public,
            line,
            port,
            nat: shape.nat,
            neighbours: 0,
        };
        if let Some(nat) = shape.nat {
            host.home(number, nat, shape.forward)?;
        }
        Ok(host)
    }

    /// Another machine in the home of `host`, behind the same router. It goes before or with that.
    pub fn neighbour(&mut self, name: &str, host: &mut Host) -> Result<Host> {
        let inside = Namespace::new(&format!("{}-{name}", self.tag))?;
        host.neighbours += 1;
        let [a, b, c, d] = host.address.octets();
        let address = Ipv4Addr::new(a, b, c, d + host.neighbours);
        let router = host.router.as_ref().context("it has no router")?;
        join(&inside, address, router, &format!("lan{}", host.neighbours))?;
        Ok(Host {
            address,
            inside,
            router: None,
            public: host.public,
            line: None,
            port: host.port.clone(),
            nat: None,
            neighbours: 0,
        })
    }

    /// Limits a host's line to so many Mbit/s each way.
    pub fn limit(&self, host: &Host, mbit: u32) -> Result<()> {
        let outer = host.router.as_ref().unwrap_or(&host.inside);
        for (namespace, device) in [(outer, "wan"), (&self.internet, host.port.as_str())] {
            let rate = format!("{mbit}mbit");
            let args = [
                "qdisc", "replace", "dev", device, "root", "tbf", "rate", &rate, "burst", "128kb",
                "latency", "50ms",
            ];
            namespace.run("tc", &args)?;
        }
        Ok(())
    }
}

impl Host {
    fn home(&mut self, number: u8, nat: Nat, forward: Option<u16>) -> Result<()> {
        let Some(router) = &self.router else {
            return Ok(());
        };
        let lan = |host: u8| Ipv4Addr::new(192, 168, number, host);
        // Its own address, as the internet's.
        let own = format!("02:00:00:00:00:{number:02x}");
        router.ip(&["link", "add", "lan", "address", &own, "type", "bridge"])?;
        router.ip(&["addr", "add", &format!("{}/24", lan(ROUTER)), "dev", "lan"])?;
        router.ip(&["link", "set", "lan", "up"])?;
        self.address = lan(10);
        join(&self.inside, self.address, router, "lan0")?;
        let inside = self.address.to_string();
        nat.set(
            router,
            "lan",
            "wan",
            forward.map(|port| (port, inside.as_str())),
        )
    }

    /// Its router gets another public address: whoever is connected must find a new path.
    pub fn move_to(&mut self, public: Ipv4Addr) -> Result<()> {
        let outer = self.router.as_ref().unwrap_or(&self.inside);
        outer.ip(&["addr", "del", &format!("{}/24", self.public), "dev", "wan"])?;
        outer.ip(&["addr", "add", &format!("{public}/24"), "dev", "wan"])?;
        if let (Some(nat), Some(router)) = (self.nat, &self.router) {
            nat.set(router, "lan", "wan", None)?;
            // What was mapped before is forgotten with the address.
            router.ip(&["link", "set", "wan", "down"])?;
            router.ip(&["link", "set", "wan", "up"])?;
        }
        self.public = public;
        Ok(())
    }

    /// Sets its line's delay each way and loss of 1,000.
    pub fn weather(&self, delay: Duration, loss_per_mille: u32) {
        if let Some(line) = &self.line {
            line.set(delay, loss_per_mille);
        }
    }
}

/// Last byte of a router's address at home.
const ROUTER: u8 = 1;

/// Joins a machine to its home's router.
fn join(inside: &Namespace, address: Ipv4Addr, router: &Namespace, port: &str) -> Result<()> {
    veth(inside, "eth0", router, port)?;
    router.ip(&["link", "set", port, "master", "lan", "up"])?;
    inside.ip(&["addr", "add", &format!("{address}/24"), "dev", "eth0"])?;
    inside.ip(&["link", "set", "eth0", "up"])?;
    let [a, b, c, _] = address.octets();
    let via = Ipv4Addr::new(a, b, c, ROUTER).to_string();
    inside.ip(&["route", "add", "default", "via", &via])?;
    Ok(())
}

fn veth(one: &Namespace, name: &str, other: &Namespace, peer: &str) -> Result<()> {
    let args = [
        "-n",
        one.name(),
        "link",
        "add",
        name,
        "type",
        "veth",
        "peer",
        "name",
        peer,
        "netns",
        other.name(),
    ];
    ip(&args)?;
    Ok(())
}
