//! What a disclosure says of small programmes whose figures were worked out by hand.

use banyan_engine::disclosure::{Collector, Disclosure, Distribution};
use banyan_engine::{Event, EventBody, EventId, Machine, Outcome, Plan, UserId};
use banyan_types::Amount;

use crate::table::{plan, plan_text};

const DAY: i64 = 86_400;

/// A programme that is watched.
struct Programme {
    machine: Machine,
    collector: Collector,
    events: u32,
}

impl Programme {
    fn new(name: &str) -> Programme {
        Programme::under(plan(name))
    }

    /// The named plan with one line changed.
    fn changed(name: &str, old: &str, new: &str) -> Programme {
        let text = plan_text(name);
        assert_eq!(text.matches(old).count(), 1, "{old}");
        Programme::under(Plan::from_toml(&text.replace(old, new)).unwrap())
    }

    fn under(plan: Plan) -> Programme {
        Programme { machine: Machine::new(plan), collector: Collector::new(), events: 0 }
    }

    fn amount(&self, text: &str) -> Amount {
        Amount::from_decimal(text, self.machine.plan().decimals()).unwrap()
    }

    /// Lets something happen on a day, as production does.
    fn on(&mut self, day: i64, body: EventBody) -> EventId {
        let event = Event { id: EventId(self.events), at: day * DAY, body };
        self.events += 1;
        match self.machine.apply_lenient(&event) {
            Outcome::Applied(records) => self.collector.applied(&event, records),
            Outcome::Returned { records, .. } => self.collector.returned(&event, records),
            Outcome::Skipped(reason) => panic!("{reason}"),
        }
        event.id
    }

    fn register(&mut self, user: u32, sponsor: u32) {
        let amount = self.machine.plan().entry();
        self.on(0, EventBody::Registered { user: UserId(user), sponsor: UserId(sponsor), amount });
    }

    fn disclose(&self) -> Disclosure {
        self.collector.clone().finish(&self.machine)
    }

    fn text(&self, amount: Amount) -> String {
        amount.to_decimal(self.machine.plan().decimals())
    }

    /// Minimum, quartiles, maximum, mean and total, in the currency.
    fn figures(&self, spread: &Distribution) -> String {
        let Distribution { minimum, lower_quartile, median, upper_quartile, maximum, mean, total, .. } =
            spread;
        let figures = [minimum, lower_quartile, median, upper_quartile, maximum, mean];
        let text = |figure: &Option<Amount>| figure.map_or("-".to_owned(), |amount| self.text(amount));
        let figures: Vec<String> = figures.into_iter().map(text).collect();
        format!("{} total {}", figures.join(" "), self.text(*total))
    }
}

/// The fifteen registrations of the worked example.
fn worked_example() -> Programme {
    let mut programme = Programme::new("autopool");
    (1..=15).for_each(|user| programme.register(user, if user == 1 { 0 } else { 1 }));
    programme
}

#[test]
fn the_worked_example_is_disclosed_as_worked_out_by_hand() {
    let programme = worked_example();
    let told = programme.disclose();
    // 45.6 for p1, 9 for p2 … p7, nothing for p8 … p15, who all paid 20.
    assert_eq!(told.participants, 15);
    assert_eq!(programme.figures(&told.income), "0 0 0 9 45.6 6.64 total 99.6");
    assert_eq!(programme.figures(&told.paid_in), "20 20 20 20 20 20 total 300");
    assert_eq!(programme.figures(&told.net_income), "-20 -20 -20 -11 25.6 -13.36 total -200.4");
    assert_eq!((told.without_income.participants, told.without_income.share_bps), (8, Some(5_333)));
    assert_eq!((told.below_paid_in.participants, told.below_paid_in.share_bps), (14, Some(9_333)));
    let top = told.top_percent;
    assert_eq!((top.participants, top.share_bps), (1, Some(4_578)));
    assert_eq!([top.from.unwrap(), top.income].map(|amount| programme.text(amount)), ["45.6", "45.6"]);
    let company: Vec<(&str, u64, String)> = told
        .company
        .iter()
        .map(|kept| (kept.kind, kept.rewards, programme.text(kept.amount.unwrap())))
        .collect();
    let expected = [("DIRECT", 2, "6"), ("POOL_BREAKAGE", 14, "73.8"), ("POOL_COMPANY", 16, "30.6")];
    assert_eq!(company, expected.map(|(kind, rewards, amount)| (kind, rewards, amount.to_owned())));
    let money = told.money;
    let amounts = [money.held, money.payable, money.reserved, money.promised, money.company, money.shortfall];
    assert_eq!(amounts.map(|amount| programme.text(amount)), ["300", "99.6", "90", "189.6", "110.4", "0"]);
    assert_eq!(money.coverage_bps, Some(15_822));
    assert_eq!((told.refused.payments, told.refused.amount), (0, Amount::ZERO));
}

#[test]
fn those_who_earn_nothing_count_and_move_every_figure() {
    let mut programme = worked_example();
    let median = |programme: &Programme| programme.disclose().net_income.median.unwrap();
    let before = programme.disclose();
    let sum: Amount = Amount::sum(before.net_income.sorted().iter().copied()).unwrap();
    assert_eq!((before.net_income.sorted().len(), sum), (15, before.net_income.total));
    (16..=30).for_each(|user| programme.register(user, 0));
    let after = programme.disclose();
    assert_eq!(after.participants, 30);
    assert!(after.without_income.participants > before.without_income.participants);
    assert_eq!(programme.text(median(&programme)), "-20");
}

#[test]
fn nobody_has_no_figures() {
    let programme = Programme::new("autopool");
    let told = programme.disclose();
    assert_eq!(programme.figures(&told.net_income), "- - - - - - total 0");
    assert_eq!((told.participants, told.without_income.share_bps, told.top_percent.from), (0, None, None));
    assert_eq!(told.money.coverage_bps, None);
}

#[test]
fn retopups_are_paid_in_and_grants_are_income() {
    let mut programme = worked_example();
    let amount = programme.amount("40");
    programme.on(1, EventBody::Retopup { user: UserId(15), amount });
    programme.on(1, EventBody::Grant { user: UserId(14), amount: programme.amount("3") });
    let told = programme.disclose();
    assert_eq!(programme.figures(&told.paid_in), "20 20 20 20 60 22.666666666666666666 total 340");
    assert_eq!(programme.text(told.income.total), "102.6");
    assert_eq!(told.without_income.participants, 7);
}

#[test]
fn refused_payments_are_neither_income_nor_paid_in() {
    let mut programme = worked_example();
    let before = programme.disclose();
    let amount = programme.amount("39");
    programme.on(1, EventBody::Retopup { user: UserId(8), amount });
    programme.on(1, EventBody::Retopup { user: UserId(99), amount });
    let after = programme.disclose();
    assert_eq!((after.income, after.paid_in), (before.income, before.paid_in));
    assert_eq!((after.refused.payments, programme.text(after.refused.amount)), (2, "78".to_owned()));
    assert_eq!(programme.text(after.money.payable), "177.6", "what goes back is owed until it has gone");
}

#[test]
fn the_price_of_a_seat_that_could_not_be_had_is_ones_own_money() {
    // Three trees of 31 seats: the 94th pays 20, of which 2 go to her sponsor and 18 come back.
    let mut programme = Programme::new("variants/autopool-small");
    (1..=94).for_each(|user| programme.register(user, 0));
    let told = programme.disclose();
    assert_eq!(programme.text(told.paid_in.minimum.unwrap()), "2");
    assert_eq!(programme.text(told.paid_in.total), "1862");
}

#[test]
fn the_price_of_a_seat_that_a_reserve_could_not_buy_is_income() {
    // One tree a level; that of level 2 is full of p2's seats when p1's board completes.
    let mut programme = Programme::changed("variants/autopool-small", "trees = 3", "trees = 1");
    programme.register(1, 0);
    programme.register(2, 1);
    let amount = programme.amount("36");
    let user = UserId(2);
    (1..=31).for_each(|index| {
        programme.on(0, EventBody::Place { user, level: 2, tree: 1, index, amount });
    });
    (3..=15).for_each(|user| programme.register(user, 1));
    let told = programme.disclose();
    assert_eq!(programme.figures(&told.paid_in), "20 20 20 20 20 20 total 300");
    let incomes: Vec<String> = told.income.sorted().iter().map(|income| programme.text(*income)).collect();
    assert!(incomes.contains(&"81.6".to_owned()), "28 + 9 + 8.6 + 36 for p1: {incomes:?}");
}

#[test]
fn the_price_of_a_seat_that_somebody_else_paid_is_income() {
    let mut programme =
        Programme::changed("autopool-second-referral", "trees = 15", "trees = 1\ncapacity = 1");
    for (user, sponsor) in [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (6, 2)] {
        programme.register(user, sponsor);
    }
    let told = programme.disclose();
    // 18 for the first referral of each; the second buys p1's seat, and comes to p2 as money: the only tree is full.
    assert_eq!(programme.figures(&told.income), "0 0 0 18 38 9.333333333333333333 total 56");
    assert_eq!(programme.figures(&told.paid_in), "20 20 20 20 20 20 total 120");
}

#[test]
fn a_refunded_purchase_was_not_paid_and_a_pending_one_is_owed() {
    let mut programme = Programme::new("rest-empire");
    programme.register(1, 0);
    programme.register(2, 1);
    let (user, amount) = (UserId(2), programme.amount("100"));
    let purchase = programme.on(0, EventBody::Purchase { user, amount });
    programme.on(1, EventBody::Purchase { user: UserId(1), amount: programme.amount("50") });
    programme.on(2, EventBody::Refund { purchase });
    let told = programme.disclose();
    assert_eq!(programme.figures(&told.paid_in), "0 0 0 50 50 25 total 50");
    let money = told.money;
    let amounts = [money.held, money.pending, money.promised, money.company];
    assert_eq!(amounts.map(|amount| programme.text(amount)), ["50", "50", "50", "0"]);
    assert_eq!((money.coverage_bps, told.below_paid_in.participants), (Some(10_000), 1));
}

#[test]
fn staked_money_is_no_income_and_interest_without_funds_is_a_shortfall() {
    let mut programme = Programme::new("metax");
    programme.register(1, 0);
    let (user, amount) = (UserId(1), programme.amount("100"));
    let stake = programme.on(0, EventBody::Stake { user, amount });
    programme.on(366, EventBody::Tick);
    let open = programme.disclose().money;
    let amounts = [open.staked, open.payable, open.promised];
    assert_eq!(amounts.map(|amount| programme.text(amount)), ["100", "12", "112"]);
    programme.on(366, EventBody::Unstake { stake });
    let told = programme.disclose();
    assert_eq!(programme.figures(&told.income), "12 12 12 12 12 12 total 12");
    assert_eq!(programme.figures(&told.paid_in), "0 0 0 0 0 0 total 0");
    let money = told.money;
    let amounts = [money.held, money.promised, money.company, money.shortfall];
    assert_eq!(amounts.map(|amount| programme.text(amount)), ["100", "112", "-12", "12"]);
    assert_eq!(money.coverage_bps, Some(8_928));
}

#[test]
fn an_order_pays_its_net_and_a_refunded_one_nothing() {
    let mut programme = Programme::new("smm-panel");
    programme.register(1, 0);
    programme.register(2, 1);
    let user = UserId(2);
    let first = programme.on(1, EventBody::Order { user, amount: programme.amount("5000000") });
    programme.on(1, EventBody::OrderCompleted { order: first });
    let second = programme.on(2, EventBody::Order { user, amount: programme.amount("1000000") });
    assert_eq!(programme.text(programme.disclose().paid_in.total), "5970000", "3 % off the second order");
    programme.on(2, EventBody::OrderRefunded { order: second });
    let told = programme.disclose();
    assert_eq!(programme.figures(&told.paid_in), "0 0 0 5000000 5000000 2500000 total 5000000");
    assert_eq!(programme.text(told.income.total), "250000");
}
