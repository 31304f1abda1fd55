//! Who takes part, under whom: the sponsor tree.

use crate::UserId;

/// What the programme knows of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Participant {
    sponsor: UserId,
    /// Direct referrals so far.
    referrals: u32,
    registered: bool,
    has_retopup: bool,
}

impl Participant {
    const STRANGER: Participant =
        Participant { sponsor: UserId::COMPANY, referrals: 0, registered: false, has_retopup: false };
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
