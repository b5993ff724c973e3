/// Bytes of a path as text: `%`, control characters, backslashes and what is no UTF-8 as `%XX`, so that every name can be printed and
/// none says anything to a terminal.
pub fn escape(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        for character in chunk.valid().chars() {
            let odd = character.is_control()
                || matches!(character, '%' | '\\')
                || is_direction(character);
            match odd {
                true => percent(&mut text, character.encode_utf8(&mut [0; 4]).as_bytes()),
                false => text.push(character),
            }
        }
        percent(&mut text, chunk.invalid());
    }
    text
}

/// The bytes of an escaped path; none where it is no text that [`escape`] makes.
pub fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = rest.split_first_chunk::<2>()?;
        let mut byte = [0];
        hex::decode_to_slice(digits, &mut byte).ok()?;
        bytes.extend(byte);
        rest = tail;
    }
    (!bytes.is_empty() && escape(&bytes) == text).then_some(bytes)
}

/// Characters that turn the order of what follows, or are not seen.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn percent(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        text.push('%');
        text.push_str(&hex::encode_upper([*byte]));
    }
}
