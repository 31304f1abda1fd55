//! Snapshots: a simulation written to bytes, and read back where it goes on as if it had never stopped.
//!
//! A snapshot is a head (magic, version of the format, semantics version, hash of the plan, length), a payload, and
//! the keccak256 of all before it. The payload holds what cannot be worked out from the rest: names, sponsors, seats,
//! purchases, positions, orders and balances. Equal states have equal bytes. Reading refuses whatever is not a
//! snapshot of this plan, whole and unchanged; and since a checksum can be made for anything, what was read must also be
//! a state that a machine can be in.

pub(crate) mod codec;
pub(crate) mod sales;

use banyan_types::{PlanHash, keccak256};

use crate::Plan;
use crate::interchange::Simulation;
use codec::{Fault, Reader, Writer};

/// The first bytes of every snapshot.
const MAGIC: [u8; 8] = *b"BanyanSn";
/// The version of the format: it changes with every change of the bytes.
const VERSION: u32 = 1;
/// Magic, version, semantics, hash of the plan, length of the payload.
const HEAD: usize = 8 + 4 + 4 + 32 + 8;
const CHECKSUM: usize = 32;
/// More lines than any file has, and few enough to go on counting.
const MAX_LINES: u64 = 1 << 53;

/// How far a run had read its events when the snapshot was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines read so far, blank and skipped ones among them.
    pub lines: u64,
    /// keccak256 of the last of them, without its line feed; zeros before the first.
    pub last: [u8; 32],
}

/// Why bytes are no snapshot to go on from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Something else altogether.
    #[error(
        "expected a snapshot, got something else: give a file that `banyan simulate --snapshot-out` wrote"
    )]
    Foreign,
    /// Written by another version of this program.
    #[error(
        "expected a snapshot of format version {VERSION}, got version {came}: make it anew with this program"
    )]
    Version {
        /// The version that came.
        came: u32,
    },
    /// The bytes end too early, or go on too long.
    #[error("expected a snapshot of {expected} bytes, got {came}: it is truncated or something follows it")]
    Length {
        /// What the head says.
        expected: u64,
        /// What came.
        came: u64,
    },
    /// The bytes have changed since they were written.
    #[error("the snapshot is corrupt: its checksum does not fit its content")]
    Corrupt,
    /// Made under another meaning of plan files.
    #[error("expected a snapshot made under semantics {expected}, got one made under semantics {came}")]
    Semantics {
        /// The plan's.
        expected: u32,
        /// The snapshot's.
        came: u32,
    },
    /// Made under another plan.
    #[error("expected a snapshot made under the plan {expected}, got one made under the plan {came}")]
    Plan {
        /// Hash of the plan at hand.
        expected: PlanHash,
        /// Hash of the snapshot's plan.
        came: PlanHash,
    },
    /// The content is no state that a programme can be in.
    #[error("the snapshot holds a state that cannot be: expected {expected}")]
    State {
        /// What does not hold.
        expected: &'static str,
    },
}

/// The snapshot of a run that has come so far.
pub fn write(simulation: &Simulation, progress: &Progress) -> Vec<u8> {
    let mut payload = Writer::default();
    payload.number(progress.lines);
    progress.last.iter().for_each(|byte| payload.number((*byte).into()));
    simulation.save(&mut payload);
    let payload = payload.into_bytes();
    let plan = simulation.machine().plan();
    let mut bytes = Vec::with_capacity(HEAD + payload.len() + CHECKSUM);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&plan.semantics().to_le_bytes());
    bytes.extend_from_slice(plan.hash().0.as_slice());
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&payload);
    let checksum = keccak256(&bytes);
    bytes.extend_from_slice(checksum.as_slice());
    bytes
}

/// The run of which `bytes` are the snapshot, under the same plan. It judges strictly until it is told otherwise.
///
/// # Errors
/// Bytes that are no whole and unchanged snapshot of this format, made under another plan, or holding a state in which
/// no programme can be.
pub fn read(bytes: &[u8], plan: Plan) -> Result<(Simulation, Progress), SnapshotError> {
    let payload = open(bytes, &plan)?;
    let mut input = Reader::new(payload);
    restore(&mut input, plan).map_err(|Fault(expected)| SnapshotError::State { expected })
}

fn restore(input: &mut Reader<'_>, plan: Plan) -> Result<(Simulation, Progress), Fault> {
    let mut progress = Progress { lines: input.below(MAX_LINES, "a number of lines")?, last: [0; 32] };
    for byte in &mut progress.last {
        *byte = input.below(256, "a byte")? as u8;
    }
    let simulation = Simulation::restore(input, plan)?;
    input.end()?;
    Ok((simulation, progress))
}

/// The payload, if the rest is in order.
fn open<'a>(bytes: &'a [u8], plan: &Plan) -> Result<&'a [u8], SnapshotError> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else { return Err(SnapshotError::Foreign) };
    let truncated = SnapshotError::Length { expected: (HEAD + CHECKSUM) as u64, came: bytes.len() as u64 };
    let (version, rest) = rest.split_first_chunk().ok_or(truncated.clone())?;
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(SnapshotError::Version { came: version });
    }
    let (semantics, rest) = rest.split_first_chunk().ok_or(truncated.clone())?;
    let (hash, rest) = rest.split_first_chunk::<32>().ok_or(truncated.clone())?;
    let (length, rest) = rest.split_first_chunk().ok_or(truncated)?;
    let expected = u64::from_le_bytes(*length).saturating_add((HEAD + CHECKSUM) as u64);
    if expected != bytes.len() as u64 {
        return Err(SnapshotError::Length { expected, came: bytes.len() as u64 });
    }
    let (checked, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    if keccak256(checked).as_slice() != checksum {
        return Err(SnapshotError::Corrupt);
    }
    let semantics = u32::from_le_bytes(*semantics);
    if semantics != plan.semantics() {
        return Err(SnapshotError::Semantics { expected: plan.semantics(), came: semantics });
    }
    let (expected, came) = (plan.hash(), PlanHash((*hash).into()));
    if expected != came {
        return Err(SnapshotError::Plan { expected, came });
    }
    Ok(&rest[..rest.len() - CHECKSUM])
}
