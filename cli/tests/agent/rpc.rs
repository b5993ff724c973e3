//! An endpoint that knows one order and its leases, and nothing else.

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{json, Value};
use solana_pubkey::Pubkey;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub const GENESIS: [u8; 32] = [11; 32];
const CLOCK: &str = "SysvarC1ock11111111111111111111111111111111";

/// What the chain holds: owner and data by address.
#[derive(Default)]
pub struct Chain {
    pub now: i64,
    pub accounts: BTreeMap<Pubkey, (Pubkey, Vec<u8>)>,
    /// Requests are answered with an error.
    pub broken: bool,
}

pub struct Rpc {
    pub url: String,
    pub chain: Arc<Mutex<Chain>>,
}

impl Rpc {
    pub async fn start() -> Self {
        Self::at("127.0.0.1").await
    }

    /// On a host of its own, as an address of this machine may be.
    pub async fn at(host: &str) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let chain = Arc::new(Mutex::new(Chain::default()));
        let served = Arc::clone(&chain);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        Self { url, chain }
    }
}

async fn serve(mut stream: TcpStream, chain: Arc<Mutex<Chain>>) {
    let mut buffer = Vec::new();
    while let Some(body) = request(&mut stream, &mut buffer).await {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let broken = chain.lock().unwrap().broken;
        let (status, text) = match broken {
            true => ("503 Service Unavailable", String::new()),
            false => {
                let result = answer(&asked, &chain.lock().unwrap());
                (
                    "200 OK",
                    json!({"jsonrpc": "2.0", "id": asked["id"], "result": result}).to_string(),
                )
            }
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        if stream.write_all((head + &text).as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(head) = buffer.windows(4).position(|end| end == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
            let len = text
                .split("content-length: ")
                .nth(1)?
                .split("\r\n")
                .next()?;
            let end = head + 4 + len.trim().parse::<usize>().ok()?;
            if buffer.len() >= end {
                let body = buffer[head + 4..end].to_vec();
                buffer.drain(..end);
                return Some(body);
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn answer(asked: &Value, chain: &Chain) -> Value {
    let first = &asked["params"][0];
    match asked["method"].as_str().unwrap() {
        "getGenesisHash" => json!(Pubkey::new_from_array(GENESIS).to_string()),
        "getMultipleAccounts" => {
            let addresses = first.as_array().unwrap().iter();
            let values: Vec<Value> = addresses
                .map(|address| account(address.as_str().unwrap(), chain))
                .collect();
            json!({"context": {"slot": 1}, "value": values})
        }
        "getProgramAccounts" => {
            let filters = asked["params"][1]["filters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let found = chain.accounts.iter().filter(|(_, (owner, data))| {
                first == &json!(owner.to_string())
                    && filters.iter().all(|filter| matches(filter, data))
            });
            found.map(|(address, (owner, data))| json!({"pubkey": address.to_string(), "account": shown(owner, data)})).collect()
        }
        other => panic!("{other} is not known here"),
    }
}

fn matches(filter: &Value, data: &[u8]) -> bool {
    let filter = &filter["memcmp"];
    let at = usize::try_from(filter["offset"].as_u64().unwrap()).unwrap();
    let bytes = match filter["encoding"].as_str() {
        Some("base64") => STANDARD.decode(filter["bytes"].as_str().unwrap()).unwrap(),
        _ => base58(filter["bytes"].as_str().unwrap()),
    };
    data.get(at..at + bytes.len()) == Some(&bytes)
}

fn base58(text: &str) -> Vec<u8> {
    const LETTERS: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes: Vec<u8> = Vec::new();
    for letter in text.chars() {
        let mut carry = LETTERS.find(letter).unwrap();
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = (carry % 256) as u8;
            carry /= 256;
        }
        while carry > 0 {
            bytes.insert(0, (carry % 256) as u8);
            carry /= 256;
        }
    }
    let zeros = text.chars().take_while(|letter| *letter == '1').count();
    [vec![0; zeros], bytes].concat()
}

fn account(address: &str, chain: &Chain) -> Value {
    if address == CLOCK {
        let mut clock = vec![0; 40];
        clock[32..].copy_from_slice(&chain.now.to_le_bytes());
        return shown(
            &"Sysvar1111111111111111111111111111111111111"
                .parse()
                .unwrap(),
            &clock,
        );
    }
    let found = chain.accounts.get(&address.parse().unwrap());
    found.map_or(Value::Null, |(owner, data)| shown(owner, data))
}

fn shown(owner: &Pubkey, data: &[u8]) -> Value {
    json!({
        "data": [STANDARD.encode(data), "base64"], "executable": false, "lamports": 1,
        "owner": owner.to_string(), "rentEpoch": 0, "space": data.len(),
    })
}
