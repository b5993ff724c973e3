//! Base prices: io.net's starting prices, and what scales from them.

use crate::{APPLE, CPUS, GEFORCE};
use iog_migrations::{catalog, Pool};

const LISTED: [(&str, &str); 6] = [
    ("A100 80GB PCIe", "0.76"),
    ("A100-SXM4-80GB", "0.76"),
    ("RTX 4090", "0.37"),
    ("RTX 3080", "0.20"),
    ("RTX A6000", "0.75"),
    ("RTX A4000", "0.23"),
];

/// A price does not fall because the proof cannot tell a card from another.
#[test]
fn prices_are_listed_or_scale_with_the_published_multiplier() {
    for class in catalog().unwrap() {
        if let Some((_, price)) = LISTED.iter().find(|(name, _)| *name == class.name) {
            assert_eq!(class.base_price_usd, *price, "{}", class.name);
            continue;
        }
        let published = class.published_x100();
        // Cents and multiplier of the card that it scales from.
        let (cents, multiplier) = if CPUS.contains(&class.id) {
            let price = format!("0.{:02}", class.vram_gb / 16);
            assert_eq!(class.base_price_usd, price, "{}", class.name);
            continue;
        } else if class.pool == Pool::Enterprise && published >= 200 {
            (76, 500)
        } else if class.pool == Pool::Enterprise {
            (37, 125)
        } else if GEFORCE.contains(&class.id) || APPLE.contains(&class.id) {
            (20, 150)
        } else if class.vram_gb < 32 {
            (23, 150)
        } else {
            (75, 200)
        };
        // half up
        let scaled = (2 * cents * published + multiplier) / (2 * multiplier);
        let price = match scaled {
            0 => "0".to_string(),
            cents => format!("{}.{:02}", cents / 100, cents % 100),
        };
        assert_eq!(class.base_price_usd, price, "{}", class.name);
    }
}
