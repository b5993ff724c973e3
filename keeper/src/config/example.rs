/// A commented configuration file, printed by `iog-keeper config example`.
pub const EXAMPLE: &str = r#"# Configuration of iog-keeper. Paths are relative to this file. Every value may be overridden by an environment variable
# (IOG_KEEPER_RPC_URL, IOG_KEEPER_ROLES, ...) or a flag; see iog-keeper run --help.

rpc_url = "http://127.0.0.1:8899"

# Key files, mode 0600 (chmod 600). The fee payer pays fees and the rent of leases; it owns nothing else.
fee_payer = "keys/fee-payer.json"
# One file for each device on this machine (role node). The devices are registered and staked by their owner beforehand.
device_keys = ["keys/device-1.json"]

# node: prove, check in, serve leases. scheduler: match orders. crank: hourly work that anyone may do.
roles = ["node", "scheduler", "crank"]

# Outbox, engine state and outputs of jobs. One keeper only may use it.
state_dir = "state"
# Job specifications that this machine runs, <hash in hex>.json. Default: jobs in state_dir.
# jobs_dir = "state/jobs"

# Machine seconds between two passes.
# tick_secs = 5
# engine = "local"
# Most transactions on their way at a time.
# concurrency = 8

# Most lamports that fees and rent may cost in an hour of chain time.
# spending_cap_lamports_per_hour = 200000000

# /livez, /readyz and /metrics. Keep it on loopback: there is no authentication.
listen = "127.0.0.1:9464"

# Price of a compute unit: the percentile of what the written accounts paid lately, within floor and cap.
[fees]
# floor_micro_lamports = 1000
# cap_micro_lamports = 1000000
# fallback_micro_lamports = 10000
# percentile = 60

# What walks memory for the hourly proof: cpu, cuda (NVIDIA's driver and NVRTC), wgpu (Vulkan, Metal, DX12).
# iog-keeper bench pow says how fast each is.
[prover]
# backend = "cpu"
# Number of the card, of those that the backend sees.
# device = 0
# Let the CPU walk when the card cannot be had or fails. Off: the proof fails, and the log says why.
# fallback = false
# Threads of the CPU; 0 uses all.
# threads = 0

# Several keepers with the crank role save fees by taking turns: each waits rank * wait_secs after an action falls due.
[turn]
# keepers = 1
# wait_secs = 0

[crank]
# Also pay out what is booked for owners of devices.
# claim = false
# Hand the network's IO fees to the treasury, and burn them there, once this many base units (8 decimals) are due.
# burn_at_units = 100000000
# The same for fees in dollars, and for reporting earned IOSD (6 decimals).
# collect_at_usd_units = 1000000
# Pay suppliers that have a token account what they have earned, once this much is due to one. Not set: they fetch it themselves.
# withdraw_at_io_units = 10000000000
# withdraw_at_usd_units = 25000000
# The account with the price of IO, for orders in IO whose price is taken anew after 168 hours; only where the network's price source
# pins none (iog price show tells).
# price_account = "..."
"#;
