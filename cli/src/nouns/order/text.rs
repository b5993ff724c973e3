//! A job's words on the renter's terminal: they must not steer it. redteam S4

/// Makes a log safe to show: control and direction characters, and bytes that are no UTF-8, are shown and not obeyed.
#[derive(Debug, Default)]
pub struct Escaper {
    /// The first bytes of a letter that is not whole yet.
    pending: Vec<u8>,
    /// The last byte was a carriage return.
    returned: bool,
}

impl Escaper {
    pub fn feed(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let taken = std::mem::take(&mut self.pending);
        let mut shown = String::with_capacity(taken.len());
        let mut chunks = taken.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            for letter in chunk.valid().chars() {
                self.letter(letter, &mut shown);
            }
            let bad = chunk.invalid();
            // A letter that the next piece may complete.
            if chunks.peek().is_none() && is_start(bad) {
                self.pending = bad.to_vec();
            } else {
                shown.extend(bad.iter().map(|byte| format!("\\x{byte:02x}")));
            }
        }
        shown
    }

    /// What is left at the end.
    pub fn end(&mut self) -> String {
        std::mem::take(&mut self.pending)
            .iter()
            .map(|byte| format!("\\x{byte:02x}"))
            .collect()
    }

    fn letter(&mut self, letter: char, shown: &mut String) {
        // A line that is written over becomes a line of its own.
        if std::mem::take(&mut self.returned) && letter != '\n' {
            shown.push('\n');
        }
        match letter {
            '\r' => self.returned = true,
            '\n' | '\t' => shown.push(letter),
            _ if letter.is_control() || steers(letter) => shown.extend(letter.escape_default()),
            _ => shown.push(letter),
        }
    }
}

/// Whether the bytes begin a letter of UTF-8 that has more.
fn is_start(bytes: &[u8]) -> bool {
    let wanted = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 0,
    };
    bytes.len() < wanted
}

/// Characters that turn the direction of what follows, or hide.
pub fn steers(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam S4
    #[test]
    fn terminal_codes_are_shown_and_not_obeyed() {
        let mut escaper = Escaper::default();
        let shown = escaper.feed(b"ok\x1b]0;owned\x07\x1b[2J\xffend\n\xe2\x80\xae3pm\x9b\n");
        assert_eq!(
            shown,
            "ok\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\xffend\n\\u{202e}3pm\\x9b\n"
        );
        // C1 controls, as UTF-8.
        assert_eq!(escaper.feed("\u{9b}2J".as_bytes()), "\\u{9b}2J");
    }

    #[test]
    fn letters_come_in_pieces_and_lines_are_written_over() {
        let mut escaper = Escaper::default();
        assert_eq!(escaper.feed(&[b'a', 0xe2, 0x82]), "a");
        assert_eq!(escaper.feed(&[0xac, b'b']), "\u{20ac}b");
        assert_eq!(escaper.feed(b"10 %\r20 %\r"), "10 %\n20 %");
        assert_eq!(escaper.feed(b"\n30 %\n"), "\n30 %\n");
        assert_eq!(escaper.feed(&[0xe2]), "");
        assert_eq!(escaper.end(), "\\xe2");
    }
}
