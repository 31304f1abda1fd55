//! Who takes part, under whom: the sponsor tree.

mod saved;

use crate::{Refusal, UserId};

/// What the programme knows of one user.
///
/// Eight bytes with all that a walk up the tree reads: on a large tree each step waits for memory, and the more of it
/// fits into the processor's cache the better (on a tree of 1,000,000, an event cost a fifth more with 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Participant {
    /// The sponsor's id; [`NOBODY`] before the registration.
    sponsor: u32,
    /// Direct referrals so far, above the flags.
    referrals: u32,
}

/// Nobody's id: that many users do not fit into memory.
const NOBODY: u32 = u32::MAX;
const HAS_RETOPUP: u32 = 1;
/// The operators set the participant inactive.
const SET_INACTIVE: u32 = 2;
const FLAGS: u32 = HAS_RETOPUP | SET_INACTIVE;
/// One referral.
const REFERRAL: u32 = FLAGS + 1;

impl Participant {
    const STRANGER: Participant = Participant { sponsor: NOBODY, referrals: 0 };

    fn is_registered(self) -> bool {
        self.sponsor != NOBODY
    }

    fn has(self, flag: u32) -> bool {
        self.referrals & flag > 0
    }

    fn refer(&mut self) {
        let more = self.referrals.checked_add(REFERRAL);
        self.referrals = more.expect("memory ends before a thousand million participants");
    }
}

/// All users ever named in a registration, indexed by id; the company is entry 0 and never registered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Participants {
    known: Vec<Participant>,
}

impl Participants {
    pub(crate) fn new() -> Participants {
        Participants { known: vec![Participant::STRANGER] }
    }

    /// Refuses a registration that cannot be.
    pub(crate) fn check_newcomer(&self, user: UserId, sponsor: UserId) -> Result<(), Refusal> {
        if user == UserId::COMPANY {
            return Err(Refusal::CompanyAsUser);
        }
        if self.is_registered(user) {
            return Err(Refusal::AlreadyRegistered);
        }
        if sponsor == user {
            return Err(Refusal::OwnSponsor);
        }
        if sponsor != UserId::COMPANY && !self.is_registered(sponsor) {
            return Err(Refusal::UnknownSponsor);
        }
        Ok(())
    }

    /// Refuses a user who takes no part.
    pub(crate) fn check_participant(&self, user: UserId) -> Result<(), Refusal> {
        if user == UserId::COMPANY {
            return Err(Refusal::CompanyAsUser);
        }
        if self.is_registered(user) { Ok(()) } else { Err(Refusal::UnknownUser) }
    }

    /// Whether anybody has registered.
    pub(crate) fn has_begun(&self) -> bool {
        self.known.len() > 1
    }

    /// How many users there are, the company included: every id is below.
    pub(crate) fn known(&self) -> usize {
        self.known.len()
    }

    pub(crate) fn is_registered(&self, user: UserId) -> bool {
        self.known.get(user.index()).is_some_and(|known| known.is_registered())
    }

    /// Sponsor of a registered participant.
    pub(crate) fn sponsor(&self, user: UserId) -> Option<UserId> {
        let known = self.known.get(user.index())?;
        known.is_registered().then_some(UserId(known.sponsor))
    }

    pub(crate) fn has_retopup(&self, user: UserId) -> bool {
        self.has(user, HAS_RETOPUP)
    }

    pub(crate) fn note_retopup(&mut self, user: UserId) {
        self.known[user.index()].referrals |= HAS_RETOPUP;
    }

    /// Whether the operators set a participant inactive.
    pub(crate) fn is_set_inactive(&self, user: UserId) -> bool {
        self.has(user, SET_INACTIVE)
    }

    pub(crate) fn set_inactive(&mut self, user: UserId, inactive: bool) {
        let known = &mut self.known[user.index()];
        known.referrals =
            if inactive { known.referrals | SET_INACTIVE } else { known.referrals & !SET_INACTIVE };
    }

    fn has(&self, user: UserId, flag: u32) -> bool {
        self.known.get(user.index()).is_some_and(|known| known.has(flag))
    }

    /// Direct referrals of a participant or the company.
    pub(crate) fn referrals(&self, user: UserId) -> u32 {
        self.known.get(user.index()).map_or(0, |known| known.referrals / REFERRAL)
    }

    /// Adds a checked newcomer; the sponsor's number of referrals, this one included, comes back.
    pub(crate) fn register(&mut self, user: UserId, sponsor: UserId) -> u32 {
        if self.known.len() <= user.index() {
            self.known.resize(user.index() + 1, Participant::STRANGER);
        }
        self.known[user.index()].sponsor = sponsor.0;
        self.known[sponsor.index()].refer();
        self.referrals(sponsor)
    }

    /// The sponsors above a participant, nearest first, ending below the company.
    pub(crate) fn upline(&self, user: UserId) -> impl Iterator<Item = UserId> {
        std::iter::successors(self.sponsor(user), |sponsor| self.sponsor(*sponsor))
            .take_while(|sponsor| *sponsor != UserId::COMPANY)
    }
}
