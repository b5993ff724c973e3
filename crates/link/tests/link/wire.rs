//! A line in between that sees every datagram, holds answers back and says things again.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        atomic::{AtomicBool, AtomicU16, Ordering::SeqCst},
        Arc, Mutex,
    },
};
use tokio::{net::UdpSocket, sync::mpsc};

/// Kinds of QUIC packets with long headers, RFC 9000, 17.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Initial,
    EarlyData,
    Handshake,
    Retry,
    Short,
}

pub fn kind_of(datagram: &[u8]) -> Kind {
    let first = datagram[0];
    match (first & 0x80 != 0, (first >> 4) & 3) {
        (false, _) => Kind::Short,
        (true, 0) => Kind::Initial,
        (true, 1) => Kind::EarlyData,
        (true, 2) => Kind::Handshake,
        _ => Kind::Retry,
    }
}

/// Addresses that went out already: every connection has its own, 127.1.0.1 and up.
static HOSTS: AtomicU16 = AtomicU16::new(1);

/// One line to one server.
pub struct Line {
    addr: SocketAddr,
    pub answers: mpsc::UnboundedReceiver<(usize, Kind)>,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
    mute: Arc<AtomicBool>,
}

impl Line {
    pub async fn to(server: SocketAddr) -> Self {
        let inner = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addr = inner.local_addr().unwrap();
        let (tell, answers) = mpsc::unbounded_channel();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let mute = Arc::new(AtomicBool::new(false));
        let line = Arc::new(inner);
        tokio::spawn(forward(
            line,
            server,
            tell,
            Arc::clone(&sent),
            Arc::clone(&mute),
        ));
        Self {
            addr,
            answers,
            sent,
            mute,
        }
    }

    pub fn at(&self) -> [SocketAddr; 1] {
        [self.addr]
    }

    /// The server's answers go no further.
    pub fn mute(&self) {
        self.mute.store(true, SeqCst);
    }

    /// What clients have sent up to now.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        self.sent.lock().unwrap().clone()
    }
}

async fn forward(
    inner: Arc<UdpSocket>,
    server: SocketAddr,
    tell: mpsc::UnboundedSender<(usize, Kind)>,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
    mute: Arc<AtomicBool>,
) {
    let mut ways: HashMap<Vec<u8>, Arc<UdpSocket>> = HashMap::new();
    let mut last: Option<Arc<UdpSocket>> = None;
    let mut buffer = vec![0; 65_536];
    while let Ok((len, client)) = inner.recv_from(&mut buffer).await {
        let datagram = buffer[..len].to_vec();
        sent.lock().unwrap().push(datagram.clone());
        // The destination's id names a connection until the server has answered; later packets are the last one's.
        let named = (kind_of(&datagram) == Kind::Initial)
            .then(|| datagram[6..6 + usize::from(datagram[5])].to_vec());
        let way = match named {
            Some(name) if !ways.contains_key(&name) && (last.is_none() || mute.load(SeqCst)) => {
                let number = ways.len();
                let [high, low] = HOSTS.fetch_add(1, SeqCst).to_be_bytes();
                let host = Ipv4Addr::new(127, 1, high, low);
                let outer = Arc::new(UdpSocket::bind((host, 0)).await.unwrap());
                ways.insert(name, Arc::clone(&outer));
                let back = (Arc::clone(&inner), client);
                tokio::spawn(answer(
                    Arc::clone(&outer),
                    back,
                    number,
                    tell.clone(),
                    Arc::clone(&mute),
                ));
                last = Some(Arc::clone(&outer));
                outer
            }
            Some(name) if ways.contains_key(&name) => Arc::clone(&ways[&name]),
            _ => Arc::clone(last.as_ref().unwrap()),
        };
        way.send_to(&datagram, server).await.unwrap();
    }
}

async fn answer(
    outer: Arc<UdpSocket>,
    (inner, client): (Arc<UdpSocket>, SocketAddr),
    number: usize,
    tell: mpsc::UnboundedSender<(usize, Kind)>,
    mute: Arc<AtomicBool>,
) {
    let mut buffer = vec![0; 65_536];
    while let Ok((len, _)) = outer.recv_from(&mut buffer).await {
        let _ = tell.send((number, kind_of(&buffer[..len])));
        if !mute.load(SeqCst) {
            let _ = inner.send_to(&buffer[..len], client).await;
        }
    }
}
