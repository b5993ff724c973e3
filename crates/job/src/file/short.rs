//! Values with a short and a long way to write them: `8888`, `NAME`, `never`.

use crate::{
    ids::Hash,
    spec::{Port, Restart, Secret},
};
use serde::{
    de::{self, value::MapAccessDeserializer, MapAccess, Visitor},
    Deserialize, Deserializer, Serialize, Serializer,
};
use std::{collections::BTreeMap, fmt, marker::PhantomData};

/// Whether there is nothing to write of a value.
pub(super) fn none<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What may be written as a text or a number, or whole as a map.
trait Short: Sized {
    /// The map.
    type Long: for<'de> Deserialize<'de>;
    const EXPECTS: &'static str;

    fn of_text(text: &str) -> Result<Self, String>;

    fn of_number(number: u64) -> Result<Self, String> {
        Err(format!(
            "is the number {number}, where {} is wanted; put a text in quotes",
            Self::EXPECTS
        ))
    }

    fn of_map(map: Self::Long) -> Result<Self, String>;
}

struct ShortOrLong<T>(PhantomData<T>);

impl<'de, T: Short> Visitor<'de> for ShortOrLong<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTS)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::of_text(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        T::of_number(number).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let long = T::Long::deserialize(MapAccessDeserializer::new(map))?;
        T::of_map(long).map_err(de::Error::custom)
    }
}

macro_rules! short {
    ($($name:ty),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(ShortOrLong(PhantomData))
            }
        }
    )*};
}

short!(ImageOf, SecretOf, PortOf, RestartOf, Word);

/// `registry/name@sha256:...`, or `archive: file.tar`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageOf {
    Pull {
        reference: String,
        digest: Hash,
        config: Option<Hash>,
    },
    Archive(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongImage {
    archive: Option<String>,
    reference: Option<String>,
    config: Option<String>,
}

impl Short for ImageOf {
    type Long = LongImage;
    const EXPECTS: &'static str = "an image: registry/name@sha256:<digest>, or archive: <file>";

    fn of_text(text: &str) -> Result<Self, String> {
        let Some((reference, digest)) = text.split_once("@sha256:") else {
            return Err(format!(
                "`{text}` has no digest, and a tag may be moved to another image: write {}@sha256:<digest>, as `skopeo inspect --format '{{{{.Digest}}}}' docker://{text}` tells it, or archive: <file>",
                text.rsplit_once(':').map_or(text, |(bare, _)| bare)
            ));
        };
        let digest = digest
            .parse()
            .map_err(|error: crate::ParseError| error.to_string())?;
        Ok(Self::Pull {
            reference: reference.into(),
            digest,
            config: None,
        })
    }

    fn of_map(map: LongImage) -> Result<Self, String> {
        match (map.archive, map.reference) {
            (Some(file), None) if map.config.is_none() => Ok(Self::Archive(file)),
            (None, Some(reference)) => {
                let mut image = Self::of_text(&reference)?;
                let found = map
                    .config
                    .map(|text| text.trim_start_matches("sha256:").parse());
                let found = found
                    .transpose()
                    .map_err(|error: crate::ParseError| error.to_string())?;
                if let Self::Pull { config, .. } = &mut image {
                    *config = found;
                }
                Ok(image)
            }
            _ => Err(format!("wants {}", Self::EXPECTS)),
        }
    }
}

impl Serialize for ImageOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Archive(file) => BTreeMap::from([("archive", file)]).serialize(serializer),
            Self::Pull {
                reference,
                digest,
                config: None,
            } => serializer.collect_str(&format_args!("{reference}@sha256:{digest}")),
            Self::Pull {
                reference,
                digest,
                config: Some(config),
            } => {
                let reference = format!("{reference}@sha256:{digest}");
                BTreeMap::from([
                    ("reference", reference),
                    ("config", format!("sha256:{config}")),
                ])
                .serialize(serializer)
            }
        }
    }
}

/// `NAME`, or `name: NAME, env: VARIABLE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SecretOf(pub Secret);

impl Short for SecretOf {
    type Long = Secret;
    const EXPECTS: &'static str = "a secret: its name, or name and env";

    fn of_text(text: &str) -> Result<Self, String> {
        Ok(Self(Secret {
            name: text.into(),
            env: None,
        }))
    }

    fn of_map(map: Secret) -> Result<Self, String> {
        Ok(Self(map))
    }
}

/// `8888`, or `port: 8888, name: notebook`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PortOf(pub Port);

impl Short for PortOf {
    type Long = Port;
    const EXPECTS: &'static str = "a port: its number, or port and name";

    fn of_text(text: &str) -> Result<Self, String> {
        Err(format!(
            "`{text}` is no port's number; all ports of a job are its own, so there is no mapping"
        ))
    }

    fn of_number(number: u64) -> Result<Self, String> {
        let port = u16::try_from(number)
            .map_err(|_| format!("{number} is no port; ports are 1 to 65535"))?;
        Ok(Self(Port { port, name: None }))
    }

    fn of_map(map: Port) -> Result<Self, String> {
        Ok(Self(map))
    }
}

/// `never`, or `on_failure: 3`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestartOf(pub Restart);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongRestart {
    on_failure: u32,
}

impl Short for RestartOf {
    type Long = LongRestart;
    const EXPECTS: &'static str = "never, or on_failure: <times>";

    fn of_text(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Self(Restart::Never)),
            other => Err(format!(
                "`{other}` is neither never nor on_failure: <times>"
            )),
        }
    }

    fn of_map(map: LongRestart) -> Result<Self, String> {
        Ok(Self(Restart::OnFailure(map.on_failure)))
    }
}

impl Serialize for RestartOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Restart::Never => serializer.serialize_str("never"),
            Restart::OnFailure(on_failure) => LongRestart { on_failure }.serialize(serializer),
        }
    }
}

/// A text that is written as one: `1.10` would be read as a number and lose its last digit elsewhere.
struct Word(String);

impl Short for Word {
    type Long = de::IgnoredAny;
    const EXPECTS: &'static str = "a text";

    fn of_text(text: &str) -> Result<Self, String> {
        Ok(Self(text.into()))
    }

    fn of_map(_: de::IgnoredAny) -> Result<Self, String> {
        Err("is a map, where a text is wanted".into())
    }
}

/// Environment. A name that comes twice is refused, and so is a value that is no text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EnvOf(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for EnvOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Variables;

        impl<'de> Visitor<'de> for Variables {
            type Value = EnvOf;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names and values: NAME: \"value\"")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EnvOf, A::Error> {
                let mut env = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    let value = map.next_value::<Word>()?.0;
                    if env.contains_key(&name) {
                        return Err(de::Error::custom(format!("duplicate field `{name}`")));
                    }
                    env.insert(name, value);
                }
                Ok(EnvOf(env))
            }
        }

        deserializer.deserialize_map(Variables)
    }
}
