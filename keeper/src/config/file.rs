//! File, environment and flags into one configuration.

use super::{Config, Device, Role};
use crate::error::{KeeperError, Result};
use clap::Args;
use iog_pow_gpu::Backend;
use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

/// What flags and environment put in place of the file's values. A flag wins over the environment, which wins over the file.
///
/// Keys are named by their files: a secret in an argument or a variable is seen by every process of the user.
#[derive(Args, Clone, Debug, Default)]
pub struct Overrides {
    /// RPC endpoint
    #[arg(long, env = "IOG_KEEPER_RPC_URL")]
    pub rpc_url: Option<String>,
    /// Any of node, scheduler, crank, price
    #[arg(long, env = "IOG_KEEPER_ROLES", value_delimiter = ',')]
    pub roles: Vec<Role>,
    /// Keypair file that pays fees
    #[arg(long, env = "IOG_KEEPER_FEE_PAYER", value_name = "FILE")]
    pub fee_payer: Option<PathBuf>,
    /// Keypair files of this machine's devices, in place of those of the file; cards and tunnel keys that it has for them stay
    #[arg(
        long,
        env = "IOG_KEEPER_DEVICE_KEYS",
        value_name = "FILE",
        value_delimiter = ',',
        visible_alias = "device-key"
    )]
    pub device_keys: Vec<PathBuf>,
    /// Endpoints of other operators, which must tell the same of a lease before it is served
    #[arg(
        long,
        env = "IOG_KEEPER_WITNESS_URLS",
        value_name = "URL",
        value_delimiter = ','
    )]
    pub witness_urls: Vec<String>,
    /// Let the role node start with one RPC endpoint
    #[arg(long, env = "IOG_KEEPER_SINGLE_RPC")]
    pub single_rpc: bool,
    /// Books, walks and openings
    #[arg(long, env = "IOG_KEEPER_STATE_DIR", value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Shared by the processes of a node
    #[arg(long, env = "IOG_KEEPER_NODE_DIR", value_name = "DIR")]
    pub node_dir: Option<PathBuf>,
    /// Seconds between two passes; a fraction for networks whose clock is hurried
    #[arg(long = "tick-secs", env = "IOG_KEEPER_TICK_SECS", value_name = "SECS", value_parser = secs)]
    pub tick: Option<Duration>,
    /// What walks memory: cpu, cuda or wgpu
    #[arg(long, env = "IOG_KEEPER_PROVER_BACKEND", value_name = "BACKEND")]
    pub prover_backend: Option<Backend>,
    /// Let the CPU walk when the cards cannot
    #[arg(long, env = "IOG_KEEPER_PROVER_FALLBACK")]
    pub prover_fallback: bool,
    /// Threads of the CPU prover; 0 uses all
    #[arg(long, env = "IOG_KEEPER_PROVER_THREADS", value_name = "N")]
    pub prover_threads: Option<usize>,
    /// Address of /livez, /readyz, /metrics and /v1/price
    #[arg(long, env = "IOG_KEEPER_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Most lamports that fees and rent may cost in an hour
    #[arg(long, env = "IOG_KEEPER_SPENDING_CAP", value_name = "LAMPORTS")]
    pub spending_cap: Option<u64>,
    /// Least price of a compute unit
    #[arg(long, env = "IOG_KEEPER_PRIORITY_FLOOR", value_name = "MICRO_LAMPORTS")]
    pub priority_floor: Option<u64>,
    /// Highest price of a compute unit
    #[arg(long, env = "IOG_KEEPER_PRIORITY_CAP", value_name = "MICRO_LAMPORTS")]
    pub priority_cap: Option<u64>,
    /// Simulate and say what would be done; send nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Config {
    /// The file's configuration with the overrides on top, checked.
    pub fn load(file: Option<&std::path::Path>, overrides: Overrides) -> Result<Self> {
        let mut config = match file {
            Some(path) => Self::read(path)?,
            None => Self::bare(&overrides)?,
        };
        overrides.apply(&mut config);
        // Children of this process work in folders of their own: a relative path would be another one there.
        let here = std::env::current_dir().map_err(KeeperError::file("."))?;
        config.resolve(&here);
        config.validate()?;
        Ok(config)
    }

    fn read(path: &std::path::Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| {
            KeeperError::Config(format!(
                "{}: {error}; `iog-keeper config example` prints one to start from",
                path.display()
            ))
        })?;
        let mut config = Self::from_toml(&text)
            .map_err(|reason| KeeperError::Config(format!("{}: {reason}", path.display())))?;
        config.resolve(path.parent().unwrap_or(std::path::Path::new(".")));
        Ok(config)
    }

    /// Parses a TOML text; the error is one line.
    pub fn from_toml(text: &str) -> std::result::Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| {
                let before = text.get(..span.start).unwrap_or_default();
                before.matches('\n').count().saturating_add(1)
            });
            match line {
                Some(line) => format!("line {line}: {}", error.message()),
                None => error.message().to_string(),
            }
        })
    }

    /// Without a file the three settings that have no default must come from flags or environment.
    fn bare(overrides: &Overrides) -> Result<Self> {
        let missing = |flag: &str| {
            KeeperError::Config(format!(
                "{flag} is not set; pass --config keeper.toml or --{flag}"
            ))
        };
        Ok(Self::new(
            overrides
                .rpc_url
                .clone()
                .ok_or_else(|| missing("rpc-url"))?,
            overrides
                .fee_payer
                .clone()
                .ok_or_else(|| missing("fee-payer"))?,
            overrides
                .state_dir
                .clone()
                .ok_or_else(|| missing("state-dir"))?,
        ))
    }
}

fn secs(text: &str) -> std::result::Result<Duration, String> {
    let secs: f64 = text.parse().map_err(|_| "it is no number of seconds")?;
    Duration::try_from_secs_f64(secs).map_err(|error| error.to_string())
}

impl Overrides {
    fn apply(self, config: &mut Config) {
        fn set<T>(target: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *target = value;
            }
        }
        set(&mut config.rpc_url, self.rpc_url);
        set(&mut config.fee_payer, self.fee_payer);
        set(&mut config.state_dir, self.state_dir);
        set(&mut config.tick, self.tick);
        set(&mut config.prover.backend, self.prover_backend);
        set(&mut config.prover.threads, self.prover_threads);
        config.prover.fallback |= self.prover_fallback;
        set(
            &mut config.spending_cap_lamports_per_hour,
            self.spending_cap,
        );
        set(&mut config.fees.floor_micro_lamports, self.priority_floor);
        set(&mut config.fees.cap_micro_lamports, self.priority_cap);
        config.node.dir = self.node_dir.or(config.node.dir.take());
        config.single_rpc |= self.single_rpc;
        config.listen = self.listen.or(config.listen);
        config.dry_run |= self.dry_run;
        if !self.roles.is_empty() {
            config.roles = self.roles.into_iter().collect();
        }
        if !self.witness_urls.is_empty() {
            config.witness_urls = self.witness_urls;
        }
        if !self.device_keys.is_empty() {
            let of_file = std::mem::take(&mut config.devices);
            let known = |key: PathBuf| {
                let found = of_file.iter().find(|device| device.key == key);
                found.cloned().unwrap_or_else(|| Device::new(key))
            };
            config.devices = self.device_keys.into_iter().map(known).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Prover, *};
    use std::path::Path;

    const LEAST: &str =
        "rpc_url = 'http://127.0.0.1:8899'\nfee_payer = 'payer.json'\nstate_dir = 'state'\n";

    fn load(text: &str, overrides: Overrides) -> Result<Config> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keeper.toml");
        fs::write(&path, text).unwrap();
        Config::load(Some(&path), overrides)
    }

    #[test]
    fn the_least_file_has_every_default() {
        let config = Config::from_toml(LEAST).unwrap();
        assert_eq!(
            config,
            Config::new("http://127.0.0.1:8899", "payer.json", "state")
        );
    }

    #[test]
    fn the_example_is_valid() {
        let config = Config::from_toml(super::super::EXAMPLE).unwrap();
        config.validate().unwrap();
        let plain = Config::from_toml(LEAST).unwrap();
        // What the example shows commented out are the defaults, so that uncommenting changes nothing.
        assert_eq!((config.fees, config.turn), (plain.fees, plain.turn));
        assert_eq!(config.prover, plain.prover);
        assert_eq!(config.price, plain.price);
    }

    #[test]
    fn flags_win_over_the_file() {
        let overrides = Overrides {
            roles: vec![Role::Crank],
            spending_cap: Some(7),
            prover_threads: Some(3),
            tick: Some(Duration::from_millis(250)),
            ..Overrides::default()
        };
        let file = format!(
            "{LEAST}tick_secs = 7\n[prover]\nbackend = 'wgpu'\nthreads = 2\nfallback = true\n"
        );
        let config = load(&file, overrides).unwrap();
        let prover = Prover {
            backend: Backend::Wgpu,
            fallback: true,
            threads: 3,
        };
        assert_eq!(config.prover, prover);
        assert_eq!(config.roles, [Role::Crank].into());
        assert_eq!(config.tick, Duration::from_millis(250));
        assert_eq!(config.spending_cap_lamports_per_hour, 7);
        assert!(config.fee_payer.is_absolute(), "relative to the file");
    }

    #[test]
    fn errors_are_one_line_that_names_the_place() {
        let cases = [
            (
                format!("{LEAST}rolls = ['node']\n"),
                "line 4: unknown field `rolls`",
            ),
            (
                format!("{LEAST}roles = ['nod']\n"),
                "line 4: unknown variant `nod`",
            ),
            (
                "rpc_url = 'http://x'".to_string(),
                "missing field `fee_payer`",
            ),
            (LEAST.replace("http:", "ftp:"), "rpc_url must begin with"),
            (format!("{LEAST}roles = []\n"), "roles is empty"),
            (
                format!("{LEAST}tick_secs = 0\n"),
                "tick_secs must be above 0",
            ),
            (format!("{LEAST}tick_secs = -1\n"), "line 4:"),
            (
                format!("{LEAST}[prover]\nbackend = 'opencl'\n"),
                "no backend is called `opencl`; use cpu, cuda, wgpu",
            ),
            (
                format!("{LEAST}[[device]]\nkey = 'd.json'\ncards = ['0', '']\n"),
                "named by its UUID",
            ),
            (
                format!("{LEAST}[[device]]\nkey = 'd.json'\ncards = ['GPU-a', 'gpu-A']\n"),
                "the card gpu-A twice",
            ),
            (
                format!("{LEAST}[[device]]\nkey = 'd.json'\n[[device]]\nkey = 'd.json'\n"),
                "d.json twice",
            ),
            (
                format!("{LEAST}[[device]]\nkey = 'd.json'\n"),
                "needs a second RPC endpoint",
            ),
            (
                format!("{LEAST}[policy]\nmax_hour = 3\n"),
                "line 5: unknown field `max_hour`",
            ),
            (
                format!("{LEAST}[node]\nlans = ['192.168.1.0/33']\n"),
                "`192.168.1.0/33` is no range of addresses",
            ),
            (
                format!("{LEAST}[node]\nengine = 'ray'\n"),
                "line 5: unknown variant `ray`",
            ),
            (
                format!("{LEAST}[node]\nengine = 'docker'\nruntime = 'runsc'\n"),
                "node.runtime = \"runsc\" works with node.engine = \"container\" only",
            ),
            (
                format!("{LEAST}[node]\ndocker_socket = '/run/docker.sock'\n"),
                "set node.engine = \"docker\"",
            ),
            (
                format!("{LEAST}[node]\nengine = 'kubernetes'\n"),
                "needs a table [node.kubernetes]",
            ),
            (
                format!("{LEAST}[node.kubernetes]\nhelper_image = 'a'\n"),
                "set node.engine = \"kubernetes\"",
            ),
            (
                format!("{LEAST}[node]\nsandbox_shows = ['/srv/ray']\n"),
                "set node.engine = \"sandbox\"",
            ),
            (
                format!("{LEAST}[prover]\ndevice = 1\n"),
                "unknown field `device`",
            ),
            (
                format!("{LEAST}[fees]\nfloor_micro_lamports = 5\ncap_micro_lamports = 4\n"),
                "above fees.cap_micro_lamports",
            ),
        ];
        for (text, expected) in cases {
            let error = load(&text, Overrides::default()).unwrap_err();
            let line = error.to_string();
            assert!(line.contains(expected), "{line}");
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn cards_stand_behind_device_keys() {
        let text = format!("{LEAST}single_rpc = true\n[[device]]\nkey = 'd.json'\ntunnel_key = 't.json'\ncards = ['GPU-a', '0000:01:00.0', '3']\n");
        let config = load(&text, Overrides::default()).unwrap();
        let named = super::super::device::named(&config.devices).unwrap();
        let names: Vec<String> = named[0].iter().map(ToString::to_string).collect();
        assert_eq!(names, ["GPU-a", "0000:01:00.0", "3"]);

        // A flag names the key alone: what the file has for it stays.
        let key = config.devices[0].key.clone();
        assert!(key.is_absolute(), "relative to the file");
        let mut flagged = config.clone();
        let overrides = Overrides {
            device_keys: vec!["other.json".into(), key],
            ..Overrides::default()
        };
        overrides.apply(&mut flagged);
        let devices = [Device::new("other.json"), config.devices[0].clone()];
        assert_eq!(flagged.devices, devices);
    }

    /// A file that is named as `keeper.toml`, and a flag: what the processes of a node share is found from every folder.
    #[test]
    fn paths_are_absolute() {
        let dir = tempfile::tempdir_in(".").unwrap();
        let name = Path::new(dir.path().file_name().unwrap()).join("keeper.toml");
        fs::write(&name, LEAST).unwrap();
        let overrides = Overrides {
            node_dir: Some("shared".into()),
            ..Overrides::default()
        };
        let config = Config::load(Some(&name), overrides).unwrap();
        let here = std::env::current_dir().unwrap();
        assert_eq!(config.node_dir(), here.join("shared"));
        for path in [&config.state_dir, &config.fee_payer] {
            assert!(path.is_absolute(), "{}", path.display());
        }
    }

    #[test]
    fn without_a_file_the_missing_flag_is_named() {
        let error = Config::load(None, Overrides::default()).unwrap_err();
        assert!(error.to_string().contains("--rpc-url"), "{error}");
    }
}
