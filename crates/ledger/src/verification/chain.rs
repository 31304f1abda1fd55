//! The chain of seals: each hash covers the one before it, its number, and its transaction's content.

use sha2::{Digest as _, Sha256};

use super::{Finding, SealPoint};
use crate::Cause;

/// A row of `journal_seals`, or of what waits for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    pub cause: Cause,
    /// Microseconds since 2000, as the database sends it.
    pub at: i64,
    /// `None`: not sealed yet.
    pub point: Option<SealPoint>,
}

/// How far the chain was followed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Chain {
    pub last: SealPoint,
}

impl Chain {
    /// The number that comes next.
    pub fn next(&self) -> u64 {
        self.last.number + 1
    }

    /// Goes on by a seal over `content`, if it is the next one and its hash is right.
    pub fn advance(&mut self, point: SealPoint, content: [u8; 32]) -> Result<(), Finding> {
        if point.number != self.next() {
            let expected = format!("seal {} after seal {}", self.next(), self.last.number);
            return Err(Finding::new(
                "journal_seals",
                self.next(),
                expected,
                format!("seal {}", point.number),
            ));
        }
        let mut hasher = Sha256::new();
        hasher.update(self.last.hash);
        hasher.update(point.number.to_be_bytes());
        hasher.update(content);
        let hash: [u8; 32] = hasher.finalize().into();
        if hash != point.hash {
            let expected = format!("hash {} over the stored rows and the seal before", hex(&hash));
            return Err(Finding::new("journal_seals", point.number, expected, hex(&point.hash)));
        }
        self.last = point;
        Ok(())
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(chain: &Chain, content: [u8; 32]) -> SealPoint {
        let bytes = [chain.last.hash.as_slice(), &chain.next().to_be_bytes(), &content].concat();
        SealPoint { number: chain.next(), hash: Sha256::digest(bytes).into() }
    }

    #[test]
    fn a_seal_is_right_over_its_content_in_its_place_only() {
        let mut chain = Chain::default();
        let first = sealed(&chain, [1; 32]);
        chain.advance(first, [1; 32]).unwrap();
        let second = sealed(&chain, [2; 32]);
        let other = chain.advance(second, [3; 32]).unwrap_err();
        assert_eq!((other.table.as_str(), other.key.as_str()), ("journal_seals", "2"));
        let gap = chain.advance(SealPoint { number: 3, ..second }, [2; 32]).unwrap_err();
        assert_eq!(gap.to_string(), "journal_seals 2: expected seal 2 after seal 1, found seal 3");
        chain.advance(second, [2; 32]).unwrap();
        assert_eq!(chain.last, second);
    }
}
