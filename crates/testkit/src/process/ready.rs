//! Waiting until a child is ready, and saying what it printed when it never is.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::Process;
use crate::error::{Error, Result};

const PAUSE: Duration = Duration::from_millis(10);

impl Process {
    /// Waits until the child has printed `text`.
    ///
    /// # Errors
    /// When it ends first, or `within` passes; the error has its last lines.
    pub fn wait_for_line(&mut self, text: &str, within: Duration) -> Result<()> {
        self.wait_until(&format!("did not print \"{text}\""), within, |process| process.log().contains(text))
    }

    /// Waits until an HTTP GET of `path` on `address` is answered with a 2xx status.
    ///
    /// # Errors
    /// When the child ends first, or `within` passes; the error has its last lines.
    pub fn wait_for_http(&mut self, address: SocketAddr, path: &str, within: Duration) -> Result<()> {
        let what = format!("did not answer GET http://{address}{path} with a 2xx status");
        self.wait_until(&what, within, |_| {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
            exchange(address, &request).is_some_and(|answer| answer.starts_with("HTTP/1.1 2"))
        })
    }

    /// Waits until what `address` answers to `request` starts with `answer`.
    ///
    /// # Errors
    /// When the child ends first, or `within` passes; the error has its last lines.
    pub fn wait_for_answer(
        &mut self,
        address: SocketAddr,
        request: &str,
        answer: &str,
        within: Duration,
    ) -> Result<()> {
        self.wait_until(&format!("did not answer on {address}"), within, |_| {
            exchange(address, request).is_some_and(|came| came.starts_with(answer))
        })
    }

    fn wait_until(
        &mut self,
        otherwise: &str,
        within: Duration,
        mut ready: impl FnMut(&Self) -> bool,
    ) -> Result<()> {
        let start = Instant::now();
        loop {
            // Asked first: a child that printed the line and died at once is not ready.
            if let Some(status) = self.exit_status() {
                return Err(self.failed(format!("ended ({status}) before it was ready")));
            }
            if ready(self) {
                return Ok(());
            }
            if start.elapsed() > within {
                return Err(self.failed(format!("{otherwise} within {} s", within.as_secs())));
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// One request and the first bytes of its answer; nothing when nobody listens or nobody answers.
fn exchange(address: SocketAddr, request: &str) -> Option<String> {
    let patience = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..length]).into_owned())
}

/// The last `count` lines of a text.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The first and the last lines of a text: npm tells the reason first, cargo last.
pub(crate) fn both_ends(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= 2 * count {
        return lines.join("\n");
    }
    [&lines[..count], &["…"], &lines[lines.len() - count..]].concat().join("\n")
}

/// A child that ended because its port was taken between being found free and being used.
pub(crate) fn lost_its_port(error: &Error) -> bool {
    let Error::Child { tail, .. } = error else { return false };
    let tail = tail.to_lowercase();
    tail.contains("address already in use") || tail.contains("address in use") || tail.contains("os error 98")
}

#[cfg(test)]
mod tests {
    use super::{both_ends, last_lines};

    #[test]
    fn both_ends_of_a_long_text_are_shown() {
        assert_eq!(both_ends("a\nb\nc\nd\ne", 1), "a\n…\ne");
        assert_eq!(both_ends("a\nb", 1), "a\nb");
    }

    #[test]
    fn the_last_lines_are_all_when_there_are_few() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 2), "a");
    }
}
