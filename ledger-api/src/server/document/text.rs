//! The text of a document, checked token by token before the library parses it.
//!
//! The library's parser recurses with every bracket, takes some 600 bytes a token, and keeps the last
//! of two fields of an input object that have one name.

use std::collections::HashSet;

use super::error::DocumentError;
use super::limits::{NAME_BYTES_MAX, NESTING_MAX, TOKENS_MAX};

/// Checks the brackets, tokens and names of a text, and that no input object gives a field twice
/// (GraphQL, 5.6.3). Returns the number of tokens.
pub(super) fn check(text: &str) -> Result<usize, DocumentError> {
    let tokens = Tokens { text, at: 0 };
    let (mut open, mut count) = (Vec::new(), 0_usize);
    let mut last_name = None;
    for token in tokens {
        count += 1;
        if count > TOKENS_MAX {
            return Err(DocumentError::Tokens);
        }
        match token {
            Token::Name(name) if name.len() > NAME_BYTES_MAX => return Err(DocumentError::Name),
            Token::Open(bracket) => {
                if open.len() == NESTING_MAX {
                    return Err(DocumentError::Nesting);
                }
                let in_arguments = open.iter().any(|level| !matches!(level, Level::Selection));
                open.push(match bracket {
                    b'{' if in_arguments => Level::Object(HashSet::new()),
                    b'{' => Level::Selection,
                    _ => Level::Arguments,
                });
            }
            Token::Close => drop(open.pop()),
            Token::Colon => {
                if let (Some(Level::Object(fields)), Some(name)) = (open.last_mut(), last_name)
                    && !fields.insert(name)
                {
                    return Err(DocumentError::RepeatedField(name.to_owned()));
                }
            }
            Token::Name(_) | Token::Other => {}
        }
        last_name = if let Token::Name(name) = token { Some(name) } else { None };
    }
    Ok(count)
}

/// An open bracket.
enum Level<'t> {
    /// A selection set, or the definitions of a schema.
    Selection,
    /// Arguments, variables or a list.
    Arguments,
    /// An input object, with the names of its fields so far.
    Object(HashSet<&'t str>),
}

enum Token<'t> {
    Name(&'t str),
    Open(u8),
    Close,
    Colon,
    /// A string, a number, or another mark.
    Other,
}

/// The tokens of a text. A malformed text gives some tokens: the parser refuses it later.
struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tokens<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Takes the bytes that pass a test, and returns how many.
    fn take_while(&mut self, test: impl Fn(&u8) -> bool) -> usize {
        let taken = self.rest().iter().take_while(|byte| test(byte)).count();
        self.at += taken;
        taken
    }

    /// Skips the rest of a string after its first quotation mark.
    fn skip_string(&mut self) {
        let marks = self.rest().iter().take(2).take_while(|byte| **byte == b'"').count();
        self.at += marks;
        if marks == 1 {
            return;
        }
        // A block string begins and ends with three marks.
        let closing = if marks == 2 { 3 } else { 1 };
        let mut run = 0;
        while run < closing {
            match self.rest().first() {
                Some(b'"') => run += 1,
                Some(b'\\') => {
                    self.at += 1;
                    run = 0;
                }
                Some(_) => run = 0,
                None => return,
            }
            self.at += 1;
        }
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            let first = *self.rest().first()?;
            match first {
                // White space, commas, and the mark of an encoding.
                b' ' | b'\t' | b'\n' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => self.at += 1,
                b'#' => {
                    self.take_while(|byte| !matches!(byte, b'\n' | b'\r'));
                }
                _ => break,
            }
        }
        let begin = self.at;
        let first = *self.rest().first()?;
        self.at += 1;
        Some(match first {
            b'{' | b'[' | b'(' => Token::Open(first),
            b'}' | b']' | b')' => Token::Close,
            b':' => Token::Colon,
            b'"' => {
                self.skip_string();
                Token::Other
            }
            b'0'..=b'9' | b'-' => {
                self.take_while(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(byte));
                Token::Other
            }
            first if first.is_ascii_alphabetic() || first == b'_' => {
                self.take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                Token::Name(self.text.get(begin..self.at).unwrap_or_default())
            }
            _ => Token::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), &'static str> {
        check(text).map(drop).map_err(|error| error.code())
    }

    #[test]
    fn a_field_is_given_once_in_an_input_object() {
        let twice = Err("REPEATED_FIELD");
        let cases = [
            ("{ a(b: { c: 1, d: 2 }) }", Ok(())),
            ("{ a(b: { c: 1, c: 2 }) }", twice),
            ("{ a(b: { c: 1 c: 1 }) }", twice),
            ("{ a(b: { c: { c: 1 } d: { c: 1 } }) }", Ok(())),
            ("{ a(b: { c: { d: 1 }, c: null }) }", twice),
            ("{ a(b: [{ c: 1 }, { c: 2 }]) }", Ok(())),
            ("{ a(b: [{ c: 1 }, { c: 2, d: [{ e: 1 e: 2 }] }]) }", twice),
            ("{ a(b: { c # d\n : 1, \u{feff} c , : 2 }) }", twice),
            ("{ a(b: { c: c d: c e: $c f: $c }) }", Ok(())),
            ("{ a(b: { c: \"c: 1 c: 2\" d: \"\"\"c: 1 \\\"\"\" c: 2\"\"\" }) }", Ok(())),
            ("{ a(b: { c: \"\" c: \"\" }) }", twice),
            ("{ a(b: { c: \"\"\"\"\"\" d: \"\"\"\" c: 1\"\"\" }) }", Ok(())),
            ("query($a: In = { b: 1, b: 2 }) { a }", twice),
            ("{ a @skip(if: { b: 1, b: 2 }) }", twice),
            ("{ a { b: c b: c } }", Ok(())),
            ("{ a(b: 1) { c: d(e: { f: 1 }) c: d(e: { f: 1 }) } }", Ok(())),
        ];
        for (text, answer) in cases {
            assert_eq!(checked(text), answer, "{text}");
        }
    }

    #[test]
    fn tokens_are_counted_whatever_they_are() {
        let many = |token: &str| format!("{{ a(b: [{}]) }}", token.repeat(TOKENS_MAX));
        for token in ["a ", "1 ", "\"\" ", "$", "{}", "-1.5e+3 ", "\"\"\"a\"\"\"", "!", "é"] {
            assert_eq!(checked(&many(token)), Err("TOO_COMPLEX"), "{token}");
        }
        for token in [" ", ",", "# a b c\n", "\u{feff}"] {
            assert_eq!(checked(&many(token)), Ok(()), "{token}");
        }
        assert_eq!(checked(&format!("{{ a(b: \"{}\") }}", "a ".repeat(TOKENS_MAX))), Ok(()));
    }
}
