//! The built programs meet accounts as clusters have them: Pyth's prices and the mint of USDC (`tests/real`).

mod prices;
mod usdc;

use base64::{engine::general_purpose::STANDARD, Engine as _};

fn bytes(text: &str) -> Vec<u8> {
    STANDARD.decode(text.trim()).unwrap()
}
