//! Payments that are split over the sponsors above the payer: retopups and purchases.

use banyan_types::{Amount, Bps};

use super::stage::Stage;
use super::{Chain, Link, Part, Path, part_of, table, total};
use crate::calendar::DAY;
use crate::components::level_income::{Ineligible, RetopupPlan};
use crate::components::unilevel::Inactive;
use crate::record::Reward;
use crate::{EventBody, Plan, Refusal, UserId};

/// The sponsor, counted upward from 1, who gets nothing in the second example.
const PASSED_OVER: usize = 2;

/// One payment, played.
struct Played {
    /// The sponsors, nearest first.
    chain: Vec<UserId>,
    rewards: Vec<Reward>,
}

impl Played {
    /// What the sponsor at this place gets.
    fn of(&self, sponsor: UserId) -> Amount {
        total(self.rewards.iter().filter(|reward| reward.to == sponsor).map(|reward| reward.amount))
    }

    /// All records that name sponsors by their depth.
    fn record(&self, sponsor: UserId) -> String {
        let record = |reward: &Reward| match reward.depth() {
            Some(depth) => format!("{}, depth {depth}", reward.kind.name()),
            None => reward.kind.name().to_owned(),
        };
        self.rewards.iter().filter(|reward| reward.to == sponsor).map(record).collect::<Vec<_>>().join("; ")
    }
}

pub(super) fn retopup(plan: &Plan, retopup: &RetopupPlan) -> Result<Chain, Refusal> {
    let levels = retopup.shares.len();
    let play = |passed_over: Option<usize>| {
        let mut stage = Stage::new(plan);
        let chain = stage.chain(levels + 2)?;
        let body = |user| EventBody::Retopup { user, amount: retopup.amount };
        for (place, sponsor) in (1..).zip(&chain[1..]) {
            if Some(place) != passed_over {
                stage.play(body(*sponsor))?;
            }
        }
        stage.play(body(chain[0]))?;
        Ok(Played { chain: chain[1..].to_vec(), rewards: stage.rewards() })
    };
    let title = format!("A retopup of {}", plan.money(retopup.amount));
    let ineligible = match retopup.ineligible {
        Ineligible::Company => "her share goes to the company (LEVEL_BREAKAGE)",
        Ineligible::Compress => {
            "she is passed over: level n goes to the nth eligible sponsor, however far up; what nobody \
             takes goes to the company (LEVEL_BREAKAGE)"
        }
    };
    let fee = Bps::new(Bps::WHOLE.get() - retopup.pot_share.get()).expect("what a share leaves is a share");
    let words = vec![
        format!(
            "{} of it is the pot that the sponsors above share; the company takes the other {fee} as its \
             fee, and what rounding leaves over (COMPANY_FEE).",
            retopup.pot_share
        ),
        format!("A sponsor is eligible who has an earlier retopup of her own. Else {ineligible}."),
    ];
    let shares: Vec<String> = retopup.shares.iter().map(|share| format!("{share} of the pot")).collect();
    let heading = format!("if sponsor {PASSED_OVER} has no retopup");
    let all = play(None)?;
    let part = Part {
        title: title.clone(),
        tables: vec![rows(plan, &all, &play(Some(PASSED_OVER))?, &shares, &heading)],
        words,
    };
    Ok(Chain { part, path: Some(path(plan, title, &all, &retopup.shares)) })
}

pub(super) fn purchase(plan: &Plan, amount: Amount) -> Result<Chain, Refusal> {
    let shares = shares_of(plan);
    let all = play_purchase(plan, amount, shares.len(), None)?;
    let passed = play_purchase(plan, amount, shares.len(), Some(PASSED_OVER))?;
    let title = format!("A purchase of {}", plan.money(amount));
    let heading = format!("if sponsor {PASSED_OVER} is inactive");
    let written: Vec<String> = shares.iter().map(Bps::to_string).collect();
    let tables = vec![rows(plan, &all, &passed, &written, &heading)];
    let part = Part { title: title.clone(), tables, words: purchase_words(plan) };
    let path = (!shares.is_empty()).then(|| path(plan, title, &all, &shares));
    Ok(Chain { part, path })
}

/// What each sponsor gets of a purchase when all are active, nearest first.
fn shares_of(plan: &Plan) -> Vec<Bps> {
    let unilevel = plan.sections.unilevel.as_ref().map_or(&[][..], |plan| &plan.shares);
    let referral = plan.sections.referral.as_ref().map_or(&[][..], |plan| &plan.shares);
    let of = |shares: &[Bps], place: usize| shares.get(place).map_or(0, |share| share.get());
    let both = |place| Bps::new(of(unilevel, place) + of(referral, place));
    let both = |place| both(place).expect("shares of one purchase are the whole at most");
    (0..unilevel.len().max(referral.len())).map(both).collect()
}

/// Everybody buys early, so that no first purchase makes a sponsor active later; then the active ones buy again.
fn play_purchase(
    plan: &Plan,
    amount: Amount,
    levels: usize,
    passed_over: Option<usize>,
) -> Result<Played, Refusal> {
    let mut stage = Stage::new(plan);
    let chain = stage.chain(levels.max(1) + 2)?;
    for user in &chain {
        stage.buy_least(*user)?;
    }
    stage.at += plan.sections.activity.as_ref().map_or(0, |activity| activity.seconds());
    for (place, sponsor) in (1..).zip(&chain[1..]) {
        if Some(place) != passed_over {
            stage.buy_least(*sponsor)?;
        } else if plan.sections.referral.is_some() {
            stage.play(EventBody::Status { user: *sponsor, active: false })?;
        }
    }
    let purchase = stage.play(EventBody::Purchase { user: chain[0], amount })?;
    if let Some(vesting) = &plan.sections.vesting {
        stage.at += vesting.seconds();
        stage.play(EventBody::Tick)?;
    }
    let mut rewards = stage.rewards_of(purchase);
    rewards.retain(|reward| reward.source == chain[0]);
    Ok(Played { chain: chain[1..].to_vec(), rewards })
}

fn purchase_words(plan: &Plan) -> Vec<String> {
    let sections = &plan.sections;
    let mut words = vec!["What nobody takes stays with the company (RETAINED).".to_owned()];
    words.push(match &sections.vesting {
        Some(vesting) => format!(
            "A purchase can be refunded, once, until it is {} days old. Then it vests, and only then is \
             anything paid on it.",
            vesting.days()
        ),
        None => "A purchase is paid out at once and cannot be refunded.".to_owned(),
    });
    if let (Some(unilevel), Some(activity)) = (&sections.unilevel, &sections.activity) {
        words.push(format!(
            "A sponsor is active with an own purchase, or with a direct referral's first purchase ever, \
             that is less than {} days older than the purchase and was not refunded.",
            activity.seconds() / DAY
        ));
        words.push(match unilevel.inactive {
            Inactive::Compress => {
                "An inactive sponsor is passed over: level n goes to the nth active sponsor, however far up."
                    .to_owned()
            }
            Inactive::None => "An inactive sponsor's share is not paid.".to_owned(),
            Inactive::RollUp => "An inactive sponsor's share is added to the next active one's.".to_owned(),
        });
    }
    if sections.referral.is_some() {
        words.push(
            "A participant whom the operators set inactive is skipped as a sponsor, and her level \
             is used up; she may still buy."
                .to_owned(),
        );
    }
    words
}

/// One row for each sponsor, the company's last.
fn rows(plan: &Plan, all: &Played, passed: &Played, shares: &[String], heading: &str) -> super::Table {
    let whole = total(all.rewards.iter().map(|reward| reward.amount));
    let row = |who: String, share: String, place: Option<usize>| {
        let user = |played: &Played| place.map_or(UserId::COMPANY, |place| played.chain[place]);
        let amount = all.of(user(all));
        let other = plan.decimal(passed.of(user(passed)));
        [who, share, plan.decimal(amount), part_of(amount, whole), all.record(user(all)), other]
    };
    // One sponsor further up shows who gets what another did not.
    let mut rows: Vec<[String; 6]> = (0..=shares.len())
        .map(|place| {
            let share = shares.get(place).cloned().unwrap_or_default();
            row(format!("sponsor {}", place + 1), share, Some(place))
        })
        .collect();
    rows.push(row("the company".to_owned(), "the rest".to_owned(), None));
    let symbol = plan.currency().symbol.as_str();
    table("", ["who gets it", "share", symbol, "of the payment", "record", heading], rows)
}

fn path(plan: &Plan, payment: String, played: &Played, shares: &[Bps]) -> Path {
    let link =
        |(share, sponsor): (&Bps, &UserId)| Link { share: *share, amount: plan.decimal(played.of(*sponsor)) };
    Path {
        payment,
        links: shares.iter().zip(&played.chain).map(link).collect(),
        company: plan.decimal(played.of(UserId::COMPANY)),
    }
}
