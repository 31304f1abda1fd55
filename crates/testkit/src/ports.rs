//! Free ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};

use crate::error::{Doing, Error, Result};

/// A port that nobody listened on a moment ago. Another process may take it before it is used, so a caller that can
/// start again with another port should.
///
/// # Errors
/// When the system has no port left.
pub fn free() -> Result<u16> {
    let doing = || "looking for a free port on 127.0.0.1".to_owned();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing(doing)?;
    Ok(listener.local_addr().doing(doing)?.port())
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
    fn a_taken_port_is_named() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(check(port).unwrap_err().to_string().contains(&port.to_string()));
        drop(taken);
        check(port).unwrap();
    }
}
