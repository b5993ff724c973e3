//! What somebody sees who listens to the whole internet: every packet, as `tcpdump` writes it.

use crate::{wait_until, Namespace, Process, Spawn};
use anyhow::{bail, Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Listens at the internet's bridge until it is ended.
pub struct Capture {
    process: Process,
    file: PathBuf,
    /// Asks in the internet.
    question: Command,
}

impl Capture {
    /// # Errors
    /// Without `tcpdump`, or the right to listen.
    pub fn start(internet: &Namespace, folder: &Path) -> Result<Self> {
        let file = folder.join("internet.pcap");
        let name = file.display().to_string();
        // As it comes, whole, and written at once: the last packet counts.
        let args = [
            "-i", "br0", "-s", "0", "-U", "-Z", "root", "-B", "32768", "-w", &name,
        ];
        let log = folder.join("tcpdump.log");
        let spawn = match may_change_user() {
            true => Spawn::new("tcpdump", &args),
            false => Spawn::new("python3", &["-c", LISTENER, "br0", &name]),
        };
        let mut process = spawn.start(internet, &log)?;
        process.says("listening on", Duration::from_secs(10))?;
        Ok(Self {
            process,
            file,
            question: internet.command("ping"),
        })
    }

    /// Ends it and reads what was heard.
    pub fn end(mut self) -> Result<Packets> {
        // What was sent last is in the file when a question after it is: nobody else asks for that address.
        let before = fs::metadata(&self.file)?.len();
        let _ = self
            .question
            .args(["-c", "1", "-W", "1", "203.0.113.254"])
            .output();
        wait_until("the capture's last packet", Duration::from_secs(10), || {
            let heard = since(&self.file, before)?;
            Ok(contains(&heard, &[203, 0, 113, 254]).then_some(()))
        })?;
        self.process.signal(nix::sys::signal::Signal::SIGINT);
        self.process.wait(Duration::from_secs(10))?;
        let text = self.process.text();
        if !text.contains("0 packets dropped by kernel") {
            bail!("not every packet was heard: {text}");
        }
        Packets::read(&self.file)
    }
}

/// tcpdump changes its user where it is root, which root of a user's own namespace may not.
fn may_change_user() -> bool {
    fs::read_to_string("/proc/self/setgroups").is_ok_and(|text| text.trim() == "allow")
}

/// The same file and the same words, in place of tcpdump.
const LISTENER: &str = "import signal,socket,struct,sys,time
s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW,socket.htons(3))
s.setsockopt(socket.SOL_SOCKET,socket.SO_RCVBUF,1<<22)
s.bind((sys.argv[1],3))
f=open(sys.argv[2],'wb',buffering=0)
f.write(struct.pack('<IHHiIII',0xa1b2c3d4,2,4,0,0,65535,1))
def end(*a):
    print(struct.unpack('II',s.getsockopt(263,6,8))[1],'packets dropped by kernel',flush=True)
    sys.exit()
signal.signal(signal.SIGINT,end)
print('listening on',sys.argv[1],flush=True)
while True:
    d=s.recv(65535)
    t=time.time()
    f.write(struct.pack('<IIII',int(t),int(t%1*1e6),len(d),len(d))+d)
";

/// Two addresses and ports that speak to each other, the smaller first, with their protocol: 6 TCP, 17 UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    pub protocol: u8,
    pub one: (Ipv4Addr, u16),
    pub other: (Ipv4Addr, u16),
}

impl Flow {
    pub fn has(&self, address: Ipv4Addr, port: u16) -> bool {
        self.one == (address, port) || self.other == (address, port)
    }

    pub fn between(&self, one: Ipv4Addr, other: Ipv4Addr) -> bool {
        let ends = [self.one.0, self.other.0];
        ends == [one, other] || ends == [other, one]
    }
}

/// What was heard that nobody should hear.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leak {
    /// Words of the job, plain.
    Marker(String, Flow),
    /// Two that have nothing to say to each other.
    Stranger(Flow),
    /// A name was asked for.
    Dns(Flow),
    /// Something else than IPv4 or a kernel's own ARP.
    Other(u16),
}

/// All that was heard, by who spoke to whom.
#[derive(Default)]
pub struct Packets {
    pub flows: BTreeMap<Flow, u64>,
    payloads: BTreeMap<Flow, Vec<u8>>,
    others: BTreeSet<u16>,
}

impl Packets {
    fn read(file: &Path) -> Result<Self> {
        let bytes = fs::read(file).with_context(|| file.display().to_string())?;
        let mut packets = Self::default();
        let (header, mut rest) = bytes
            .split_first_chunk::<24>()
            .context("an empty capture")?;
        if header[..4] != [0xd4, 0xc3, 0xb2, 0xa1] {
            bail!("a capture of another kind");
        }
        while let Some((record, after)) = rest.split_first_chunk::<16>() {
            let len = [record[8], record[9], record[10], record[11]];
            let len = u32::from_le_bytes(len) as usize;
            let Some((frame, next)) = after.split_at_checked(len) else {
                break;
            };
            packets.add(frame);
            rest = next;
        }
        Ok(packets)
    }

    fn add(&mut self, frame: &[u8]) {
        let Some(kind) = frame
            .get(12..14)
            .map(|two| u16::from_be_bytes([two[0], two[1]]))
        else {
            return;
        };
        const IPV4: u16 = 0x0800;
        const ARP: u16 = 0x0806;
        if kind != IPV4 {
            if kind != ARP {
                self.others.insert(kind);
            }
            return;
        }
        let Some((flow, payload)) = parse(&frame[14..]) else {
            return;
        };
        *self.flows.entry(flow).or_default() += payload.len() as u64;
        // With what came before it: a word may lie across two packets.
        self.payloads.entry(flow).or_default().extend(payload);
    }

    /// What leaked: words of `markers`, and flows that `known` does not know.
    pub fn leaks(&self, markers: &[&str], known: impl Fn(&Flow) -> bool) -> Vec<Leak> {
        let mut leaks = BTreeSet::new();
        for flow in self.flows.keys() {
            if flow.one.1 == 53 || flow.other.1 == 53 {
                leaks.insert(Leak::Dns(*flow));
            } else if !known(flow) {
                leaks.insert(Leak::Stranger(*flow));
            }
        }
        for (flow, bytes) in &self.payloads {
            for marker in markers {
                if contains(bytes, marker.as_bytes()) {
                    leaks.insert(Leak::Marker((*marker).into(), *flow));
                }
            }
        }
        leaks.extend(self.others.iter().map(|kind| Leak::Other(*kind)));
        leaks.into_iter().collect()
    }
}

fn parse(packet: &[u8]) -> Option<(Flow, &[u8])> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let protocol = *packet.get(9)?;
    let address = |at: usize| {
        let bytes: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(bytes))
    };
    // Kernels tell their switches which groups they hear, as they ask for addresses by ARP.
    const IGMP: u8 = 2;
    if protocol == IGMP {
        return None;
    }
    let total = u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]);
    let segment = packet.get(header..usize::from(total).min(packet.len()))?;
    let port = |at: usize| {
        Some(u16::from_be_bytes([
            *segment.get(at)?,
            *segment.get(at + 1)?,
        ]))
    };
    let (ports, skip) = match protocol {
        6 => ((port(0)?, port(2)?), usize::from(segment.get(12)? >> 4) * 4),
        17 => ((port(0)?, port(2)?), 8),
        _ => ((0, 0), 0),
    };
    let mut ends = [(address(12)?, ports.0), (address(16)?, ports.1)];
    ends.sort_unstable();
    let flow = Flow {
        protocol,
        one: ends[0],
        other: ends[1],
    };
    Some((flow, segment.get(skip..).unwrap_or_default()))
}

/// What was written to the file from a place on.
fn since(file: &Path, place: u64) -> Result<Vec<u8>> {
    let mut file = File::open(file)?;
    file.seek(SeekFrom::Start(place))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn contains(bytes: &[u8], marker: &[u8]) -> bool {
    !marker.is_empty() && bytes.windows(marker.len()).any(|window| window == marker)
}
