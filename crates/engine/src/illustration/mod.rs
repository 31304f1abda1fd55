//! What one payment does under a plan, as tables and a picture for the people who own or join a programme.
//!
//! Nothing is reckoned here: a machine plays each kind of payment on a small tree (`stage`), and the tables say what
//! its records say. The words about conditions follow from the plan's keys.

mod orders;
mod picture;
mod pool;
mod ranks;
mod registration;
mod shares;
mod stage;
mod staking;

use banyan_types::{Amount, Bps};

use crate::{Plan, Refusal};

/// What a plan does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Illustration {
    /// One part for each kind of payment, and for what follows from it.
    pub parts: Vec<Part>,
    /// A board of the pool, or else the sponsors above a buyer, as SVG; none for a plan that has neither.
    pub picture: Option<String>,
}

/// One subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What it is about.
    pub title: String,
    /// The amounts.
    pub tables: Vec<Table>,
    /// The conditions, one sentence or two each.
    pub words: Vec<String>,
}

/// Columns of equal length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the amounts are of; may be empty.
    pub caption: String,
    /// The columns' headings.
    pub head: Vec<String>,
    /// The cells, row by row; each row is as long as `head`.
    pub rows: Vec<Vec<String>>,
}

impl Illustration {
    /// Plays every kind of payment that the plan takes. Where the plan leaves the amount to the payer, it is `amount`, or
    /// without one 1000 of the currency, or 1000000 of one without decimals.
    ///
    /// # Errors
    /// An amount, or a plan's ticket, so large that the machine refuses to go on.
    pub fn of(plan: &Plan, amount: Option<Amount>) -> Result<Illustration, Refusal> {
        let usual = if plan.decimals() == 0 { "1000000" } else { "1000" };
        let usual = || Amount::from_decimal(usual, plan.decimals()).expect("decimals are at most 18");
        let amount = amount.unwrap_or_else(usual);
        let sections = &plan.sections;
        let mut parts = Vec::new();
        if let Some(registration) = &sections.registration {
            parts.push(registration::part(plan, registration)?);
        }
        let boards = pool::boards(plan)?;
        parts.extend(sections.pool.iter().map(|pool| pool::part(plan, pool, &boards)));
        let mut chains = Vec::new();
        if let Some(retopup) = &sections.retopup {
            chains.push(shares::retopup(plan, retopup)?);
        }
        if sections.takes_purchases() {
            chains.push(shares::purchase(plan, amount)?);
        }
        if sections.orders.is_some() {
            chains.push(orders::orders(plan, amount)?);
        }
        let picture = match boards.first() {
            Some(board) => Some(picture::board(plan, board)),
            None => chains.iter().find_map(|chain| chain.path.as_ref()).map(|path| picture::path(plan, path)),
        };
        parts.extend(chains.into_iter().map(|chain| chain.part));
        if let Some(ranks) = &sections.ranks {
            parts.push(ranks::part(plan, ranks, amount)?);
        }
        if let Some(staking) = &sections.staking {
            parts.push(staking::part(plan, staking, amount)?);
        }
        Ok(Illustration { parts, picture })
    }
}

/// A part about one payment that goes up the sponsors, and the same for the picture.
struct Chain {
    part: Part,
    path: Option<Path>,
}

/// A payment and who gets what of it.
struct Path {
    /// What was paid, with its amount.
    payment: String,
    /// The sponsors, nearest first.
    links: Vec<Link>,
    /// What the company has of it in the end.
    company: String,
}

/// One sponsor's share.
struct Link {
    share: Bps,
    amount: String,
}

fn table<const N: usize>(caption: impl Into<String>, head: [&str; N], rows: Vec<[String; N]>) -> Table {
    Table {
        caption: caption.into(),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(Vec::from).collect(),
    }
}

/// The part of a payment, as a percentage with at most two digits after the point.
fn part_of(amount: Amount, whole: Amount) -> String {
    let points = amount.units().checked_mul(10_000).filter(|_| whole.is_positive());
    let Some(points) = points else { return "–".to_owned() };
    let (exact, rest) = (points / whole.units(), points % whole.units());
    let about = if rest == 0 { "" } else { "about " };
    match u16::try_from(exact).ok().and_then(|points| Bps::new(points).ok()) {
        Some(share) => format!("{about}{share}"),
        None => "–".to_owned(),
    }
}

impl Plan {
    /// An amount in the plan's currency.
    fn decimal(&self, amount: Amount) -> String {
        amount.to_decimal(self.decimals())
    }

    /// The same with the currency's symbol.
    fn money(&self, amount: Amount) -> String {
        format!("{} {}", self.decimal(amount), self.currency().symbol)
    }
}

/// Adds up what is within the range, because it came in.
fn total(amounts: impl IntoIterator<Item = Amount>) -> Amount {
    Amount::sum(amounts).expect("parts of what came in are within the range")
}
