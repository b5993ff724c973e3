//! The parsers that values share.

use crate::error::CliError;
use clap_complete::Shell;
use iog_math::units::{Io, Iosd, Usd6, BPS};
use solana_commitment_config::CommitmentConfig;
use solana_pubkey::Pubkey;
use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

type Parsed<T> = Result<T, String>;

/// An amount of IO, more than nothing.
pub fn io(text: &str) -> Parsed<Io> {
    match Io::parse(text) {
        Ok(Io(0)) => Err("the amount must be greater than zero".into()),
        Ok(amount) => Ok(amount),
        Err(iog_math::MathError::Overflow) => Err("the amount is larger than any supply".into()),
        Err(_) => {
            Err("an amount of IO is digits, a point and at most 8 decimals, such as 12.5".into())
        }
    }
}

/// An amount of IOSD.
pub fn iosd(text: &str) -> Parsed<Iosd> {
    Iosd::parse(text).map_err(|_| {
        "an amount of IOSD is digits, a point and at most 6 decimals, such as 12.5".into()
    })
}

/// An amount of US dollars, or of a currency that counts as them.
pub fn dollars(text: &str) -> Parsed<Usd6> {
    Usd6::parse(text).map_err(|_| {
        "an amount of dollars is digits, a point and at most 6 decimals, such as 12.5".into()
    })
}

/// How much less than quoted is taken, in basis points.
pub fn slippage(text: &str) -> Parsed<u64> {
    text.parse()
        .ok()
        .filter(|bps| *bps <= BPS)
        .ok_or_else(|| "use basis points, 0 to 10000: 100 are one percent".into())
}

/// A price in US dollars, more than nothing.
pub fn usd(text: &str) -> Parsed<Usd6> {
    match Usd6::parse(text) {
        Ok(Usd6(0)) | Err(_) => Err(
            "a price is digits, a point and at most 6 decimals, such as 0.25, and not zero".into(),
        ),
        Ok(price) => Ok(price),
    }
}

pub fn pubkey(text: &str) -> Parsed<Pubkey> {
    Pubkey::from_str(text)
        .map_err(|_| "an address is 32 bytes in base58, such as solana address prints".into())
}

/// An address, or none for nobody.
pub fn pubkey_or_none(text: &str) -> Parsed<Pubkey> {
    match text {
        "none" => Ok(Pubkey::default()),
        address => pubkey(address),
    }
}

/// A key in base58 or in 64 hexadecimal digits.
pub fn key_bytes(text: &str) -> Parsed<[u8; 32]> {
    hex32(text).or_else(|_| {
        pubkey(text)
            .map(|key| key.to_bytes())
            .map_err(|_| "a key is 64 hexadecimal digits, or base58".into())
    })
}

/// A key as [`key_bytes`] takes it, or none for none.
pub fn key_or_none(text: &str) -> Parsed<[u8; 32]> {
    match text {
        "none" => Ok([0; 32]),
        key => key_bytes(key),
    }
}

pub fn hex32(text: &str) -> Parsed<[u8; 32]> {
    hex_array(text)
}

pub fn node(text: &str) -> Parsed<iog_pow::Node> {
    hex_array(text)
}

fn hex_array<const N: usize>(text: &str) -> Parsed<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map(|()| bytes)
        .map_err(|_| format!("{} hexadecimal digits are needed", N * 2))
}

pub fn hex_bytes(text: &str) -> Parsed<Hex> {
    hex::decode(text)
        .map(Hex)
        .map_err(|_| "an even number of hexadecimal digits is needed".into())
}

/// Bytes given in hexadecimal. A bare `Vec<u8>` means many values to clap.
#[derive(Clone, Debug)]
pub struct Hex(pub Vec<u8>);

/// ISO 3166-1 alpha-2.
pub fn country(text: &str) -> Parsed<[u8; 2]> {
    match text.as_bytes() {
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            Ok([a.to_ascii_uppercase(), b.to_ascii_uppercase()])
        }
        _ => Err("a country is two letters (ISO 3166-1), such as DE".into()),
    }
}

/// A moment: unix seconds, or a date and time of UTC.
pub fn moment(text: &str) -> Parsed<i64> {
    let seconds = text.parse().ok().or_else(|| civil(text));
    seconds.ok_or_else(|| {
        "a moment is unix seconds, or UTC such as 2026-10-01T12:30:00Z or 2026-10-01".into()
    })
}

/// Seconds of a date, with or without a time of day (civil to days, as Howard Hinnant describes it).
fn civil(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let numbers = |text: &str, by: char| -> Option<[i64; 3]> {
        let parts: Option<Vec<i64>> = text.split(by).map(|part| part.parse().ok()).collect();
        parts?.try_into().ok()
    };
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time.strip_suffix('Z')?, ':')?;
    let in_range = (1970..=9_999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second);
    if !in_range {
        return None;
    }
    // Years begin in March: the leap day is their last.
    let (year, month) = match month > 2 {
        true => (year, month - 3),
        false => (year - 1, month + 9),
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// A name that fits its 32 bytes on chain.
pub fn name(text: &str) -> Parsed<[u8; 32]> {
    let bytes = text.trim().as_bytes();
    let mut name = [0; 32];
    match name.get_mut(..bytes.len()) {
        Some(place) if !bytes.is_empty() && !text.contains(char::is_control) => {
            place.copy_from_slice(bytes);
            Ok(name)
        }
        _ => Err("a name is 1 to 32 bytes of printable text".into()),
    }
}

pub(super) fn commitment(text: &str) -> Parsed<CommitmentConfig> {
    CommitmentConfig::from_str(text).map_err(|_| "use processed, confirmed or finalized".into())
}

pub(super) fn shell(text: &str) -> Parsed<Shell> {
    match text {
        "bash" => Ok(Shell::Bash),
        "zsh" => Ok(Shell::Zsh),
        "fish" => Ok(Shell::Fish),
        _ => Err("use bash, zsh or fish".into()),
    }
}

/// A path from anywhere, `~/` for the home directory.
///
/// # Errors
/// For `~name`, and where there is no home. A shell expands neither behind `=` nor in a file.
pub fn expanded(path: &Path) -> Result<PathBuf, CliError> {
    let refuse = |reason: &str| CliError::usage(format!("{}: {reason}", path.display()));
    let Ok(rest) = path.strip_prefix("~") else {
        if path.to_string_lossy().starts_with('~') {
            return Err(refuse("write the home directory of others in full"));
        }
        return std::path::absolute(path).map_err(|error| refuse(&error.to_string()));
    };
    let home = std::env::var_os("HOME").ok_or_else(|| refuse("there is no home directory"))?;
    Ok(PathBuf::from(home).join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked() {
        assert_eq!(io("1.5"), Ok(Io(150_000_000)));
        for bad in ["0", "-1", "1.123456789", "1e3", "", "999999999999999"] {
            assert!(io(bad).is_err(), "{bad}");
        }
        assert_eq!(country("de"), Ok(*b"DE"));
        assert!(country("DEU").is_err());
        assert!(name(&"x".repeat(33)).is_err());
        assert_eq!(key_bytes(&"ab".repeat(32)), Ok([0xab; 32]));
        assert!(key_bytes("xyz").is_err());
    }

    #[test]
    fn moments_are_seconds_or_civil() {
        assert_eq!(moment("1764000000"), Ok(1_764_000_000));
        assert_eq!(moment("2025-11-24T16:00:00Z"), Ok(1_764_000_000));
        assert_eq!(moment("2000-02-29T12:34:56Z"), Ok(951_827_696));
        assert_eq!(moment("1970-01-01"), Ok(0));
        for bad in [
            "now",
            "2025-13-01",
            "2025-11-24T16:00:00",
            "2025-11",
            "1.5",
            "",
        ] {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }
}
