//! A point of the books' past: a block, and how somebody may name it.

/// How somebody names the moment that they ask about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// As the books stand.
    #[default]
    Now,
    /// After everything up to this block, the block included.
    Block(u64),
    /// After the last block at or before this time, in seconds since 1970.
    Time(u64),
}

/// The books after everything up to a block. All of it is finalized: nothing else is ever booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The block, included.
    pub block: u64,
    /// Time of the last block up to it that the books know of, in seconds since 1970.
    pub time: u64,
}

/// Out of what a balance of the past is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The postings.
    Journal,
    /// What entries, payments, batches and reconciliations say, without a look at the journal.
    Projections,
}
