//! Free ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{Error, Result};

/// Below the range from which systems take the ports of outgoing connections: none of those can take it before it is
/// listened on.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A port that nobody listens on. Every call of a process gives another one, and processes begin at different places.
///
/// # Errors
/// When the whole range is taken.
pub fn free() -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let length = u32::from(RANGE.end - RANGE.start);
    for _ in 0..length {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let offset = std::process::id().wrapping_mul(61).wrapping_add(step) % length;
        let port = RANGE.start + u16::try_from(offset).expect("the range is shorter than all ports");
        if check(port).is_ok() {
            return Ok(port);
        }
    }
    Err(Error::Missing {
        what: format!("A free port on 127.0.0.1 from {} to {}", RANGE.start, RANGE.end),
        remedy: "Stop some of what listens there (`ss -ltnp`).".to_owned(),
    })
}

/// Checks that a port asked for by number is free.
///
/// # Errors
/// [`Error::PortInUse`] when it is not.
pub fn check(port: u16) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|_| Error::PortInUse { port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let ports: std::collections::BTreeSet<u16> = (0..50).map(|_| free().unwrap()).collect();
        assert_eq!(ports.len(), 50);
        assert!(ports.iter().all(|port| RANGE.contains(port)));
    }

    #[test]
    fn a_taken_port_is_named() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(check(port).unwrap_err().to_string().contains(&port.to_string()));
        drop(taken);
        check(port).unwrap();
    }
}
