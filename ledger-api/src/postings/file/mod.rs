//! Posting files: JSON lines of postings, or tidy CSV with a command a row.
//!
//! Every row is read before any is posted. A row without a key gets one from what it says and how
//! many equal rows precede it, so its place, the spelling of the file and other rows do not matter:
//! a corrected file posts only what is new.

mod json_lines;
mod sheet;

use std::collections::HashMap;

use ledger_core::domain::command::Command;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{Citation, IdempotencyKey, Reason};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The format of a posting file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A JSON posting on each line.
    JsonLines,
    /// A command in each row, under a header.
    Csv,
}

/// A row of a posting file.
#[derive(Debug)]
pub struct Row {
    /// Its number from 1, as an editor numbers lines and a spreadsheet numbers rows.
    pub number: u64,
    /// The posting, or why the row cannot be read.
    pub posting: Result<Posting, String>,
}

/// How the keys of rows without one begin.
const DERIVED: &str = "row-";

/// The key of a row until its own is derived.
const NO_KEY: &str = "row-?";

/// Whether a key was derived from its row.
pub fn is_derived(key: &IdempotencyKey) -> bool {
    key.as_str().starts_with(DERIVED)
}

/// Reads a posting file.
///
/// # Errors
///
/// If no row can be read: the file is not UTF-8, or its header is not understood.
pub fn read(bytes: &[u8], kind: FileKind) -> Result<Vec<Row>, String> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(text).map_err(|error| {
        format!("byte {} is not UTF-8 text: save the file as CSV UTF-8", error.valid_up_to() + 1)
    })?;
    let mut rows = match kind {
        FileKind::JsonLines => json_lines::read(text),
        FileKind::Csv => sheet::read(text)?,
    };
    derive_keys(&mut rows);
    refuse_equal_keys(&mut rows);
    Ok(rows)
}

/// Gives each row without a key the digest of what it says, and its number among equal rows.
fn derive_keys(rows: &mut [Row]) {
    let mut equal: HashMap<u128, u64> = HashMap::new();
    for row in rows {
        let Ok(posting) = &mut row.posting else { continue };
        if posting.key.as_str() != NO_KEY {
            continue;
        }
        // The writer refuses texts in the wrong form.
        drop(posting.tidy());
        let Some(digest) = content(posting) else { continue };
        let number = equal.entry(digest).or_default();
        *number += 1;
        match format!("{DERIVED}{digest:032x}-{number}").parse() {
            Ok(key) => posting.key = key,
            Err(error) => row.posting = Err(format!("key: {error}")),
        }
    }
}

/// The digest of what a row says, however it is spelt.
fn content(posting: &Posting) -> Option<u128> {
    #[derive(Serialize)]
    struct Content<'p> {
        command: &'p Command,
        reason: &'p Reason,
        authority: &'p Option<Citation>,
        evidence: &'p [Citation],
        inferred: &'p Option<Reason>,
    }
    let Posting { command, reason, authority, evidence, inferred, .. } = posting;
    let content = Content { command, reason, authority, evidence, inferred };
    let digest = Sha256::digest(serde_json::to_vec(&content).ok()?);
    digest.first_chunk().copied().map(u128::from_be_bytes)
}

/// A key names one row. Rows that share one are refused, each with the number of another.
fn refuse_equal_keys(rows: &mut [Row]) {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(rows.len());
    let mut equal: Vec<(usize, usize)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let Ok(posting) = &row.posting else { continue };
        match first.get(posting.key.as_str()) {
            Some(earlier) => equal.push((*earlier, index)),
            None => drop(first.insert(posting.key.as_str(), index)),
        }
    }
    for (earlier, later) in equal {
        for (this, other) in [(later, earlier), (earlier, later)] {
            let Some(other) = rows.get(other).map(|row| row.number) else { continue };
            if let Some(row) = rows.get_mut(this)
                && let Ok(posting) = &row.posting
            {
                row.posting = Err(format!(
                    "the key {} is also the key of row {other}: give each row a key of its own, or leave keys out",
                    posting.key
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, kind: FileKind) -> Vec<Row> {
        read(text.as_bytes(), kind).expect("the file as a whole can be read")
    }

    fn keys(text: &str, kind: FileKind) -> Vec<String> {
        let key = |row: Row| row.posting.expect("a posting").key.to_string();
        rows(text, kind).into_iter().map(key).collect()
    }

    fn refusals(text: &str, kind: FileKind) -> Vec<(u64, String)> {
        let refused = |row: Row| Some((row.number, row.posting.err()?));
        rows(text, kind).into_iter().filter_map(refused).collect()
    }

    const LINE: &str = "A/B/2017-18/capital";

    #[test]
    fn a_row_is_known_by_what_it_says_and_not_by_where_or_how_it_is_written() {
        let header = "command,reason,month,line,amount";
        let a = format!("actual,r,M1,{LINE},1");
        let b = format!("actual,r,M2,{LINE},\"£1,000.50\"");
        let known = keys(&format!("{header}\n{a}\n{b}\n{a}\n"), FileKind::Csv);
        assert_ne!(known[0], known[1]);
        assert_ne!(known[0], known[2], "equal rows have keys that differ");
        let sorted = |mut keys: Vec<String>| {
            keys.sort_unstable();
            keys
        };
        let known = sorted(known);
        for (what, text) in [
            ("another order", format!("{header}\n{a}\n{a}\n{b}\n")),
            ("a mark and CRLF", format!("\u{feff}{header}\r\n{a}\r\n{b}\r\n{a}\r\n")),
            ("CR alone", format!("{header}\r{a}\r{b}\r{a}\r")),
            ("mixed ends", format!("{header}\r\n{a}\n{b}\r{a}\r\n")),
            ("blank rows", format!("\n{header}\n\n{a}\n,,,,\n{b}\n  \n{a}\n")),
            (
                "spacing and spelling",
                format!(
                    " command , reason,month,line,amount\n actual , r ,M1,{LINE}, 1.00 \nactual,r,M2,{LINE},1000.5\n{a}\n"
                ),
            ),
            (
                "other columns in another order",
                format!(
                    "amount,line,,evidence,month,reason,command\n1,{LINE},,,M1,r,actual\n1000.50,{LINE},,,M2,r,actual\n1.0,{LINE},,,M1,r,actual\n"
                ),
            ),
        ] {
            assert_eq!(sorted(keys(&text, FileKind::Csv)), known, "{what}");
        }
        // An added row leaves the keys of the others as they are.
        let more = keys(&format!("{header}\nactual,r,M3,{LINE},5\n{a}\n{b}\n{a}\n"), FileKind::Csv);
        assert_eq!(sorted(more[1..].to_vec()), known);
        // So do JSON lines, whose rows are the same ones.
        let json = |month: &str, amount: &str| {
            format!(
                "{{\"command\":{{\"recordActual\":{{\"amount\":\"{amount}\",\"month\":\"{month}\",\"line\":\"{LINE}\"}}}},\"reason\":\"r\"}}"
            )
        };
        let lines = [json("M1", "1"), json("M2", "1000.50"), json("M1", "1.00")].join("\r");
        assert_eq!(sorted(keys(&lines, FileKind::JsonLines)), known);
        assert!(known.iter().all(|key| is_derived(&key.parse().expect("a key"))));
    }

    #[test]
    fn two_rows_of_one_key_are_refused_and_name_each_other() {
        let json = |key: &str, amount: &str| {
            format!(
                "{{\"key\":\"{key}\",\"reason\":\"r\",\"command\":{{\"recordActual\":{{\"line\":\"{LINE}\",\"month\":\"M1\",\"amount\":\"{amount}\"}}}}}}\n"
            )
        };
        for amount in ["1.00", "2.00"] {
            let text =
                [json("a", "1.00"), json("b", "1.00"), "\n".to_owned(), json("a", amount)].concat();
            let refused = refusals(&text, FileKind::JsonLines);
            let told: Vec<_> = refused.iter().map(|(number, _)| *number).collect();
            assert_eq!(told, [1, 4], "{refused:?}");
            assert!(refused[0].1.contains("of row 4"), "{refused:?}");
            assert!(refused[1].1.contains("the key a is also the key of row 1"), "{refused:?}");
        }
        let three = json("a", "1.00").repeat(3);
        assert_eq!(refusals(&three, FileKind::JsonLines).len(), 3);
    }

    #[test]
    fn a_row_has_the_number_that_a_spreadsheet_shows() {
        for end in ["\n", "\r\n", "\r"] {
            let text = [
                "",
                "command,reason,month,line,amount",
                "wrong,r,M1,x,1",
                "",
                ",,,,",
                "wrong,\"two",
                "lines, and",
                "a third\",M1,x,1",
                "   ",
                "wrong,r,M1,x,1",
                "wrong,r,M1,x",
                "",
            ];
            let told: Vec<u64> = refusals(&text.join(end), FileKind::Csv)
                .iter()
                .map(|(number, _)| *number)
                .collect();
            assert_eq!(told, [3, 6, 8, 9], "{end:?}");
        }
        let text = "command,reason,month,line,amount\r\nwrong,r,M1,x,1\rwrong,r,M1,x,1\n\r\nwrong,r,M1,x,1\n";
        let told: Vec<u64> =
            refusals(text, FileKind::Csv).iter().map(|(number, _)| *number).collect();
        assert_eq!(told, [2, 3, 5]);
        let told: Vec<u64> = refusals("x\r\n\r\nx\rx\n", FileKind::JsonLines)
            .iter()
            .map(|(number, _)| *number)
            .collect();
        assert_eq!(told, [1, 3, 4]);
    }

    #[test]
    fn a_cell_with_line_breaks_is_read_as_one_line() {
        let text =
            |cell: &str| format!("command,reason,month,line,amount\nactual,{cell},M1,{LINE},1\n");
        let one = keys(&text("two lines"), FileKind::Csv);
        for cell in ["\"two\nlines\"", "\"two\r\nlines\"", "\" two \r lines\n\""] {
            assert_eq!(keys(&text(cell), FileKind::Csv), one, "{cell:?}");
        }
    }

    #[test]
    fn a_filled_cell_that_the_command_does_not_use_is_refused() {
        let header = "command,reason,month,line,to,fund,amount,reference,discharges,series,cause,transaction,concerns,,key";
        for (row, column) in [
            (format!("actual,r,M1,{LINE},,,1,PO-1,,,,,,,"), "reference"),
            (format!("cut,r,M1,{LINE},,F,1,,,,,,,,"), "fund"),
            (format!("release,r,M1,{LINE},,,1,PO-1,,,,,,,"), "line"),
            (format!("forecast,r,M1,{LINE},,,1,,,,,T-1,,,"), "transaction"),
            (format!("commit,r,M1,{LINE},,,1,PO-1,,,,,2016-17,,"), "concerns"),
            (format!("explain,r,M1,{LINE},,,1,,,,saving,,,,"), "month"),
            (format!("actual,r,M1,{LINE},,,1,,,,,,,stray,"), "cell 14"),
        ] {
            let refused = refusals(&format!("{header}\n{row}\n"), FileKind::Csv);
            assert_eq!(refused.len(), 1, "{row}");
            assert!(refused[0].1.starts_with(&format!("{column} is filled")), "{row}: {refused:?}");
        }
        let blank = format!("{header}\nactual,r,M1,{LINE}, ,  ,1,   ,,,,,,,\n");
        assert!(refusals(&blank, FileKind::Csv).is_empty(), "a cell of spaces is empty");
    }

    #[test]
    fn a_header_is_refused_for_a_column_twice_missing_or_unknown() {
        for (header, told) in [
            ("command,reason,amount,amount", "the column \"amount\" occurs twice"),
            ("command,reason,amount, reason ", "the column \"reason\" occurs twice"),
            ("command,reason,ammount", "\"ammount\" is unknown (did you mean amount?)"),
            ("Command,reason,amount", "\"Command\" is unknown (did you mean command?)"),
            ("command,reason", "the column \"amount\" is missing"),
            ("", "the column \"command\" is missing"),
        ] {
            let error = read(format!("{header}\n").as_bytes(), FileKind::Csv).expect_err(header);
            assert!(error.contains(told), "{header}: {error}");
        }
    }

    #[test]
    fn an_amount_is_exact_or_refused() {
        for amount in [
            "1.005",
            "0.0000000000000000000000000000001",
            "1.00000000000000000000000000000000001",
            "7.9999999999999999999999999999m",
        ] {
            let text = format!("command,reason,month,line,amount\nactual,r,M1,{LINE},{amount}\n");
            let refused = refusals(&text, FileKind::Csv);
            assert!(
                refused.iter().any(|(_, error)| error.contains("a fraction of a penny")),
                "{amount}: {refused:?}"
            );
        }
    }

    #[test]
    fn csv_rows_become_commands_and_json_lines_the_same_ones() {
        let csv = "command,key,reason,month,line,to,amount\n\
               reallocate,k1,r,M3,WIFI/XDH/2017-18/unsplit,CYBER/XDH/2017-18/unsplit,\"£1,000.50\"\n";
        let json = r#"{"key":"k1","reason":"r","command":{"reallocate":{"month":"M3",
        "from":[{"line":"WIFI/XDH/2017-18/unsplit","amount":"1000.5"}],
        "to":[{"line":"CYBER/XDH/2017-18/unsplit","amount":"1000.50"}]}}}"#;
        let csv = rows(csv, FileKind::Csv).pop().expect("a row");
        let json = rows(&json.replace('\n', " "), FileKind::JsonLines).pop().expect("a row");
        let (csv, json) = (csv.posting.expect("a posting"), json.posting.expect("a posting"));
        assert_eq!(csv, json);
        assert_eq!(csv.digest(), json.digest());
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_row() {
        let json = "{\"key\":\"k\",\"reason\":\"r\",\"command\":{\"reverse\":{\"entry\":1}},\"x\":1}\n{\"key\":";
        let refused = refusals(json, FileKind::JsonLines);
        assert_eq!(refused.len(), 2);
        assert!(refused[0].1.contains("unknown field `x`"), "{}", refused[0].1);
        assert!(refused[1].1.contains("cut short"), "{}", refused[1].1);
        let csv = "command,reason,month,line,amount\nspend,r,M1,A/B/2017-18/capital,1\nactual,r,M99,A/B/2017-18/capital,1\nactual,r,M1,A/B/2017-18/capital,1.005\n";
        let refused = refusals(csv, FileKind::Csv);
        assert_eq!(refused.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [2, 3, 4]);
        for (text, told) in [
            (
                r#"{"reason":"r","reason":"s","command":{"reverse":{"entry":1}}}"#,
                "duplicate field `reason`",
            ),
            (
                r#"{"reason":"r","command":{"reverse":{"entry":1,"entry":2}}}"#,
                "duplicate field `entry`",
            ),
            (r#"{"reason":"r","command":{"reverse":{"entry":1,"x":2}}}"#, "unknown field `x`"),
            (
                r#"{"reason":"r","command":{"batch":[{"reverse":{"entry":1,"entry":2}}]}}"#,
                "duplicate field `entry`",
            ),
            (
                r#"{"reason":"r","command":{"propose":{"command":{"reverse":{"entry":1,"entry":2}}}}}"#,
                "duplicate field `entry`",
            ),
            (
                r#"{"reason":"r","command":{"cut":{"line":"A/B/2017-18/capital","amount":"1.00","amount":"2.00","month":"M1"}}}"#,
                "duplicate field `amount`",
            ),
        ] {
            for text in [text.to_owned(), text.replacen('{', r#"{"key":"k","#, 1)] {
                let refused = refusals(&text, FileKind::JsonLines);
                assert!(refused[0].1.contains(told), "{text}: {refused:?}");
            }
        }
        assert!(read(b"command,colour\n", FileKind::Csv).is_err());
        assert!(read(b"\xff\xfe", FileKind::JsonLines).is_err());
    }
}
