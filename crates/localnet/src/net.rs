use crate::{
    config::Config,
    error::LocalNetError,
    events::{follow, Notice},
    worker::Worker,
};
use crossbeam_channel::{unbounded, Receiver, Sender};
use solana_keypair::Keypair;
use solana_signer::Signer;
use std::{
    net::{Ipv4Addr, TcpListener},
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};
use surfpool_core::{
    runloops::start_local_surfnet_runloop,
    surfnet::{
        locker::SurfnetSvmLocker,
        svm::{SurfnetSvm, SurfnetSvmConfig},
        GeyserEvent,
    },
};
use surfpool_types::{BlockProductionMode, RpcConfig, SimnetCommand, SimnetConfig, SurfpoolConfig};

const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
const FREE_PORT_TRIES: usize = 5;
const FAUCET_LAMPORTS: u64 = 1_000_000_000_000_000;
/// Our worker makes the blocks. Surfpool's ticker cannot be ended, so it is made to sleep instead of waking a dead channel.
const IDLE_TICK_MS: u64 = 24 * 3_600 * 1_000;

/// A running network. Stops when dropped.
pub struct LocalNet {
    pub(crate) worker: Worker,
    pub(crate) commands: Sender<SimnetCommand>,
    pub(crate) slot_time_ms: u64,
    pub(crate) faucet: Keypair,
    notices: Receiver<Notice>,
    main: Option<JoinHandle<()>>,
    rpc_port: u16,
    ws_port: u16,
}

impl LocalNet {
    /// Starts a network on loopback and returns once its RPC answers. Contacts nothing outside the machine.
    pub fn start(config: Config) -> Result<Self, LocalNetError> {
        for port in [config.rpc_port, config.ws_port].into_iter().flatten() {
            check_free(port)?;
        }
        let mut last = LocalNetError::Start("no free port was found".into());
        // A free port may be taken between finding and binding it; a port that was asked for is tried once.
        let fixed = config.rpc_port.is_some() && config.ws_port.is_some();
        for _ in 0..if fixed { 1 } else { FREE_PORT_TRIES } {
            let rpc_port = config.rpc_port.map_or_else(free_port, Ok)?;
            let ws_port = config.ws_port.map_or_else(free_port, Ok)?;
            match start_on(&config, rpc_port, ws_port) {
                Err(error @ LocalNetError::Start(_)) => last = error,
                other => return other,
            }
        }
        Err(last)
    }

    /// `http://127.0.0.1:<port>`.
    pub fn rpc_url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.rpc_port)
    }

    /// `ws://127.0.0.1:<port>`.
    pub fn ws_url(&self) -> String {
        format!("ws://{}:{}", Ipv4Addr::LOCALHOST, self.ws_port)
    }

    /// An account with a million SOL that pays for this crate's own transactions and may pay for the caller's.
    pub fn faucet(&self) -> &Keypair {
        &self.faucet
    }

    /// Closes both servers and frees their ports. Calling it again does nothing.
    pub fn stop(&mut self) -> Result<(), LocalNetError> {
        self.worker.stop();
        let Some(main) = self.main.take() else {
            return Ok(());
        };
        if self.commands.send(SimnetCommand::Terminate(None)).is_err() {
            return Ok(());
        }
        let deadline = Instant::now() + STOP_TIMEOUT;
        let mut closed = 0;
        while closed < 2 {
            match self.notices.recv_deadline(deadline) {
                Ok(Notice::ServerClosed) => closed += 1,
                Ok(_) => {}
                Err(_) => return Err(LocalNetError::StopTimeout(STOP_TIMEOUT.as_secs())),
            }
        }
        if main.join().is_err() {
            tracing::error!("the local network's main thread had panicked");
        }
        Ok(())
    }
}

impl Drop for LocalNet {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!(%error, "a local network was dropped");
        }
    }
}

fn start_on(config: &Config, rpc_port: u16, ws_port: u16) -> Result<LocalNet, LocalNetError> {
    let slot_time_ms = slot_time_ms(config)?;
    let svm_config = SurfnetSvmConfig {
        slot_time: slot_time_ms,
        instruction_profiling_enabled: false,
        ..Default::default()
    };
    let (mut svm, events, geyser) =
        SurfnetSvm::new(svm_config).map_err(|e| LocalNetError::Surfpool(e.to_string()))?;
    if let Some(start_ts) = config.start_unix_ts {
        let start_ms = u64::try_from(start_ts)
            .ok()
            .and_then(|secs| secs.checked_mul(1_000));
        svm.updated_at = start_ms
            .ok_or_else(|| LocalNetError::Config("start_unix_ts must be 0 or later".into()))?;
        svm.genesis_updated_at = svm.updated_at;
        svm.reconstruct_sysvars();
    }
    let locker = SurfnetSvmLocker::new(svm);
    let (notice_tx, notices) = unbounded();
    follow(events, notice_tx.clone()).map_err(start_error)?;
    let (commands, command_rx) = unbounded();
    let main = spawn_main(
        locker.clone(),
        surfpool_config(rpc_port, ws_port),
        commands.clone(),
        command_rx,
        geyser,
        notice_tx,
    )?;
    wait_ready(&notices)?;
    let worker = Worker::spawn(locker, config.block_interval).map_err(start_error)?;
    let net = LocalNet {
        worker,
        commands,
        slot_time_ms,
        faucet: Keypair::new(),
        notices,
        main: Some(main),
        rpc_port,
        ws_port,
    };
    net.fund(&net.faucet.pubkey(), FAUCET_LAMPORTS)?;
    Ok(net)
}

fn slot_time_ms(config: &Config) -> Result<u64, LocalNetError> {
    match u64::try_from(config.slot_time.as_millis()) {
        Ok(0) | Err(_) => Err(LocalNetError::Config(
            "slot_time must be at least one millisecond".into(),
        )),
        Ok(_) if config.block_interval == Some(Duration::ZERO) => Err(LocalNetError::Config(
            "block_interval must not be zero; use None for blocks on request".into(),
        )),
        Ok(ms) => Ok(ms),
    }
}

fn surfpool_config(rpc_port: u16, ws_port: u16) -> SurfpoolConfig {
    SurfpoolConfig {
        simnets: vec![SimnetConfig {
            offline_mode: true,
            remote_rpc_url: None,
            slot_time: IDLE_TICK_MS,
            block_production_mode: BlockProductionMode::Manual,
            instruction_profiling_enabled: false,
            ..Default::default()
        }],
        rpc: RpcConfig {
            bind_host: Ipv4Addr::LOCALHOST.to_string(),
            bind_port: rpc_port,
            ws_port,
            ..Default::default()
        },
        ..Default::default()
    }
}

/// Surfpool's main loop blocks its thread, so it gets one, with a runtime of its own.
fn spawn_main(
    locker: SurfnetSvmLocker,
    config: SurfpoolConfig,
    commands: Sender<SimnetCommand>,
    command_rx: Receiver<SimnetCommand>,
    geyser: Receiver<GeyserEvent>,
    notices: Sender<Notice>,
) -> Result<JoinHandle<()>, LocalNetError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(start_error)?;
    let run = move || {
        let running = start_local_surfnet_runloop(locker, config, commands, command_rx, geyser);
        if let Err(error) = runtime.block_on(running) {
            // Only a caller that still waits for the start can use this.
            let _ = notices.send(Notice::Failed(error.to_string()));
        }
    };
    Builder::new()
        .name("localnet-main".into())
        .spawn(run)
        .map_err(start_error)
}

fn wait_ready(notices: &Receiver<Notice>) -> Result<(), LocalNetError> {
    match notices.recv_timeout(START_TIMEOUT) {
        Ok(Notice::Ready) => Ok(()),
        Ok(Notice::Failed(reason)) => Err(LocalNetError::Start(reason)),
        Ok(Notice::ServerClosed) => Err(LocalNetError::Start("it stopped while starting".into())),
        Err(_) => Err(LocalNetError::Start(format!(
            "no sign of life within {} s",
            START_TIMEOUT.as_secs()
        ))),
    }
}

/// Surfpool prints a complaint of its own about a port that is taken, so it is not let come to that.
fn check_free(port: u16) -> Result<(), LocalNetError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(|_| ())
        .map_err(|error| {
            LocalNetError::Config(format!(
                "port {port} is not free ({error}); choose another or stop what holds it"
            ))
        })
}

fn free_port() -> Result<u16, LocalNetError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(start_error)?;
    Ok(listener.local_addr().map_err(start_error)?.port())
}

fn start_error(error: std::io::Error) -> LocalNetError {
    LocalNetError::Start(error.to_string())
}
