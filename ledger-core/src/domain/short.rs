//! ShortText texts on the stack. Every entry holds several, and the formatting machinery would cost
//! more than all else about them.

/// The longest short text: a budget line with a ring-fence.
const LENGTH_MAX: usize = 96;

/// A short text of ASCII and pound signs.
pub(crate) struct ShortText {
    bytes: [u8; LENGTH_MAX],
    length: usize,
}

impl ShortText {
    pub(crate) const fn new() -> Self {
        ShortText { bytes: [0; LENGTH_MAX], length: 0 }
    }

    /// Appends a text. A text that does not fit is dropped; no caller has one.
    pub(crate) fn push(mut self, text: &[u8]) -> Self {
        let end = self.length.saturating_add(text.len());
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(text);
            self.length = end;
        }
        self
    }

    /// Appends a number, padded with zeros to `digits`.
    pub(crate) fn number(self, mut number: u64, digits: usize) -> Self {
        let mut text = [b'0'; 20];
        let mut first = text.len();
        for (index, place) in text.iter_mut().enumerate().rev() {
            if number == 0 {
                break;
            }
            let digit = u8::try_from(number.checked_rem(10).unwrap_or(0)).unwrap_or(0);
            *place = b'0'.saturating_add(digit);
            number = number.checked_div(10).unwrap_or(0);
            first = index;
        }
        let first = first.min(text.len().saturating_sub(digits.max(1)));
        self.push(text.get(first..).unwrap_or_default())
    }

    /// Appends bytes in lower-case hexadecimal.
    pub(crate) fn hex(mut self, bytes: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let end = self.length.saturating_add(bytes.len().saturating_mul(2));
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            for (pair, byte) in place.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
                let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
                *pair = [digit(byte >> 4), digit(byte & 15)];
            }
            self.length = end;
        }
        self
    }
}

impl AsRef<str> for ShortText {
    fn as_ref(&self) -> &str {
        let text = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_numbers_and_digits_are_appended() {
        let text =
            ShortText::new().push(b"A/").number(7, 2).push(b"/").number(0, 1).hex(&[0, 0xAB, 9]);
        assert_eq!(text.as_ref(), "A/07/000ab09");
        assert_eq!(ShortText::new().number(u64::MAX, 1).as_ref(), u64::MAX.to_string());
        assert_eq!(ShortText::new().number(120, 2).as_ref(), "120");
    }
}
