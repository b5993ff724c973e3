//! A network in one file: `networks/<name>.toml`.

use crate::{RelayAddr, Settings};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use iog_job::{Key, STATEMENT_PREFIX};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

/// Relays of different operators that a public network should name. redteam L8
const OPERATORS: usize = 3;
/// Largest file that is read.
const MAX_BYTES: u64 = 64 << 10;

const KNOWN: [&str; 3] = [
    include_str!("../../../networks/localnet.toml"),
    include_str!("../../../networks/devnet.toml"),
    include_str!("../../../networks/mainnet.toml"),
];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    pub name: String,
    /// Grows with each change.
    pub version: u64,
    /// Whether others than its maker use it.
    pub public: bool,
    /// Hash of the chain's genesis; none where every start makes another one.
    #[serde(default)]
    pub genesis: Option<Key>,
    #[serde(default)]
    pub rpc_urls: Vec<String>,
    #[serde(default)]
    pub api_url: Option<String>,
    /// Who signs newer files.
    #[serde(default)]
    pub signer: Option<Key>,
    /// By name: token, registry, staking, emission, market, treasury.
    #[serde(default)]
    pub programs: BTreeMap<String, Key>,
    /// By name: io, iosd, usdc, where they do not follow from the programs.
    #[serde(default)]
    pub mints: BTreeMap<String, Key>,
    #[serde(default)]
    pub relays: Vec<RelayAddr>,
}

#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    #[error("no network `{0}` is known; known are localnet, devnet and mainnet, or give a file")]
    Unknown(String),
    #[error("{path}: {error}")]
    File { path: String, error: io::Error },
    #[error("it is no network file: {0}")]
    Malformed(String),
    #[error("the network `{0}` names no key that may sign newer files")]
    NoSigner(String),
    #[error("the file is not signed by the network's key")]
    Signature,
    #[error("version {found} is not newer than {had}")]
    NotNewer { had: u64, found: u64 },
    #[error("a newer file may change relays and addresses, but not `{0}`")]
    Changed(&'static str),
}

impl Network {
    /// A network that is compiled in.
    pub fn known(name: &str) -> Option<Self> {
        let mut all = KNOWN.iter().filter_map(|text| Self::parse(text).ok());
        all.find(|network| network.name == name)
    }

    /// # Errors
    /// If it is no such file.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let network: Self =
            toml::from_str(text).map_err(|error| NetworkError::Malformed(error.to_string()))?;
        for relay in &network.relays {
            relay
                .relay_url()
                .map_err(|error| NetworkError::Malformed(error.to_string()))?;
        }
        Ok(network)
    }

    /// A file that its user vouches for.
    ///
    /// # Errors
    /// If it cannot be read or is no such file.
    pub fn read(path: &Path) -> Result<Self, NetworkError> {
        Self::parse(&text_of(path)?)
    }

    /// A file and its signature in `<path>.sig`, signed by `key`.
    ///
    /// # Errors
    /// If it cannot be read, is no such file or is not signed by `key`.
    pub fn from_signed(path: &Path, key: &Key) -> Result<Self, NetworkError> {
        let text = text_of(path)?;
        let signature = text_of(&signature_path(path))?;
        verify(&text, signature.trim(), key)?;
        Self::parse(&text)
    }

    /// This network, or what a newer file says of it, signed by its key: taken without a new build. Programs, mints, genesis and
    /// signer stay, so that who steals that key moves nobody's money. redteam L8
    ///
    /// # Errors
    /// If the file is not newer, not signed by the network's key or changes what it may not.
    pub fn updated_from(&self, path: &Path) -> Result<Self, NetworkError> {
        let signer = self
            .signer
            .as_ref()
            .ok_or_else(|| NetworkError::NoSigner(self.name.clone()))?;
        let newer = Self::from_signed(path, signer)?;
        let kept = [
            ("name", newer.name == self.name),
            ("public", newer.public == self.public),
            ("genesis", newer.genesis == self.genesis),
            ("signer", newer.signer == self.signer),
            ("programs", newer.programs == self.programs),
            ("mints", newer.mints == self.mints),
        ];
        if let Some((field, _)) = kept.iter().find(|(_, same)| !same) {
            return Err(NetworkError::Changed(field));
        }
        if newer.version <= self.version {
            return Err(NetworkError::NotNewer {
                had: self.version,
                found: newer.version,
            });
        }
        Ok(newer)
    }

    /// By name or file. It is updated from `<updates>/<name>.toml`, if a newer signed one lies there; why one that lies there is not
    /// taken is told to `warn`. A file of one's own that names no signer stays as it is.
    ///
    /// # Errors
    /// If there is no such network or file.
    pub fn find(
        name_or_file: &str,
        updates: Option<&Path>,
        mut warn: impl FnMut(&NetworkError),
    ) -> Result<Self, NetworkError> {
        let path = Path::new(name_or_file);
        let known = match Self::known(name_or_file) {
            Some(known) => known,
            None if path.exists() => Self::read(path)?,
            None => return Err(NetworkError::Unknown(name_or_file.to_string())),
        };
        let update = updates.map(|folder| folder.join(format!("{}.toml", known.name)));
        let own_word = known.signer.is_none() && Self::known(name_or_file).is_none();
        let Some(update) = update.filter(|path| path.exists() && !own_word) else {
            return Ok(known);
        };
        Ok(known.updated_from(&update).unwrap_or_else(|error| {
            if !matches!(error, NetworkError::NotNewer { .. }) {
                warn(&error);
            }
            known
        }))
    }

    /// The signature of a file's text, for `<path>.sig`.
    pub fn sign(text: &str, key: &SigningKey) -> String {
        hex::encode(key.sign(&message_of(text)).to_bytes())
    }

    /// How an endpoint of this network is bound.
    pub fn settings(&self) -> Settings {
        Settings {
            relays: self.relays.clone(),
            ..Settings::default()
        }
    }

    /// What its users should know; nothing for a network of one's own.
    pub fn check(&self) -> Vec<String> {
        if !self.public {
            return Vec::new();
        }
        let mut warnings = Vec::new();
        let operators: BTreeSet<_> = self.relays.iter().map(|relay| &relay.operator).collect();
        if operators.len() < OPERATORS {
            warnings.push(format!(
                "{} names relays of {} operators; with fewer than {OPERATORS} some few decide who is reached",
                self.name,
                operators.len()
            ));
        }
        for relay in &self.relays {
            if relay.pins.len() == 1 {
                warnings.push(format!(
                    "relay {} has one pin: when its key changes, nobody reaches it",
                    relay.url
                ));
            }
            if relay.quic_port.is_none() {
                warnings.push(format!(
                    "relay {} has no quic_port: by it no direct path is found",
                    relay.url
                ));
            }
        }
        for (missing, what) in [
            (self.programs.is_empty(), "programs: it is not deployed"),
            (
                self.genesis.is_none(),
                "genesis: any chain could stand for it",
            ),
            (self.signer.is_none(), "signer: new relays need a new build"),
        ] {
            if missing {
                warnings.push(format!("{} has no {what}", self.name));
            }
        }
        warnings
    }
}

fn message_of(text: &str) -> Vec<u8> {
    let mut message = STATEMENT_PREFIX.to_vec();
    message.extend(b"network\0\x01");
    message.extend(text.as_bytes());
    message
}

fn verify(text: &str, signature: &str, key: &Key) -> Result<(), NetworkError> {
    let mut bytes = [0; 64];
    hex::decode_to_slice(signature, &mut bytes).map_err(|_| NetworkError::Signature)?;
    let key = VerifyingKey::from_bytes(&key.0).map_err(|_| NetworkError::Signature)?;
    key.verify_strict(&message_of(text), &Signature::from_bytes(&bytes))
        .map_err(|_| NetworkError::Signature)
}

fn signature_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".sig");
    name.into()
}

fn text_of(path: &Path) -> Result<String, NetworkError> {
    let fail = |error| NetworkError::File {
        path: path.display().to_string(),
        error,
    };
    if fs::metadata(path).map_err(fail)?.len() > MAX_BYTES {
        return Err(fail(io::Error::other("too large for a network file")));
    }
    fs::read_to_string(path).map_err(fail)
}
