use std::time::Duration;

/// How a [`LocalNet`](crate::LocalNet) is set up. `Config::default()` is a chain like mainnet on free ports.
#[derive(Clone, Debug)]
pub struct Config {
    /// Port of the JSON RPC on 127.0.0.1; `None` takes a free one.
    pub rpc_port: Option<u16>,
    /// Port of the WebSocket on 127.0.0.1; `None` takes a free one.
    pub ws_port: Option<u16>,
    /// Chain time of one slot, in whole milliseconds. 400 ms is mainnet's.
    pub slot_time: Duration,
    /// Real time between blocks, which may be shorter than `slot_time` to hurry the chain. `None`: blocks only on request.
    pub block_interval: Option<Duration>,
    /// The clock's first `unix_timestamp`; `None` is the machine's time.
    pub start_unix_ts: Option<i64>,
}

impl Default for Config {
    fn default() -> Self {
        let slot_time = Duration::from_millis(400);
        Self {
            rpc_port: None,
            ws_port: None,
            slot_time,
            block_interval: Some(slot_time),
            start_unix_ts: None,
        }
    }
}
