//! Who takes part, under whom: the sponsor tree.

mod saved;

use crate::{Refusal, UserId};

/// What the programme knows of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Participant {
    sponsor: UserId,
    /// Direct referrals so far.
    referrals: u32,
    registered: bool,
    has_retopup: bool,
    /// Whether the operators set the participant inactive.
    set_inactive: bool,
}

impl Participant {
    const STRANGER: Participant = Participant {
        sponsor: UserId::COMPANY,
        referrals: 0,
        registered: false,
        has_retopup: false,
        set_inactive: false,
    };
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
        self.known.get(user.index()).is_some_and(|known| known.registered)
    }

    /// Sponsor of a registered participant.
    pub(crate) fn sponsor(&self, user: UserId) -> Option<UserId> {
        self.known.get(user.index()).filter(|known| known.registered).map(|known| known.sponsor)
    }

    pub(crate) fn has_retopup(&self, user: UserId) -> bool {
        self.known.get(user.index()).is_some_and(|known| known.has_retopup)
    }

    pub(crate) fn note_retopup(&mut self, user: UserId) {
        self.known[user.index()].has_retopup = true;
    }

    /// Whether the operators set a participant inactive.
    pub(crate) fn is_set_inactive(&self, user: UserId) -> bool {
        self.known.get(user.index()).is_some_and(|known| known.set_inactive)
    }

    pub(crate) fn set_inactive(&mut self, user: UserId, inactive: bool) {
        self.known[user.index()].set_inactive = inactive;
    }

    /// Direct referrals of a participant or the company.
    pub(crate) fn referrals(&self, user: UserId) -> u32 {
        self.known.get(user.index()).map_or(0, |known| known.referrals)
    }

    /// Adds a checked newcomer; the sponsor's number of referrals, this one included, comes back.
    pub(crate) fn register(&mut self, user: UserId, sponsor: UserId) -> u32 {
        if self.known.len() <= user.index() {
            self.known.resize(user.index() + 1, Participant::STRANGER);
        }
        self.known[user.index()] = Participant { sponsor, registered: true, ..Participant::STRANGER };
        let referrals = &mut self.known[sponsor.index()].referrals;
        *referrals += 1;
        *referrals
    }

    /// The sponsors above a participant, nearest first, ending below the company.
    pub(crate) fn upline(&self, user: UserId) -> impl Iterator<Item = UserId> {
        std::iter::successors(self.sponsor(user), |sponsor| self.sponsor(*sponsor))
            .take_while(|sponsor| *sponsor != UserId::COMPANY)
    }
}
