//! Canonical JSON: the one way entries and commands become bytes.
//!
//! Output is compact, with members in the order of the struct's fields and only the escapes that
//! JSON demands. These bytes are hashed and kept for ever, so no library may change them. A test
//! compares them with `serde_json`, which writes the same today and is several times slower.

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct,
    SerializeStructVariant, SerializeTuple, SerializeTupleStruct, Serializer,
};

/// Appends the canonical bytes of a value.
///
/// # Errors
///
/// [`CanonicalError`] where the value holds something that entries never hold, such as a float.
pub fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), CanonicalError> {
    value.serialize(Canonical { out })
}

/// Why a value has no canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CanonicalError(String);

impl serde::ser::Error for CanonicalError {
    fn custom<T: std::fmt::Display>(what: T) -> Self {
        CanonicalError(what.to_string())
    }
}

type Done = Result<(), CanonicalError>;

struct Canonical<'o> {
    out: &'o mut Vec<u8>,
}

/// Appends a text as a canonical JSON string.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        text.bytes().for_each(|byte| escaped(out, byte));
    }
    out.push(b'"');
}

/// Whether a text needs no escapes. Sixteen bytes are tested at a time, which the compiler
/// vectorises.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    fn needs_escape(bytes: &[u8; 16]) -> bool {
        bytes.iter().fold(0, |found, byte| {
            found | u8::from(*byte < 0x20) | u8::from(*byte == b'"') | u8::from(*byte == b'\\')
        }) > 0
    }
    let (words, rest) = text.as_chunks::<16>();
    let mut last = [b' '; 16];
    last[..rest.len()].copy_from_slice(rest);
    !words.iter().chain([&last]).any(needs_escape)
}

fn escaped(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0C => b'f',
        _ if byte < 0x20 => {
            out.extend_from_slice(b"\\u00");
            crate::log::merkle::write_hex(out, &[byte]);
            return;
        }
        _ => {
            out.push(byte);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// An array or object that is being written.
struct Members<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
    close: &'static [u8],
}

impl Members<'_> {
    #[inline(always)]
    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.separate();
        write(self.out, value)
    }

    /// Writes a member. Names are the program's own and need no escapes; inlining copies each as a
    /// constant.
    #[inline(always)]
    fn member<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        value.serialize(Canonical { out: self.out })
    }

    fn close(self) -> Done {
        self.out.extend_from_slice(self.close);
        Ok(())
    }
}

impl<'o> Canonical<'o> {
    fn open(self, open: u8, close: &'static [u8]) -> Members<'o> {
        self.out.push(open);
        Members { out: self.out, first: true, close }
    }

    fn variant(&mut self, name: &str) {
        self.out.extend_from_slice(b"{\"");
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

fn never(what: &str) -> CanonicalError {
    CanonicalError::custom(format_args!("entries hold no {what}"))
}

impl<'o> Serializer for Canonical<'o> {
    type Ok = ();
    type Error = CanonicalError;
    type SerializeSeq = Members<'o>;
    type SerializeTuple = Members<'o>;
    type SerializeTupleStruct = Members<'o>;
    type SerializeTupleVariant = Impossible<(), CanonicalError>;
    type SerializeMap = Members<'o>;
    type SerializeStruct = Members<'o>;
    type SerializeStructVariant = Members<'o>;

    fn serialize_bool(self, value: bool) -> Done {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Done {
        number(self.out, value);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Done {
        number(self.out, value);
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Done {
        Err(never("floats"))
    }

    fn serialize_f64(self, _: f64) -> Done {
        Err(never("floats"))
    }

    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Done {
        write_text(self.out, value);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Done {
        Err(never("bytes"))
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        self.variant(variant);
        write(self.out, value)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'o>, CanonicalError> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'o>, CanonicalError> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Members<'o>, CanonicalError> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), CanonicalError>, CanonicalError> {
        Err(never("tuple variants"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'o>, CanonicalError> {
        Ok(self.open(b'{', b"}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'o>, CanonicalError> {
        Ok(self.open(b'{', b"}"))
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'o>, CanonicalError> {
        self.variant(variant);
        Ok(self.open(b'{', b"}}"))
    }
}

impl SerializeSeq for Members<'_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.element(value)
    }

    fn end(self) -> Done {
        self.close()
    }
}

impl SerializeTuple for Members<'_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.element(value)
    }

    fn end(self) -> Done {
        self.close()
    }
}

impl SerializeTupleStruct for Members<'_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.element(value)
    }

    fn end(self) -> Done {
        self.close()
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.separate();
        write(self.out, key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.out.push(b':');
        write(self.out, value)
    }

    fn end(self) -> Done {
        self.close()
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = CanonicalError;

    #[inline(always)]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.member(name, value)
    }

    fn end(self) -> Done {
        self.close()
    }
}

impl SerializeStructVariant for Members<'_> {
    type Ok = ();
    type Error = CanonicalError;

    #[inline(always)]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.member(name, value)
    }

    fn end(self) -> Done {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::{Breach, Policy};
    use crate::domain::warning::Warning;

    #[test]
    fn every_shape_is_written_as_serde_json_writes_it() {
        fn agrees<T: Serialize>(value: &T) {
            let mut ours = Vec::new();
            write(&mut ours, value).expect("has canonical bytes");
            let theirs = serde_json::to_vec(value).expect("is JSON");
            assert_eq!(String::from_utf8(ours), String::from_utf8(theirs));
        }
        let texts: String =
            (0..=0xFF_u32).chain([0x2028, 0x1F600]).filter_map(char::from_u32).collect();
        agrees(&texts);
        agrees(&(i64::MIN, u64::MAX, 0_u8, -1_i32, true, 'é', "", None::<u8>, Some([1, 2])));
        agrees(&Policy::default());
        agrees(&std::collections::BTreeMap::from([("a", vec![()]), ("b\n", vec![])]));
        let (year, pence) =
            ("2017-18".parse().expect("a year"), crate::domain::money::Pence::new(-5));
        agrees(&Warning::Breach(Breach::RevenueToCapital { year, pence }));
        agrees(&serde_json::json!({ "nested": [{ "deep": null }, [], {}] }));
        assert_eq!(write(&mut Vec::new(), &1.5), Err(never("floats")));
    }
}
