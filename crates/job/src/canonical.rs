//! One JSON text for one value: names in order of their UTF-16 code units, no blanks, integers only (RFC 8785).

use crate::ids::{Hash, ParseError};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The canonical JSON of a value.
///
/// # Errors
/// If it holds a number that is no integer, or cannot be JSON.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, ParseError> {
    let value = serde_json::to_value(value).map_err(|error| ParseError(error.to_string()))?;
    let mut text = String::new();
    write(&value, &mut text)?;
    Ok(text)
}

/// SHA-256 of the canonical JSON.
///
/// # Errors
/// As [`to_string`].
pub fn hash<T: Serialize>(value: &T) -> Result<Hash, ParseError> {
    Ok(Hash(Sha256::digest(to_string(value)?).into()))
}

fn write(value: &Value, text: &mut String) -> Result<(), ParseError> {
    match value {
        Value::Number(number) if !number.is_i64() && !number.is_u64() => {
            return Err(ParseError(format!("{number} is no integer")));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text)?;
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            text.push('{');
            for (index, (name, field)) in fields.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(field, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_sorted_and_nothing_is_added() {
        let value = json!({"b": [1, -2, true, null], "a": {"\u{e9}": "x\n\u{1}", "Z": ""}});
        assert_eq!(
            to_string(&value).unwrap(),
            "{\"a\":{\"Z\":\"\",\"\u{e9}\":\"x\\n\\u0001\"},\"b\":[1,-2,true,null]}"
        );
        // By code units of UTF-16 the emoji comes before U+FB33, by code points after.
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2});
        assert_eq!(
            to_string(&value).unwrap(),
            "{\"\u{1f600}\":2,\"\u{fb33}\":1}"
        );
    }

    #[test]
    fn refuses_fractions() {
        assert!(to_string(&json!({"a": 1.5})).is_err());
    }
}
