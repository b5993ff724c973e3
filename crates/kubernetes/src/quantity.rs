//! Amounts as Kubernetes writes them: `15900m`, `32Gi`, `1e3`, `0.5`.

/// Thousandths of the unit, rounded down; none where it is no amount.
pub fn millis(text: &str) -> Option<u64> {
    let split = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(split)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{part}");
    if digits.is_empty() {
        return None;
    }
    let value: u128 = digits.parse().ok()?;
    let parts = 10_u128.checked_pow(u32::try_from(part.len()).ok()?)?;
    let (times, over) = factor(unit)?;
    let thousandths = value.checked_mul(times)?.checked_mul(1_000)?;
    u64::try_from(thousandths.checked_div(parts.checked_mul(over)?)?).ok()
}

/// Multiplied by the first, divided by the second.
fn factor(unit: &str) -> Option<(u128, u128)> {
    let binary = |power: u32| Some((1_u128 << (10 * power), 1));
    let decimal = |power: u32| Some((10_u128.checked_pow(power)?, 1));
    match unit {
        "" => Some((1, 1)),
        "m" => Some((1, 1_000)),
        "u" => Some((1, 1_000_000)),
        "n" => Some((1, 1_000_000_000)),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        other => {
            let power = other.strip_prefix(['e', 'E'])?;
            match power.strip_prefix('-') {
                Some(power) => Some((1, 10_u128.checked_pow(power.parse().ok()?)?)),
                None => decimal(power.trim_start_matches('+').parse().ok()?),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn amounts_are_read_as_kubernetes_writes_them() {
        for (text, thousandths) in [
            ("15900m", 15_900),
            ("16", 16_000),
            ("0.5", 500),
            ("1e3", 1_000_000),
            ("1Ki", 1_024_000),
            ("2k", 2_000_000),
            ("1500u", 1),
        ] {
            assert_eq!(millis(text), Some(thousandths), "{text}");
        }
        assert_eq!(millis("32Gi"), Some((32 << 30) * 1_000));
        for wrong in ["", "m", "1.2.3", "-1", "12x", "1e99"] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }
}
