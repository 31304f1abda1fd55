//! What a plan's owner fears of registrations: a share of nothing.

use banyan_types::Bps;

use super::RegistrationPlan;
use crate::lint::{Code, Finding, Inspection, Rules};

impl Rules for RegistrationPlan {
    fn lint(&self, on: &mut Inspection<'_>) {
        let Some(rule) = self.sponsor_seat else { return };
        if rule.direct == Bps::ZERO || self.entry.share(rule.direct).is_positive() {
            return;
        }
        let (share, entry) = (rule.direct, on.money(self.entry));
        on.report(
            Finding::new(
                Code::BelowSmallestUnit,
                "registration.sponsor_seat.direct",
                format!("{share} of the entry of {entry} is less than the smallest unit: it pays nothing"),
            )
            .number("share", share)
            .number("entry", entry)
            .mend("ask a higher entry, or say \"0%\" where nothing is paid")
            .set("registration.sponsor_seat.direct", "\"0%\""),
        );
    }
}
