//! Ranges of blocks, several at once, handed on in order. How many blocks make a range is found by trying: the node's
//! refusals and the number of events decide.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::time::Duration;

use banyan_chain::node::{Block, BlockTag};
use banyan_chain::source::Fetched;
use banyan_chain::{ContractView, NodeError};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

/// Events wanted in a range: enough that a question costs nothing beside them, few enough that memory does not matter.
const EVENTS: usize = 4_000;
/// Blocks of the first range.
const FIRST: u64 = 64;
/// Blocks of a range at most; what public nodes allow.
const MOST: u64 = 50_000;
/// Questions under way.
const AT_ONCE: usize = 4;
/// How often a question is asked that the node may answer later.
const TRIES: u32 = 4;
/// Pause before the second time; each further one is three times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// What is to be read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) view: ContractView,
    pub(crate) from: u64,
    pub(crate) end: Block,
}

/// A range as it came, and what was wrong on the way.
pub(crate) struct Piece {
    pub(crate) fetched: Fetched,
    pub(crate) faults: Faults,
}

/// Faults by class.
pub(crate) type Faults = BTreeMap<&'static str, u64>;

impl Reading {
    /// Reads all of it into `to`, until nobody listens.
    pub(crate) async fn run(self, to: Sender<Result<Piece, NodeError>>) {
        let mut under_way: VecDeque<JoinHandle<Result<Piece, NodeError>>> = VecDeque::new();
        let (mut next, mut blocks) = (self.from, FIRST);
        loop {
            while under_way.len() < AT_ONCE && next <= self.end.number {
                let last = self.end.number.min(next + blocks - 1);
                let (reading, first) = (self.clone(), next);
                under_way.push_back(tokio::spawn(async move { reading.fetch(first, last).await }));
                next = last + 1;
            }
            let Some(piece) = under_way.pop_front() else { return };
            let piece = piece.await.unwrap_or_else(|_| Err(broken()));
            if let Ok(piece) = &piece {
                blocks = adapted(blocks, piece);
            }
            let failed = piece.is_err();
            if to.send(piece).await.is_err() || failed {
                under_way.iter().for_each(JoinHandle::abort);
                return;
            }
        }
    }

    /// The logs of a range and its last block. Where the node wants smaller ranges it is asked for them one after the other.
    pub(crate) async fn fetch(&self, from: u64, last: u64) -> Result<Piece, NodeError> {
        let mut faults = Faults::new();
        let mut logs = Vec::new();
        let mut pieces = vec![(from, last)];
        while let Some((from, last)) = pieces.pop() {
            match self
                .patiently(&mut faults, || self.view.node().logs(self.view.contract(), from, last))
                .await
            {
                Ok(more) => logs.extend(more),
                Err(error @ NodeError::RangeTooLarge { .. }) if last > from => {
                    *faults.entry(error.class()).or_default() += 1;
                    let middle = from + (last - from) / 2;
                    pieces.extend([(middle + 1, last), (from, middle)]);
                }
                Err(error) => return Err(error),
            }
        }
        let (to, standing) = if last == self.end.number {
            let standing = self.patiently(&mut faults, || self.view.standing(self.end.hash)).await?;
            (self.end, Some(standing))
        } else {
            (self.patiently(&mut faults, || self.block(last)).await?, None)
        };
        Ok(Piece { fetched: Fetched { from, to, logs, standing }, faults })
    }

    /// The same range in pieces, for a node whose answer to the whole of it is not proven.
    pub(crate) async fn fetch_in_pieces(
        &self,
        from: u64,
        last: u64,
        pieces: u64,
    ) -> Result<Piece, NodeError> {
        let size = (last - from + 1).div_ceil(pieces).max(1);
        let mut whole: Option<Piece> = None;
        let mut next = from;
        while next <= last {
            let end = last.min(next + size - 1);
            let piece = self.fetch(next, end).await?;
            whole = Some(match whole {
                None => piece,
                Some(mut whole) => {
                    whole.fetched.logs.extend(piece.fetched.logs);
                    (whole.fetched.to, whole.fetched.standing) = (piece.fetched.to, piece.fetched.standing);
                    add(&mut whole.faults, &piece.faults);
                    whole
                }
            });
            next = end + 1;
        }
        whole.ok_or_else(broken)
    }

    async fn block(&self, number: u64) -> Result<Block, NodeError> {
        let block = self.view.node().block(BlockTag::Number(number)).await?;
        block.ok_or_else(|| NodeError::Malformed {
            method: "eth_getBlockByNumber",
            reason: format!("block {number}, which is below finality, is missing"),
        })
    }

    /// Asks again where the node may answer later.
    pub(crate) async fn patiently<T, F: Future<Output = Result<T, NodeError>>>(
        &self,
        faults: &mut Faults,
        question: impl Fn() -> F,
    ) -> Result<T, NodeError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match question().await {
                Err(error @ NodeError::RangeTooLarge { .. }) => return Err(error),
                Err(error) if error.is_passing() => {
                    *faults.entry(error.class()).or_default() += 1;
                    tracing::warn!(class = error.class(), %error, "the node is asked again");
                    tokio::time::sleep(pause).await;
                    pause *= 3;
                }
                answer => return answer,
            }
        }
        question().await
    }
}

/// Sums faults up.
pub(crate) fn add(all: &mut Faults, more: &Faults) {
    more.iter().for_each(|(class, count)| *all.entry(class).or_default() += count);
}

/// How many blocks the next range has.
fn adapted(blocks: u64, piece: &Piece) -> u64 {
    let (events, read) = (piece.fetched.logs.len(), piece.fetched.to.number - piece.fetched.from + 1);
    let refused = piece.faults.get("range_too_large").copied().unwrap_or_default();
    if refused > 0 {
        (read >> refused.min(16)).max(1)
    } else if events > 2 * EVENTS {
        (blocks.min(read) / 2).max(1)
    } else if events < EVENTS / 2 && read >= blocks {
        (blocks * 2).min(MOST)
    } else {
        blocks
    }
}

fn broken() -> NodeError {
    NodeError::Malformed { method: "eth_getLogs", reason: "the reading of a range was broken off".to_owned() }
}

#[cfg(test)]
mod tests {
    use banyan_chain::node::RawLog;
    use banyan_types::{Address, B256};

    use super::*;

    fn piece(read: u64, events: usize, refused: u64) -> Piece {
        let log = RawLog {
            address: Address::ZERO,
            block: 1,
            block_hash: B256::ZERO,
            block_time: 0,
            tx_hash: B256::ZERO,
            log_index: 0,
            topics: Vec::new(),
            data: Default::default(),
            removed: false,
        };
        let to = Block { number: read, hash: B256::ZERO, time: 0 };
        let faults = if refused > 0 { Faults::from([("range_too_large", refused)]) } else { Faults::new() };
        Piece { fetched: Fetched { from: 1, to, logs: vec![log; events], standing: None }, faults }
    }

    #[test]
    fn ranges_grow_while_they_are_thin_and_shrink_when_they_are_dense_or_refused() {
        for (blocks, read, events, refused, next) in [
            (64, 64, 0, 0, 128),
            (64, 10, 0, 0, 64),
            (64, 64, EVENTS, 0, 64),
            (64, 64, 3 * EVENTS, 0, 32),
            (1, 1, 3 * EVENTS, 0, 1),
            (MOST, MOST, 0, 0, MOST),
            (1024, 1024, 10, 3, 128),
            (4, 4, 10, 9, 1),
        ] {
            assert_eq!(
                adapted(blocks, &piece(read, events, refused)),
                next,
                "{blocks} {read} {events} {refused}"
            );
        }
    }
}
