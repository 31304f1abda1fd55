//! One line as one JSON object (RFC 8259), member by member, without building a tree.
//!
//! Texts without escapes are slices of the line. Nested values are stepped over, since no field takes one.

use std::borrow::Cow;

/// What a member's value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// A number as it is written.
    Number(&'a str),
    /// `true`, `false`, `null`, an array or an object.
    Other(&'static str),
}

/// Where a line stops being one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// Byte in the line, from 1.
    pub(super) column: usize,
    /// What should stand there.
    pub(super) expected: &'static str,
}

/// Hands each member of the object in `line` to `member`, in order.
pub(super) fn read<'a>(
    line: &'a str,
    mut member: impl FnMut(Cow<'a, str>, Value<'a>),
) -> Result<(), Malformed> {
    let mut cursor = Cursor { line, at: 0 };
    cursor.expect(b'{', "an object, `{`")?;
    if !cursor.take(b'}') {
        loop {
            let key = cursor.key()?;
            cursor.expect(b':', "`:` after the key")?;
            member(key, cursor.value()?);
            if !cursor.take(b',') {
                break;
            }
        }
        cursor.expect(b'}', "`,` or the `}` that ends the object")?;
    }
    cursor.skip_space();
    if cursor.at == line.len() { Ok(()) } else { Err(cursor.malformed("the end of the line")) }
}

struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { column: self.at + 1, expected }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Malformed> {
        if self.take(byte) { Ok(()) } else { Err(self.malformed(expected)) }
    }

    fn key(&mut self) -> Result<Cow<'a, str>, Malformed> {
        self.expect(b'"', "a key in double quotes")?;
        self.text()
    }

    fn value(&mut self) -> Result<Value<'a>, Malformed> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                Ok(Value::Text(self.text()?))
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(b'[') => self.nested("an array"),
            Some(b'{') => self.nested("an object"),
            Some(_) | None => Err(self.malformed("a value")),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<Value<'a>, Malformed> {
        if !self.line[self.at..].starts_with(word) {
            return Err(self.malformed("a value"));
        }
        self.at += word.len();
        Ok(Value::Other(word))
    }

    /// The rest of a string whose opening quote has been read.
    fn text(&mut self) -> Result<Cow<'a, str>, Malformed> {
        let start = self.at;
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        let rest = &self.line.as_bytes()[start..];
        self.at += rest.iter().position(special).unwrap_or(rest.len());
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                Ok(Cow::Borrowed(&self.line[start..self.at - 1]))
            }
            Some(b'\\') => self.escaped(start).map(Cow::Owned),
            Some(_) => Err(self.malformed("no bare control character in a string")),
            None => Err(self.malformed("the `\"` that ends the string")),
        }
    }

    /// The rest of a string that has an escape here.
    fn escaped(&mut self, start: usize) -> Result<String, Malformed> {
        let mut text = self.line[start..self.at].to_owned();
        loop {
            let rest = &self.line[self.at..];
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.malformed("no bare control character in a string")),
                None => return Err(self.malformed("the `\"` that ends the string")),
            }
        }
    }

    /// One escape, from its backslash.
    fn escape(&mut self) -> Result<char, Malformed> {
        const EXPECTED: &str = "an escape: \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX";
        let letter = self.line.as_bytes().get(self.at + 1).ok_or(self.malformed(EXPECTED))?;
        let plain = match letter {
            b'"' | b'\\' | b'/' => char::from(*letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.malformed(EXPECTED)),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, Malformed> {
        const EXPECTED: &str = "\\u and four hexadecimal digits, surrogates in pairs";
        let start = self.at;
        let unpaired = Malformed { column: start + 1, expected: EXPECTED };
        let first = self.code_unit().ok_or(unpaired)?;
        if let Some(letter) = char::from_u32(first) {
            return Ok(letter);
        }
        let second = self.code_unit().filter(|second| (0xDC00..0xE000).contains(second)).ok_or(unpaired)?;
        if first >= 0xDC00 {
            return Err(unpaired);
        }
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or(unpaired)
    }

    /// `\uXXXX`.
    fn code_unit(&mut self) -> Option<u32> {
        let digits = self.line.as_bytes().get(self.at..self.at + 6)?.strip_prefix(b"\\u")?;
        let unit =
            digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))?;
        self.at += 6;
        Some(unit)
    }

    /// A number by JSON's grammar.
    fn number(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leading_zero && whole > 1) {
            return Err(Malformed { column: start + 1, expected: "a number without leading zeros" });
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits("digits after the point")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.some_digits("digits of the exponent")?;
        }
        Ok(&self.line[start..self.at])
    }

    fn some_digits(&mut self, expected: &'static str) -> Result<(), Malformed> {
        if self.digits() > 0 { Ok(()) } else { Err(self.malformed(expected)) }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    /// Steps over an array or object by its brackets: no field takes one, so its inside does not matter.
    fn nested(&mut self, what: &'static str) -> Result<Value<'a>, Malformed> {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                Some(b'[' | b'{') => depth += 1,
                Some(b']' | b'}') => depth -= 1,
                Some(b'"') => {
                    self.at += 1;
                    self.text()?;
                    continue;
                }
                Some(_) => {}
                None => return Err(self.malformed("the end of the array or object")),
            }
            self.at += 1;
            if depth == 0 {
                return Ok(Value::Other(what));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(line: &str) -> Result<Vec<(String, Value<'_>)>, Malformed> {
        let mut found = Vec::new();
        read(line, |key, value| found.push((key.into_owned(), value)))?;
        Ok(found)
    }

    #[test]
    fn members_come_in_order_and_unescaped() {
        let found =
            members("\t{ \"a\" : \"x\" , \"\\u0062\":-1.5e3,\"c\":null,\"d\":[{\"e\":\"]\"}]} \r").unwrap();
        let text = |text: &'static str| Value::Text(text.into());
        assert_eq!(
            found,
            [
                ("a".into(), text("x")),
                ("b".into(), Value::Number("-1.5e3")),
                ("c".into(), Value::Other("null")),
                ("d".into(), Value::Other("an array")),
            ]
        );
        assert_eq!(
            members(r#"{"a":"\"\\\/\b\f\n\r\té\u00e9\ud83d\ude00"}"#).unwrap()[0].1,
            text("\"\\/\u{8}\u{c}\n\r\téé😀")
        );
        assert_eq!(members("{}").unwrap(), []);
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        for line in [
            "",
            "null",
            "[]",
            "\"a\"",
            "1",
            "{",
            "}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1}{}",
            "{\"a\":1} x",
            "{a:1}",
            "{'a':1}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":.5}",
            "{\"a\":1.}",
            "{\"a\":1e}",
            "{\"a\":-}",
            "{\"a\":tru}",
            "{\"a\":nul}",
            "{\"a\":\"x}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"\\u12g4\"}",
            "{\"a\":\"\t\"}",
            "{\"a\":\"\\n\u{1}\"}",
            "{\"a\":[1}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\udc00\"}",
            "{\"a\":\"\\ud800\\ud800\"}",
            "{\"a\":\"\\ud800x\"}",
            "{\"a\":\"\\udc00\\ud800\"}",
            "{\"a\":\"\\udc00\\udc00\"}",
            "\u{feff}{}",
            "{\"a\":1}\u{0}",
            "{\"a\":NaN}",
        ] {
            assert!(members(line).is_err(), "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_that_serde_writes_comes_back(key in any::<String>(), text in any::<String>()) {
            let line = serde_json::json!({ key.clone(): text.clone() }).to_string();
            prop_assert_eq!(members(&line).unwrap(), [(key, Value::Text(text.into()))]);
        }

        #[test]
        fn any_bytes_are_taken_or_refused_as_serde_does(line in "[{}\\[\\]:,\"a\\\\ue0-9.+-]{0,12}") {
            let serde = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&line).is_ok();
            let ours = members(&line).is_ok_and(|found| found.iter().all(|(_, value)| !matches!(value, Value::Other("an array" | "an object"))));
            let nested = line.contains('[') || line.matches('{').count() > 1;
            prop_assert!(nested || serde == ours, "{}", line);
        }
    }
}
