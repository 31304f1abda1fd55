//! Why a decision is not prepared: the machine would not carry it out, and its value would be the company's.

use banyan_engine::Refusal;
use banyan_entitlement::{Judgement, Outcome, RecordedReason, RefusedReason};

use crate::problem::{Kind, Problem};

/// The problem of a decision that would have no effect; `None` if it would have one.
pub fn refused(foreseen: &Judgement) -> Option<Problem> {
    match &foreseen.outcome {
        Outcome::Applied => None,
        Outcome::Refused(RefusedReason::Plan(reason))
        | Outcome::Recorded(RecordedReason::Refused(reason)) => Some(by_the_plan(*reason)),
        Outcome::Refused(RefusedReason::Stranger(wallet)) => {
            let detail = format!(
                "expected a participant as `user`, got {wallet}, who is not registered in the books: check the address, or wait until the registration is final"
            );
            Some(Problem::field(Kind::NotAParticipant, "user", detail))
        }
        Outcome::Refused(RefusedReason::OtherPlan { .. }) => {
            Some(Problem::internal("a directive was judged as a payment under another plan"))
        }
        Outcome::Recorded(RecordedReason::PlanDoesNotFit { .. }) => {
            let reason = foreseen.reason().unwrap_or_default();
            let detail = format!(
                "{reason}; sent all the same it would be recorded, and payments under it would go back"
            );
            Some(Problem::field(Kind::PlanNotAdopted, "plan", detail))
        }
        Outcome::Recorded(RecordedReason::Unreadable(_) | RecordedReason::UnexpectedValue(_)) => {
            Some(Problem::new(Kind::DirectiveRefused, foreseen.reason().unwrap_or_default()))
        }
    }
}

fn by_the_plan(reason: Refusal) -> Problem {
    let (kind, field) = match reason {
        Refusal::WoundUp => (Kind::ProgrammeWoundUp, None),
        Refusal::CompanyAsUser | Refusal::UnknownUser => (Kind::NotAParticipant, Some("user")),
        Refusal::WrongAmount { .. } | Refusal::NoAmount { .. } => (Kind::AmountMismatch, Some("amount")),
        Refusal::NoSuchLevel { .. } => (Kind::NoSuchSeat, Some("level")),
        Refusal::NotNewestTree { .. } => (Kind::NotNewestTree, Some("tree")),
        Refusal::IndexOutside { .. } => (Kind::NoSuchSeat, Some("index")),
        Refusal::SeatTaken { .. } => (Kind::SeatTaken, Some("index")),
        Refusal::ParentFree { .. } => (Kind::ParentNotSeated, Some("index")),
        Refusal::Overflow => (Kind::DirectiveRefused, Some("amount")),
        // No directive is one of these events.
        Refusal::TimeWentBack { .. }
        | Refusal::NotInPlan { .. }
        | Refusal::AlreadyRegistered
        | Refusal::OwnSponsor
        | Refusal::UnknownSponsor
        | Refusal::MissingAmount { .. }
        | Refusal::UnexpectedAmount { .. }
        | Refusal::UnknownPurchase
        | Refusal::AlreadyRefunded
        | Refusal::TooLateToRefund { .. }
        | Refusal::UnknownStake
        | Refusal::StakeClosed
        | Refusal::UnknownOrder
        | Refusal::OrderClosed { .. } => (Kind::DirectiveRefused, None),
    };
    let detail = format!("{reason}; sent all the same, the value would be the company's");
    match field {
        Some(field) => Problem::field(kind, field, detail),
        None => Problem::new(kind, detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_types::Amount;

    #[test]
    fn each_reason_has_its_own_kind_and_field() {
        let amount = Amount::ZERO;
        for (reason, kind) in [
            (Refusal::WoundUp, Kind::ProgrammeWoundUp),
            (Refusal::UnknownUser, Kind::NotAParticipant),
            (Refusal::WrongAmount { expected: amount, came: amount }, Kind::AmountMismatch),
            (Refusal::NoSuchLevel { levels: 10, came: 11 }, Kind::NoSuchSeat),
            (Refusal::NotNewestTree { newest: 1, came: 2 }, Kind::NotNewestTree),
            (Refusal::IndexOutside { limit: 31, came: 32 }, Kind::NoSuchSeat),
            (Refusal::SeatTaken { index: 3 }, Kind::SeatTaken),
            (Refusal::ParentFree { parent: 20 }, Kind::ParentNotSeated),
            (Refusal::OwnSponsor, Kind::DirectiveRefused),
        ] {
            assert_eq!(by_the_plan(reason).kind(), kind, "{reason}");
        }
    }
}
