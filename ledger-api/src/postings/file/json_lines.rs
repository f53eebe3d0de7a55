//! JSON lines: a posting on each line.

use ledger_core::domain::posting::Posting;
use serde_json::error::Category;

use super::{NO_KEY, Row};

pub(super) fn read(text: &str) -> Vec<Row> {
    let lines = lines(text).zip(1_u64..);
    lines
        .filter(|(line, _)| !line.text.trim().is_empty())
        .map(|(line, number)| Row { number, posting: posting(line) })
        .collect()
}

/// A line without its end.
#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    /// Whether a line break ends it.
    ended: bool,
}

/// The lines of a text, ended by CR, LF or both.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\r', b'\n', rest.as_bytes());
        let (text, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        let after = after.strip_prefix('\r').unwrap_or(after);
        rest = after.strip_prefix('\n').unwrap_or(after);
        Some(Line { text, ended: end.is_some() })
    })
}

fn posting(Line { text, ended }: Line<'_>) -> Result<Posting, String> {
    let with_hint = |error: &serde_json::Error| {
        let hint = match error.classify() {
            Category::Eof if !ended => ": the file seems cut short, so fetch it again",
            Category::Eof | Category::Syntax => {
                ": write a JSON posting on each line, or name a CSV file .csv"
            }
            Category::Data | Category::Io => "",
        };
        // The report names the row, so the message gives the column only.
        let column = error.column();
        let text = error.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        format!("{what} (at column {column}){hint}")
    };
    // The line as it is comes first, so that errors give its own columns.
    let error = match serde_json::from_str(text) {
        Ok(posting) => return Ok(posting),
        Err(error) => error,
    };
    let keyless = error.to_string().starts_with("missing field `key`");
    match text.trim_end().strip_suffix('}').filter(|_| keyless) {
        // A map would drop duplicate members, so the key goes into the text.
        Some(open) => {
            let comma = if open.trim_end().ends_with('{') { "" } else { "," };
            serde_json::from_str(&format!("{open}{comma}\"key\":\"{NO_KEY}\"}}"))
                .map_err(|error| with_hint(&error))
        }
        None => Err(with_hint(&error)),
    }
}
