//! What a machine runs on, as the registry numbers it.

use iog_job::Platform;

const NAMES: [&str; 3] = ["unknown", "linux/amd64", "linux/arm64"];

pub fn parse(text: &str) -> Result<u8, String> {
    if text == "unknown" {
        return Ok(0);
    }
    let platform: Result<Platform, _> = text.parse();
    platform
        .map(|platform| platform as u8)
        .map_err(|_| format!("a platform is {}", NAMES.join(", ")))
}

pub fn name(platform: u8) -> &'static str {
    NAMES
        .get(usize::from(platform))
        .copied()
        .unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_registrys_numbers() {
        for (number, name_of) in (0u8..).zip(NAMES) {
            assert_eq!(parse(name_of), Ok(number));
            assert_eq!(name(number), name_of);
        }
        assert!(parse("amd64").unwrap_err().contains("linux/arm64"));
    }
}
