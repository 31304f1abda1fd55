//! A file's lines, one at a time, none of which can eat the memory.

use std::io::{self, BufRead, BufReader, Read};

/// Splits a reader at its line feeds.
pub struct Lines<R> {
    reader: BufReader<R>,
    /// The lines at hand, without their line feeds, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    limit: usize,
}

impl<R: Read> Lines<R> {
    /// Of a line longer than `limit` bytes, only the first `limit` + 1 are kept.
    pub fn new(reader: BufReader<R>, limit: usize) -> Lines<R> {
        Lines { reader, text: Vec::new(), ends: Vec::new(), limit }
    }

    /// The next line without its line feed, and how many bytes were read for it; `None` at the end.
    pub fn next_line(&mut self) -> io::Result<Option<(&[u8], u64)>> {
        let read = self.read_lines(1)?;
        Ok((read > 0).then_some((&self.text, read)))
    }

    /// The next line, and those that have already come with it, `most` in all; and how many bytes were read for them.
    /// There are none at the end.
    pub fn next_lines(&mut self, most: usize) -> io::Result<(Vec<&[u8]>, u64)> {
        let read = self.read_lines(most)?;
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let lines = starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end]);
        Ok((lines.collect(), read))
    }

    fn read_lines(&mut self, most: usize) -> io::Result<u64> {
        self.text.clear();
        self.ends.clear();
        let mut read = self.read_line()?;
        while self.ends.len() < most && self.reader.buffer().contains(&b'\n') {
            read += self.read_line()?;
        }
        Ok(read)
    }

    /// Adds a line to those at hand, unless there is none.
    fn read_line(&mut self) -> io::Result<u64> {
        let kept = self.limit as u64 + 1;
        let mut read = self.reader.by_ref().take(kept).read_until(b'\n', &mut self.text)? as u64;
        if read == 0 {
            return Ok(0);
        }
        if self.text.last() == Some(&b'\n') {
            self.text.pop();
        } else if read == kept {
            read += self.reader.skip_until(b'\n')? as u64;
        }
        self.ends.push(self.text.len());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], limit: usize) -> (Vec<Vec<u8>>, u64) {
        let mut lines = Lines::new(BufReader::new(text), limit);
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

    #[test]
    fn lines_come_together_as_they_come_alone() {
        let text = b"a\n\nbc\nabcdefgh\nabcd\ne";
        for (buffer, most) in [(1, 3), (4, 3), (64, 1), (64, 2), (64, 9)] {
            let mut together = Lines::new(BufReader::with_capacity(buffer, &text[..]), 4);
            let (mut found, mut bytes) = (Vec::new(), 0);
            loop {
                let (lines, read) = together.next_lines(most).unwrap();
                assert!(lines.len() <= most);
                bytes += read;
                match lines[..] {
                    [] => break,
                    _ => found.extend(lines.into_iter().map(<[u8]>::to_vec)),
                }
            }
            assert_eq!((found, bytes), lines(text, 4), "{buffer} {most}");
        }
        let mut lines = Lines::new(BufReader::new(&text[..]), 4);
        assert_eq!(lines.next_lines(2).unwrap(), (vec![&b"a"[..], b""], 3));
    }
}
