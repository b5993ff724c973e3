//! Room on the disk that is taken once and needed never again: neither a job that fills the disk nor a log keeps the books from being written.
//! redteam X4

use rusqlite::{Connection, Transaction};

/// Pages that one change of the books touches at most, with much to spare: the journal has room for so many.
const JOURNAL_ROWS: i64 = 256;
/// Such a row fills a page.
const ROW_BYTES: i64 = 4_000;

/// Makes the books' file this large, with free pages inside, and its journal large enough for any change. Both stay so: the journal is
/// written over in place and not cut off.
pub(super) fn take(connection: &mut Connection, mib: u32) -> rusqlite::Result<()> {
    if mib == 0 {
        return Ok(());
    }
    let pragma = |connection: &Connection, name: &str| {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
    };
    let page = pragma(connection, "page_size")?;
    let has = pragma(connection, "page_count")?.saturating_mul(page);
    let wanted = i64::from(mib).saturating_mul(1 << 20);
    if has < wanted {
        let transaction = connection.transaction()?;
        transaction.execute("CREATE TABLE room_ (bytes BLOB)", [])?;
        fill(&transaction, wanted.saturating_sub(has))?;
        transaction.commit()?;
        connection.execute("DROP TABLE room_", [])?;
    }
    // Pages that do not change are not journalled: hence the random bytes.
    let journal = format!(
        "CREATE TABLE IF NOT EXISTS journal_ (row INTEGER PRIMARY KEY, bytes BLOB) STRICT;
         WITH RECURSIVE n (row) AS (SELECT 1 UNION ALL SELECT row + 1 FROM n WHERE row < {JOURNAL_ROWS})
         INSERT OR IGNORE INTO journal_ SELECT row, zeroblob({ROW_BYTES}) FROM n;
         UPDATE journal_ SET bytes = randomblob({ROW_BYTES});"
    );
    connection.execute_batch(&journal)
}

/// In pieces: one value has a limit.
fn fill(transaction: &Transaction<'_>, bytes: i64) -> rusqlite::Result<()> {
    const PIECE: i64 = 16 << 20;
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(PIECE);
        transaction.execute("INSERT INTO room_ VALUES (zeroblob(?1))", [piece])?;
        left = left.saturating_sub(piece);
    }
    Ok(())
}
