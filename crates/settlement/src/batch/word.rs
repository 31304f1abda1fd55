//! The words that the database and the API use for states and outcomes.

use banyan_chain::node::Refusal;

use super::{Outcome, State};

impl State {
    /// Every state, in order of a batch's life.
    pub const ALL: [State; 9] = [
        State::Building,
        State::Signed,
        State::Queued,
        State::Broadcast,
        State::Included,
        State::Final,
        State::Settled,
        State::Expired,
        State::Abandoned,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            State::Building => "building",
            State::Signed => "signed",
            State::Queued => "queued",
            State::Broadcast => "broadcast",
            State::Included => "included",
            State::Final => "final",
            State::Settled => "settled",
            State::Expired => "expired",
            State::Abandoned => "abandoned",
        }
    }

    /// The state of that word.
    pub fn of_word(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether nothing can happen to it any more.
    pub fn is_ended(self) -> bool {
        match self {
            State::Settled | State::Expired | State::Abandoned => true,
            State::Building
            | State::Signed
            | State::Queued
            | State::Broadcast
            | State::Included
            | State::Final => false,
        }
    }
}

/// Every reason for which a node refuses a transaction, with our word for it.
const REFUSALS: [(Refusal, &str); 10] = [
    (Refusal::NonceTooLow, "nonce_too_low"),
    (Refusal::NonceTooHigh, "nonce_too_high"),
    (Refusal::ReplacementUnderpriced, "replacement_underpriced"),
    (Refusal::Underpriced, "underpriced"),
    (Refusal::FeeTooHigh, "fee_too_high"),
    (Refusal::Funds, "funds"),
    (Refusal::Gas, "gas"),
    (Refusal::Reverted, "reverted"),
    (Refusal::PoolFull, "pool_full"),
    (Refusal::Signature, "signature"),
];

impl Outcome {
    /// The word for it; a refusal's reason is apart ([`Outcome::refusal`]).
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Written => "written",
            Outcome::Accepted => "accepted",
            Outcome::Refused(_) => "refused",
            Outcome::Unknown => "unknown",
            Outcome::Included => "included",
            Outcome::Reverted => "reverted",
            Outcome::Replaced => "replaced",
        }
    }

    /// The word for the reason of a refusal.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Outcome::Refused(reason) => {
                REFUSALS.iter().find(|(known, _)| *known == reason).map(|(_, word)| *word)
            }
            Outcome::Written
            | Outcome::Accepted
            | Outcome::Unknown
            | Outcome::Included
            | Outcome::Reverted
            | Outcome::Replaced => None,
        }
    }

    /// The outcome of these words.
    pub fn of_words(word: &str, refusal: Option<&str>) -> Option<Outcome> {
        match (word, refusal) {
            ("refused", Some(refusal)) => {
                let known = REFUSALS.iter().find(|(_, word)| *word == refusal);
                known.map(|(reason, _)| Outcome::Refused(*reason))
            }
            (word, None) => [
                Outcome::Written,
                Outcome::Accepted,
                Outcome::Unknown,
                Outcome::Included,
                Outcome::Reverted,
                Outcome::Replaced,
            ]
            .into_iter()
            .find(|outcome| outcome.word() == word),
            (_, Some(_)) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_words_belong_together() {
        for state in State::ALL {
            assert_eq!(State::of_word(state.word()), Some(state));
        }
        assert_eq!(State::of_word("done"), None);
    }

    #[test]
    fn outcomes_and_words_belong_together() {
        let plain = [
            Outcome::Written,
            Outcome::Accepted,
            Outcome::Unknown,
            Outcome::Included,
            Outcome::Reverted,
            Outcome::Replaced,
        ];
        let refused = REFUSALS.map(|(reason, _)| Outcome::Refused(reason));
        for outcome in plain.into_iter().chain(refused) {
            assert_eq!(Outcome::of_words(outcome.word(), outcome.refusal()), Some(outcome));
        }
        assert_eq!(Outcome::of_words("refused", None), None);
        assert_eq!(Outcome::of_words("accepted", Some("funds")), None);
    }
}
