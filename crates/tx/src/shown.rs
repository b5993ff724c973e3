//! Addresses as errors may show them: providers put keys into an address's user, path and query.

/// `text` with every address in it cut down to scheme, host and port.
pub fn without_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let end = after.find(ends_address).unwrap_or(after.len());
        let (address, further) = after.split_at(end);
        let authority = address
            .split(['/', '?', '#', '\\'])
            .next()
            .unwrap_or_default();
        let (_, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        shown.push_str(before);
        shown.push_str("://");
        shown.push_str(host);
        rest = further;
    }
    shown.push_str(rest);
    shown
}

fn ends_address(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>' | ')' | ',' | ';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_user_path_and_query() {
        for (text, shown) in [
            ("no address", "no address"),
            (
                "error sending request for url (https://rpc.example.com/v2/SECRET?api-key=SECRET)",
                "error sending request for url (https://rpc.example.com)",
            ),
            (
                "http://user:SECRET@127.0.0.1:8899/ and wss://two.example.com/SECRET, again",
                "http://127.0.0.1:8899 and wss://two.example.com, again",
            ),
            ("https://u:SEC@RET@[::1]:1?SECRET", "https://[::1]:1"),
            ("https://rpc.example.com#SECRET", "https://rpc.example.com"),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }
}
