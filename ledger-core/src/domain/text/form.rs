//! The forms of texts: identifying, free, and as an earlier version stored them.

/// Why a text is not a name, reference or key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be 1 to {longest} {form}, not {fault}")]
pub struct TextError {
    pub(super) what: &'static str,
    pub(super) longest: usize,
    pub(super) form: &'static str,
    pub(super) fault: String,
}

/// The form of a text.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Identifies a person, an obligation or a posting.
    Identifying,
    /// Words for people. Spaces at the ends are dropped.
    Free,
    /// A text of the log, which an earlier version may have written in any form.
    Stored,
}

impl Form {
    pub(super) const fn described(self) -> &'static str {
        match self {
            Form::Identifying => "printable ASCII characters without spaces at the ends",
            Form::Free => "characters without control or invisible formatting characters",
            Form::Stored => "characters without control characters",
        }
    }

    /// The text in this form.
    pub(super) fn read<'t>(
        self,
        text: &'t str,
        what: &'static str,
        longest: usize,
    ) -> Result<&'t str, TextError> {
        if text.len() <= longest && is_plain(text) {
            return Ok(text);
        }
        let blank = |char: char| char.is_whitespace() || char == '\u{2800}';
        let inner = text.trim_matches(blank);
        let read = match self {
            Form::Free => inner,
            Form::Identifying | Form::Stored => text,
        };
        let length = read.chars().count();
        let fault = if length > longest {
            format!("{length} characters")
        } else if text.is_empty() {
            "empty".to_owned()
        } else if read.chars().any(char::is_control) {
            "one with a control character".to_owned()
        } else if matches!(self, Form::Stored) {
            return Ok(read);
        } else if inner.is_empty() {
            "blank".to_owned()
        } else if let Some(char) = read.chars().find(|char| is_format(*char)) {
            format!("one with the invisible character U+{:04X}", u32::from(char))
        } else if matches!(self, Form::Free) {
            return Ok(read);
        } else if inner != read {
            "one with a space at an end".to_owned()
        } else if let Some(char) = read.chars().find(|char| !char.is_ascii()) {
            format!("one with the character {char} (U+{:04X})", u32::from(char))
        } else {
            return Ok(read);
        };
        Err(TextError { what, longest, form: self.described(), fault })
    }
}

/// Whether a text is of printable ASCII without spaces at its ends, which every form allows.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    ends.iter().all(|end| end.is_some_and(u8::is_ascii_graphic))
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Whether a character is invisible or changes the direction of others: the category Cf of Unicode
/// 16, separators of lines, and fillers.
const fn is_format(char: char) -> bool {
    matches!(
        char,
        '\u{AD}'
            | '\u{600}'..='\u{605}'
            | '\u{61C}'
            | '\u{6DD}'
            | '\u{70F}'
            | '\u{890}'..='\u{891}'
            | '\u{8E2}'
            | '\u{115F}'..='\u{1160}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{110BD}'
            | '\u{110CD}'
            | '\u{13430}'..='\u{1343F}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E007F}'
    )
}
