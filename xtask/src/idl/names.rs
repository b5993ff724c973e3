//! Spelling of names in generated code.

/// `register_device` to `RegisterDevice`.
pub fn pascal(snake: &str) -> String {
    snake
        .split('_')
        .flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars)
        })
        .collect()
}

/// `HardwareClass` to `hardware_class`.
pub fn snake(pascal: &str) -> String {
    let mut out = String::new();
    for c in pascal.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// `owner` to `OWNER`.
pub fn upper(snake: &str) -> String {
    snake.to_ascii_uppercase()
}

/// A field name that the language keeps for itself.
pub fn field(name: &str) -> String {
    match name {
        "type" | "match" | "move" | "ref" | "use" | "loop" | "where" | "in" => format!("r#{name}"),
        _ => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells() {
        assert_eq!(pascal("burn_io_for_iosd"), "BurnIoForIosd");
        assert_eq!(snake("HardwareClass"), "hardware_class");
        assert_eq!(upper("device_key"), "DEVICE_KEY");
        assert_eq!(field("type"), "r#type");
    }
}
