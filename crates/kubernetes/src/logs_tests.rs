use super::{Lines, Position};

const LINES: &str = "2026-11-26T10:00:00.000000001Z one\n\
    2026-11-26T10:00:00.000000001Z two\n\
    2026-11-26T10:00:00.5Z three and more\n\
    2026-11-26T10:00:01Z four\n";
const WORDS: &str = "one\ntwo\nthree and more\nfour\n";

fn feed(at: Position, bytes: &[u8], piece: usize) -> (Position, String) {
    let mut lines = Lines::new(at);
    let mut out = Vec::new();
    for piece in bytes.chunks(piece) {
        lines.take(piece, |bytes| out.extend(bytes));
    }
    (lines.at, String::from_utf8(out).unwrap())
}

/// Wherever the connection ends, and however the next one is cut into pieces, each byte is there once.
#[test]
fn a_log_that_was_cut_goes_on_where_it_was() {
    for cut in 0..=LINES.len() {
        for piece in [1, 7, 1_000] {
            let (at, first) = feed(Position::default(), &LINES.as_bytes()[..cut], piece);
            // The server sends from the whole second on again.
            let (_, second) = feed(at, LINES.as_bytes(), piece);
            assert_eq!(
                format!("{first}{second}"),
                WORDS,
                "cut at {cut}, pieces of {piece}"
            );
        }
    }
}

#[test]
fn a_line_without_a_time_is_text() {
    let (_, text) = feed(
        Position::default(),
        b"unable to retrieve container logs\n",
        1_000,
    );
    assert_eq!(text, "unable to retrieve container logs\n");
}
