/// A commented configuration file, printed by `iog-keeper config example`.
pub const EXAMPLE: &str = r#"# Configuration of iog-keeper. Paths are relative to this file. Every value may be overridden by an environment variable
# (IOG_KEEPER_RPC_URL, IOG_KEEPER_ROLES, ...) or a flag; see iog-keeper run --help.

rpc_url = "http://127.0.0.1:8899"
# Endpoints of other operators, on other hosts. A lease is served only when one of them tells the same of it as rpc_url, and they are asked
# where rpc_url is silent: a node that beats nowhere for half an hour loses its leases.
# witness_urls = ["https://rpc.example.com"]
# Start the role node without a witness: only on a network of your own.
single_rpc = true

# Key file, mode 0600 (chmod 600). The fee payer pays fees and the rent of leases; it owns nothing else.
fee_payer = "keys/fee-payer.json"

# node: prove, check in, serve leases. scheduler: match orders. crank: hourly work that anyone may do. price: see [price] below.
roles = ["node", "scheduler", "crank"]

# Books, walks and openings of the hour. One keeper only may use it, and for one chain.
state_dir = "state"
# The books' file takes this much from the start: a full disk stops no heartbeat.
# books_mib = 256
# Where keepers of this machine see who has which device key. Default: /run/lock, $XDG_RUNTIME_DIR or the folder of temporary files.
# lock_dir = "/run/lock"

# Machine seconds between two passes; 0.2 on a network whose clock is hurried.
# tick_secs = 5
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

# One table for each device on this machine (role node). The devices are registered and staked by their owner beforehand. key signs transactions
# and is read by the chain process alone; tunnel_key is the link's, read by the link process alone, its address is registered with the device. cards:
# as many as the device is registered with, by UUID (nvidia-smi -L), PCI address or number. Without any they are dealt out by number in the
# order of the devices. Numbers change when a card fails: name cards where there are several devices.
[[device]]
key = "keys/device-1.json"
# tunnel_key = "keys/tunnel-1.json"
# cards = ["GPU-2d4a9b31-6f0e-4c8a-9b0d-1f2e3a4b5c6d"]

# The processes that serve renters: iog-keeper node starts all of them.
[node]
# The folder that they share. Default: node in state_dir, which only one user can read.
# dir = "/var/lib/iog/node"
# Who they are where iog-keeper node is root. Without these all are one user, and only jobs of policy.own_renters are safe to take.
# chain_user = "iog-chain"
# link_user = "iog-link"
# jobs_user = "root"
# Hours for which outputs and logs can be fetched after a lease; 24 at least.
# keep_hours = 24
# container (Podman), docker (your own Docker; with both the job side needs root) or sandbox (bubblewrap: commands only).
# engine = "container"
# What starts jobs of container: runc, or runsc (gVisor; no cards).
# runtime = "runc"
# Of container and docker. Hosts that images may be pulled from, by digest: behind the filter of jobs, as a user that nobody else is. One with
# http:// is your own: plain HTTP, unfiltered. None: images come as archives only.
# registries = ["docker.io", "ghcr.io", "http://registry.lan:5000"]
# The image for jobs that name none, shells above all: an OCI archive (skopeo copy docker://debian@sha256:... oci-archive:shell.tar). Without it
# they are declined.
# session_image = "shell.tar"
# All images together, the least recently used go first; also the most that one may have. Default: a quarter of the disk, 256 at most.
# image_cache_gib = 256
# Mbit/s to the internet and from there, for each lease (default 100) and each pull of an image (default 1000).
# egress_mbit = 100
# Of docker. Its daemon.json needs: {"live-restore": true, "exec-opts": ["native.cgroupdriver=cgroupfs"]}
# docker_socket = "/var/run/docker.sock"
# Whose relays the link uses: a network's name, or a file.
# network = "localnet"
# bind = "0.0.0.0:4433"
# relay_only = false
# The library of NVIDIA's driver, which tells of the cards and makes them ready between leases.
# nvml = "libnvidia-ml.so.1"
# Folders that jobs of sandbox see beside /usr, read only and at the same path: a Python with Ray, data. Real paths, without keys.
# sandbox_shows = ["/srv/ray"]
# Where iog-keeper node is root, link_user reaches no private address but its relays and servers of names, and these networks of your own.
# lans = ["192.168.1.0/24"]

# Of the engine kubernetes (builds with the feature kubernetes; docs/kubernetes.md). No real cluster has run it yet.
# [node.kubernetes]
# helper_image = "registry.example.com/iog/keeper@sha256:..."
# namespace = "iog-jobs"
# Default: NODE_NAME and POD_IP of the environment.
# machine = "gpu-1"
# address = "10.0.0.7"
# secrets_dir = "/run/iog-secrets"
# runtime_class = "gvisor"
# user_namespaces = false
# gpu_resource = "nvidia.com/gpu"
# pull_secret = "registry"
# forbidden = ["203.0.114.0/24"]
# max_pods = 64

# What this machine takes. What is refused is declined at the match, which costs nobody anything.
[policy]
# A job whose outline the renter has not told before: accept, or decline (30 s after the match). Default: accept, unless images.allow names some.
# unknown_jobs = "accept"
# Wallets of the operator: the only ones that are served where the engine does not isolate jobs.
# own_renters = ["..."]
# max_hours = 720
# Least for a GPU-hour, US dollars with 6 decimals.
# min_usd6_per_gpu_hour = 500000
# Let jobs reach the internet (never private networks).
# egress = false
# Fetch inputs that a job names by https address (never from private networks). Needs root, ip and nft for other renters' jobs.
# fetch = false
# Ports that jobs may offer. Default: all.
# ports = [8080, 8888]
# max_input_bytes = 100000000000
# Orders that would still run then are declined. iog-keeper drain --on declines all until --off.
# maintenance = [{ from = "2026-12-01T22:00:00Z", hours = 4 }]
# [policy.renters]
# allow = []
# deny = []
# By the configuration's digest, or by reference; a * at the end takes all that begin so.
# [policy.images]
# allow = ["sha256:...", "registry.example.com/team/*"]
# deny = []

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
