//! Events out of a transaction's logs.

use std::str::FromStr;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use solana_pubkey::Pubkey;

pub use crate::generated::Event;

/// The events that our programs logged, in order.
///
/// A line counts for the program that was running when it was written: several programs have events of the same name, and any
/// program can log any bytes. Where the runtime cut the logs off ([`is_truncated`]), later events are missing.
pub fn parse_logs<S: AsRef<str>>(logs: &[S]) -> Vec<Event> {
    let mut running: Vec<Pubkey> = Vec::new();
    let mut events = Vec::new();
    for line in logs.iter().map(AsRef::as_ref) {
        if let Some(data) = line.strip_prefix("Program data: ") {
            events.extend(running.last().and_then(|program| decode(program, data)));
            continue;
        }
        let mut words = line.split(' ');
        let (Some("Program"), Some(program), Some(verb)) =
            (words.next(), words.next(), words.next())
        else {
            continue;
        };
        // A program's own text comes as "Program log: ...": where an address must stand, so it can pose as none of these.
        let Ok(program) = Pubkey::from_str(program) else {
            continue;
        };
        match verb {
            "invoke" => running.push(program),
            "success" | "failed:" => {
                running.pop();
            }
            _ => {}
        }
    }
    events
}

/// Whether the runtime dropped log lines, and events may be missing.
pub fn is_truncated<S: AsRef<str>>(logs: &[S]) -> bool {
    logs.iter().any(|line| line.as_ref() == "Log truncated")
}

fn decode(program: &Pubkey, data: &str) -> Option<Event> {
    // `emit!` logs one field; more than one is not an event.
    let bytes = STANDARD.decode(data).ok()?;
    Event::decode(program, &bytes)
}
