//! What a run has left so far, while it runs: asked for in its pod.

use crate::{
    api::host,
    inside::{code_of, words, Place},
};
use futures_util::stream;
use iog_engine::Bytes as Reader;
use iog_engine::{outputs, EngineError, Left};
use std::{collections::BTreeMap, io, time::Duration};
use tokio::{io::AsyncReadExt, sync::mpsc};
use tokio_util::{bytes::Bytes, io::StreamReader};

const LIST_WITHIN: Duration = Duration::from_secs(120);
const LIST_BYTES: u64 = 16 << 20;
const PIECE: usize = 64 << 10;
const FORMAT: &str = r"%s %C@ %i %m %p\0";

/// Regular files; no link is followed.
pub async fn list(hold: &Place, named: &[String]) -> Result<Vec<Left>, EngineError> {
    let mut find = words(["find", "-P"]);
    find.push("./out".into());
    find.extend(named.iter().map(|name| format!("./{name}")));
    find.extend(words(["-xdev", "-type", "f", "-printf", FORMAT]));
    // What is not there is no fault: the job may not have come so far.
    let said = hold.run(&find, LIST_BYTES, LIST_WITHIN).await?;
    let mut files = BTreeMap::new();
    for record in said
        .stdout
        .split(|byte| *byte == 0)
        .filter(|record| !record.is_empty())
    {
        let left =
            parse(record).ok_or_else(|| host("engine", "the list of outputs cannot be read"))?;
        files.insert(left.path.clone(), left);
        if files.len() > outputs::MAX_FILES {
            return Err(EngineError::NotFound(format!(
                "a list of outputs with more than {} files: pack them into fewer; it",
                outputs::MAX_FILES
            )));
        }
    }
    Ok(files.into_values().collect())
}

fn parse(record: &[u8]) -> Option<Left> {
    let mut fields = record.splitn(5, |byte| *byte == b' ');
    let mut field = || std::str::from_utf8(fields.next()?).ok();
    let len = field()?.parse().ok()?;
    let (secs, nanos) = field()?.split_once('.')?;
    let nanos = format!("{:0<9}", nanos.get(..9).unwrap_or(nanos));
    let changed_ns = secs
        .parse::<i128>()
        .ok()?
        .checked_mul(1_000_000_000)?
        .checked_add(nanos.parse().ok()?)?;
    let inode = field()?.parse().ok()?;
    let mode = u32::from_str_radix(field()?, 8).ok()?;
    let path = fields.next()?;
    Some(Left {
        path: outputs::escape(path.strip_prefix(b"./").unwrap_or(path)),
        len,
        executable: mode & 0o111 != 0,
        changed_ns,
        inode,
    })
}

/// One of them from a byte on. Bytes that end before the file does end by an error.
pub async fn fetch(hold: &Place, path: &str, from: u64) -> Result<Reader, EngineError> {
    use std::os::unix::ffi::OsStringExt;
    let missing = || EngineError::NotFound(path.to_owned());
    let name = outputs::unescape(path).ok_or_else(missing)?;
    // The API's commands are texts.
    let name = std::ffi::OsString::from_vec(name)
        .into_string()
        .map_err(|_| missing())?;
    let script = r#"[ -f "$1" ] && [ ! -h "$1" ] && [ "$(realpath "$1")" = "/work/${1#./}" ] || exit 3; exec tail -c "+$2" -- "$1""#;
    let first = from.saturating_add(1).to_string();
    let command = words(["/bin/sh", "-c", script, "iog", &format!("./{name}"), &first]);
    let mut process = hold.open(&command, false, false).await?;
    let (send, receive) = mpsc::channel::<io::Result<Bytes>>(4);
    tokio::spawn(async move {
        let mut piece = vec![0; PIECE];
        while let Ok(read @ 1..) = process.stdout.read(&mut piece).await {
            let bytes = Bytes::copy_from_slice(piece.get(..read).unwrap_or_default());
            if send.send(Ok(bytes)).await.is_err() {
                return;
            }
        }
        let status = process.status().await;
        let error = match code_of(status.as_ref()) {
            Some(0) => return,
            Some(3) => io::ErrorKind::NotFound.into(),
            _ => io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the connection into the pod broke",
            ),
        };
        let _ = send.send(Err(error)).await;
    });
    let pieces = stream::unfold(receive, |mut receive| async {
        receive.recv().await.map(|piece| (piece, receive))
    });
    Ok(Box::pin(StreamReader::new(Box::pin(pieces))))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_line_of_find_is_a_file() {
        let left = parse(b"12 1795710265.1234567890 77 755 ./out/a b").unwrap();
        assert_eq!(
            (left.path.as_str(), left.len, left.executable),
            ("out/a b", 12, true)
        );
        assert_eq!(
            (left.changed_ns, left.inode),
            (1_795_710_265_123_456_789, 77)
        );
        assert!(parse(b"x").is_none());
    }
}
