/// A commented configuration file, printed by `iog-keeper config example`.
pub const EXAMPLE: &str = r#"# Configuration of iog-keeper. Paths are relative to this file. Every value may be overridden by an environment variable
# (IOG_KEEPER_RPC_URL, IOG_KEEPER_ROLES, ...) or a flag; see iog-keeper run --help.

rpc_url = "http://127.0.0.1:8899"

# Key files, mode 0600 (chmod 600). The fee payer pays fees and the rent of leases; it owns nothing else.
fee_payer = "keys/fee-payer.json"
# One file for each device on this machine (role node). The devices are registered and staked by their owner beforehand.
device_keys = ["keys/device-1.json"]

# node: prove, check in, serve leases. scheduler: match orders. crank: hourly work that anyone may do. price: see [price] below.
roles = ["node", "scheduler", "crank"]

# Outbox, walks and openings of the hour, engine state and outputs of jobs. One keeper only may use it.
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

# /livez, /readyz, /metrics and /v1/price. Keep it on loopback: there is no authentication.
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
# Let the CPU walk when the cards cannot be had or fail. Off: the proof fails, and the log says why.
# fallback = false
# Threads of the CPU; 0 uses all.
# threads = 0

# Which cards stand behind which device key, as many as the device is registered with: by UUID (nvidia-smi -L), PCI address or number. Without it
# cards are dealt out by number, in the order of device_keys. Numbers change when a card fails: name cards where there are several devices.
# [prover.cards]
# "<address of the key in keys/device-1.json>" = ["GPU-2d4a9b31-6f0e-4c8a-9b0d-1f2e3a4b5c6d", "GPU-..."]

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

# Role price: asks several sources what IO costs, signs what they agree on, serves it at /v1/price, and reports it on chain.
[price]
# The reporter's key: governance names it, it owns nothing. Without it only reports of peers are carried.
# key = "keys/reporter.json"
# How many sources must agree.
# min_sources = 3
# Seconds between two looks.
# sample_secs = 10
# Report on chain when the price has moved by this much, after every_secs at the latest, never sooner than least_secs.
# move_bps = 50
# every_secs = 300
# least_secs = 30
# Most that reporting may cost in a day; following small moves takes half of it at most.
# lamports_per_day = 20000000
# Keepers of other reporters (/v1/price is asked there): one transaction carries all, which the quorum needs.
# peers = ["https://reporter-two.example.com:9465"]
# Where /v1/price is served besides listen; this one is meant for the public.
# listen = "0.0.0.0:9465"

# At least min_sources of these, better of different kinds. pointer is the JSON pointer to the number; unit is usd (dollars for an
# IO), 0.01 (dollars of one), or 1/usd (IO for a dollar). headers is a file of `Name: value` lines, mode 0600: put access keys there.
# time points to the price's unix time, which may be max_age_secs ago.
# [[price.sources]]
# url = "https://api.exchange.example.com/v1/ticker?pair=IO-USD"
# name = "exchange"
# pointer = "/data/0/last"
# unit = "usd"
# weight = 1
# timeout_ms = 4000
# headers = "keys/exchange.headers"
# time = "/data/0/ts"
# max_age_secs = 60

# Where the network's price is Pyth's: fetch its updates and post them. Needs no key and no sources.
# [price.hermes]
# endpoint = "https://hermes.pyth.network"
# headers = "keys/hermes.headers"
# timeout_ms = 4000
# shard = 0
"#;
