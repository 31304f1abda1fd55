//! An independent model of the autopool family, written from `plans.md` alone: maps and searches, no state that is
//! kept up to date, nothing shared with the engine. It speaks JSON on both sides.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// A plan by its numbers; amounts in smallest units, shares in basis points.
#[derive(Clone, Debug)]
pub struct Rules {
    pub entry: i128,
    /// `Some((k, share))`: the kth referral seats the sponsor, the others pay the sponsor this share.
    pub sponsor_seat: Option<(usize, i128)>,
    pub levels: u32,
    pub growth: i128,
    pub direct: i128,
    pub shares: Vec<i128>,
    pub reserve_last: i128,
    pub trees: u32,
    pub capacity: Option<u128>,
    pub retopup: i128,
    pub pot: i128,
    pub level_shares: Vec<i128>,
    pub compress: bool,
}

/// Level, tree, index.
type At = (u32, u32, u128);

/// A programme under way.
#[derive(Clone, Debug)]
pub struct Oracle {
    rules: Rules,
    lenient: bool,
    now: String,
    ids: BTreeSet<String>,
    wound_up: bool,
    /// Sponsor of each participant.
    sponsors: BTreeMap<String, String>,
    with_retopup: BTreeSet<String>,
    seats: BTreeMap<At, String>,
    reserves: BTreeMap<At, i128>,
    completed: BTreeSet<At>,
    records: Vec<Value>,
}

fn share(amount: i128, points: i128) -> i128 {
    amount * points / 10_000
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event[key].as_str().unwrap()
}

fn amount(event: &Value) -> i128 {
    text(event, "amount").parse().unwrap()
}

impl Oracle {
    pub fn new(rules: Rules, lenient: bool) -> Oracle {
        Oracle {
            rules,
            lenient,
            now: String::new(),
            ids: BTreeSet::new(),
            wound_up: false,
            sponsors: BTreeMap::new(),
            with_retopup: BTreeSet::new(),
            seats: BTreeMap::new(),
            reserves: BTreeMap::new(),
            completed: BTreeSet::new(),
            records: Vec::new(),
        }
    }

    /// What a well-formed event does: its records, or `None` if it is refused without a trace.
    pub fn take(&mut self, event: &Value) -> Option<Vec<Value>> {
        self.records.clear();
        let (id, at) = (text(event, "id").to_owned(), text(event, "at").to_owned());
        if self.ids.contains(&id) || at < self.now {
            return None;
        }
        if self.accepts(event) {
            self.perform(event);
        } else {
            let payer = match text(event, "type") {
                "registered" | "retopup" => text(event, "user"),
                "place" | "grant" => "company",
                _ => return None,
            };
            if !self.lenient {
                return None;
            }
            self.reward("REFUSED", payer, amount(event), payer, json!({}));
        }
        self.now = at;
        self.ids.insert(id);
        Some(std::mem::take(&mut self.records))
    }

    fn accepts(&self, event: &Value) -> bool {
        let kind = text(event, "type");
        if self.wound_up {
            return kind == "tick";
        }
        let known = |key: &str| self.sponsors.contains_key(text(event, key));
        match kind {
            "registered" => {
                let (user, sponsor) = (text(event, "user"), text(event, "sponsor"));
                user != "company"
                    && !known("user")
                    && user != sponsor
                    && (sponsor == "company" || known("sponsor"))
                    && amount(event) == self.rules.entry
            }
            "retopup" => known("user") && amount(event) == self.rules.retopup,
            "place" => known("user") && self.may_place(event),
            "grant" => known("user"),
            _ => true,
        }
    }

    fn may_place(&self, event: &Value) -> bool {
        let number = |key: &str| event[key].as_u64().unwrap();
        let (level, tree, index) = (number("level"), number("tree"), u128::from(number("index")));
        if level < 1 || level > u64::from(self.rules.levels) {
            return false;
        }
        let level = level as u32;
        let newest = self.newest_tree(level).unwrap_or(1);
        let seated = |index| self.seats.contains_key(&(level, newest, index));
        tree == u64::from(newest)
            && index >= 1
            && self.rules.capacity.is_none_or(|capacity| index <= capacity)
            && !seated(index)
            && (index == 1 || seated(index / 2))
            && amount(event) == self.price(level)
    }

    fn perform(&mut self, event: &Value) {
        let user = event["user"].as_str().unwrap_or_default().to_owned();
        match text(event, "type") {
            "registered" => self.register(&user, text(event, "sponsor")),
            "retopup" => self.retopup(&user),
            "place" => {
                let number = |key: &str| event[key].as_u64().unwrap();
                let at = (number("level") as u32, number("tree") as u32, number("index").into());
                self.sit(at, &user, &user);
            }
            "grant" => self.reward("GRANT", &user, amount(event), "company", json!({})),
            "wind_up" => {
                self.wound_up = true;
                for (at, reserve) in std::mem::take(&mut self.reserves) {
                    if reserve > 0 {
                        self.reserve_record(at, 0, reserve);
                    }
                }
            }
            _ => {}
        }
    }

    fn register(&mut self, user: &str, sponsor: &str) {
        self.sponsors.insert(user.to_owned(), sponsor.to_owned());
        match self.rules.sponsor_seat {
            None => self.buy_ticket(1, user, user),
            Some((k, direct)) => {
                let referrals = self.sponsors.values().filter(|known| *known == sponsor).count();
                if referrals == k && sponsor != "company" {
                    self.buy_ticket(1, sponsor, user);
                } else {
                    let direct = share(self.rules.entry, direct);
                    self.reward("DIRECT", sponsor, direct, user, json!({}));
                    self.reward("COMPANY_FEE", "company", self.rules.entry - direct, user, json!({}));
                }
            }
        }
    }

    fn ticket(&self, level: u32) -> i128 {
        self.rules.entry * self.rules.growth.pow(level - 1)
    }

    fn price(&self, level: u32) -> i128 {
        self.ticket(level) - share(self.ticket(level), self.rules.direct)
    }

    fn newest_tree(&self, level: u32) -> Option<u32> {
        self.seats.keys().filter(|at| at.0 == level).map(|at| at.1).max()
    }

    fn buy_ticket(&mut self, level: u32, holder: &str, source: &str) {
        let sponsor = self.sponsors[holder].clone();
        self.reward("DIRECT", &sponsor, share(self.ticket(level), self.rules.direct), source, json!({}));
        let newest = self.newest_tree(level).unwrap_or(1);
        let free = (1..).find(|index| !self.seats.contains_key(&(level, newest, *index))).unwrap();
        let at = if self.rules.capacity.is_none_or(|capacity| free <= capacity) {
            (level, newest, free)
        } else if newest < self.rules.trees {
            (level, newest + 1, 1)
        } else {
            let price = self.price(level);
            return self.reward("SEAT_REFUND", holder, price, source, json!({ "level": level }));
        };
        self.sit(at, holder, source);
    }

    fn sit(&mut self, at: At, user: &str, source: &str) {
        let (level, tree, index) = at;
        let price = self.price(level);
        self.seats.insert(at, user.to_owned());
        let parent = if index == 1 { Value::Null } else { json!((index / 2) as u64) };
        self.records.push(json!({
            "record": "seat", "user": user, "level": level, "tree": tree, "index": index as u64,
            "parent": parent, "price": price.to_string(),
        }));
        let mut rest = price;
        for (distance, points) in (1u32..).zip(self.rules.shares.clone()) {
            let part = share(price, points);
            rest -= part;
            let above = (level, tree, index / (1 << distance));
            match self.seats.get(&above).cloned() {
                None => self.reward("POOL_BREAKAGE", "company", part, source, json!({ "level": level })),
                Some(owner) => {
                    let reserved = self.is_reserved(above, index);
                    let extra = json!({ "level": level, "reserved": reserved });
                    if reserved {
                        *self.reserves.entry(above).or_default() += part;
                    }
                    self.reward(&format!("POOL_L{distance}"), &owner, part, source, extra);
                }
            }
        }
        self.reward("POOL_COMPANY", "company", rest, source, json!({ "level": level }));
        self.complete_boards(at);
    }

    /// The descendants of a seat in board order, whether seated or not.
    fn board(&self, at: At) -> Vec<u128> {
        let layers = self.rules.shares.len() as u32;
        (1..=layers).flat_map(|d| (at.2 << d)..(at.2 << d) + (1 << d)).collect()
    }

    fn is_reserved(&self, above: At, index: u128) -> bool {
        let board = self.board(above);
        let position = board.iter().position(|seat| *seat == index).unwrap() as i128 + 1;
        let can_fill = self.rules.capacity.is_none_or(|capacity| board.iter().all(|seat| *seat <= capacity));
        position > board.len() as i128 - self.rules.reserve_last && above.0 != self.rules.levels && can_fill
    }

    fn complete_boards(&mut self, (level, tree, index): At) {
        let above: Vec<At> = (1..=self.rules.shares.len())
            .map(|distance| (level, tree, index / (1 << distance)))
            .filter(|at| at.2 > 0 && !self.completed.contains(at))
            .filter(|at| self.board(*at).iter().all(|seat| self.seats.contains_key(&(level, tree, *seat))))
            .collect();
        assert!(above.len() <= 1, "a seat completes one board at most");
        for at in above {
            self.completed.insert(at);
            self.records.push(json!({
                "record": "completed", "user": self.seats[&at], "level": level, "tree": tree,
                "index": at.2 as u64,
            }));
            if level < self.rules.levels {
                self.advance(at);
            }
        }
    }

    fn advance(&mut self, at: At) {
        let reserve = self.reserves.remove(&at).unwrap_or(0);
        let ticket = self.ticket(at.0 + 1);
        let user = self.seats[&at].clone();
        if reserve >= ticket {
            self.reserve_record(at, ticket, reserve - ticket);
            self.buy_ticket(at.0 + 1, &user, &user);
        } else if reserve > 0 {
            self.reserve_record(at, 0, reserve);
        }
    }

    fn reserve_record(&mut self, at: At, spent: i128, released: i128) {
        self.records.push(json!({
            "record": "reserve", "user": self.seats[&at], "level": at.0, "tree": at.1, "index": at.2 as u64,
            "spent": spent.to_string(), "released": released.to_string(),
        }));
    }

    fn retopup(&mut self, user: &str) {
        let mut upline = Vec::new();
        let mut above = self.sponsors[user].clone();
        while above != "company" {
            upline.push(above.clone());
            above = self.sponsors[&above].clone();
        }
        let eligible = |sponsor: &&String| self.with_retopup.contains(*sponsor);
        let takers: Vec<Option<String>> = if self.rules.compress {
            upline.iter().filter(eligible).cloned().map(Some).collect()
        } else {
            upline.iter().map(|sponsor| Some(sponsor).filter(eligible).cloned()).collect()
        };
        let pot = share(self.rules.retopup, self.rules.pot);
        let mut fee = self.rules.retopup;
        for (level, points) in self.rules.level_shares.clone().into_iter().enumerate() {
            let part = share(pot, points);
            fee -= part;
            let depth = json!({ "depth": level + 1 });
            match takers.get(level).cloned().flatten() {
                Some(sponsor) => self.reward("LEVEL", &sponsor, part, user, depth),
                None => self.reward("LEVEL_BREAKAGE", "company", part, user, depth),
            }
        }
        self.reward("COMPANY_FEE", "company", fee, user, json!({}));
        self.with_retopup.insert(user.to_owned());
    }

    fn reward(&mut self, kind: &str, to: &str, amount: i128, source: &str, extra: Value) {
        if amount == 0 {
            return;
        }
        let state = if extra["reserved"] == json!(true) { "reserved" } else { "payable" };
        let mut record = json!({
            "record": "reward", "kind": kind, "to": to, "amount": amount.to_string(), "source": source,
            "state": state,
        });
        for key in ["level", "depth"] {
            if !extra[key].is_null() {
                record[key] = extra[key].clone();
            }
        }
        self.records.push(record);
    }
}
