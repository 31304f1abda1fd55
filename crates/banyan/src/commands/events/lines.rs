//! A file's lines, one at a time, none of which can eat the memory.

use std::io::{self, BufRead, Read};

/// Splits a reader at its line feeds.
pub struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    limit: usize,
}

impl<R: BufRead> Lines<R> {
    /// Of a line longer than `limit` bytes, only the first `limit` + 1 are kept.
    pub fn new(reader: R, limit: usize) -> Lines<R> {
        Lines { reader, line: Vec::new(), limit }
    }

    /// The next line without its line feed, and how many bytes were read for it; `None` at the end.
    pub fn next_line(&mut self) -> io::Result<Option<(&[u8], u64)>> {
        self.line.clear();
        let kept = self.limit as u64 + 1;
        let mut read = self.reader.by_ref().take(kept).read_until(b'\n', &mut self.line)? as u64;
        if read == 0 {
            return Ok(None);
        }
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        } else if read == kept {
            read += self.reader.skip_until(b'\n')? as u64;
        }
        Ok(Some((&self.line, read)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], limit: usize) -> (Vec<Vec<u8>>, u64) {
        let mut lines = Lines::new(text, limit);
        let (mut found, mut bytes) = (Vec::new(), 0);
        while let Some((line, read)) = lines.next_line().unwrap() {
            found.push(line.to_vec());
            bytes += read;
        }
        (found, bytes)
    }

    #[test]
    fn lines_end_at_line_feeds_or_at_the_end() {
        for (text, expected) in [
            (&b"a\n\nbc\n"[..], &[&b"a"[..], b"", b"bc"][..]),
            (b"a\r\nb", &[b"a\r", b"b"]),
            (b"abcd\nabcde", &[b"abcd", b"abcde"]),
            (b"abcdefgh\nx\n", &[b"abcde", b"x"]),
            (b"abcde\nx", &[b"abcde", b"x"]),
            (b"", &[]),
        ] {
            let (found, bytes) = lines(text, 4);
            assert_eq!(found, expected);
            assert_eq!(bytes, text.len() as u64);
        }
    }
}
