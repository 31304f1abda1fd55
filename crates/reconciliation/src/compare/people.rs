//! Users and seats beside what follows from the history.

use super::merge;
use crate::consequences::{ExpectedSeat, ExpectedUser};
use crate::difference::{Difference, DifferenceKind};
use crate::store::{SeatRow, UserRow};

/// All differences between users, both lists ordered by id; the company, which never registers, is left out of both.
pub(crate) fn users(expected: &[ExpectedUser], found: &[UserRow]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for pair in merge(expected, found, |user| user.id, |row| row.id) {
        let difference = match pair {
            (Some(user), None) => {
                let wallet = format!("{:#x}", user.wallet);
                Difference::new(DifferenceKind::UserMissing, wallet, "nobody").seen_in("users", user.id)
            }
            (None, Some(row)) => {
                let wallet = format!("{:#x}", row.wallet);
                Difference::new(DifferenceKind::UserExtra, "nobody", wallet).seen_in("users", row.id)
            }
            (Some(user), Some(row)) => {
                let expected = words(user.wallet, Some(user.sponsor), user.participant);
                let found = words(row.wallet, row.sponsor, row.participant);
                if expected == found {
                    continue;
                }
                Difference::new(DifferenceKind::User, expected, found).of(row.wallet).seen_in("users", row.id)
            }
            (None, None) => continue,
        };
        differences.push(difference);
    }
    differences
}

fn words(wallet: banyan_types::Address, sponsor: Option<i64>, participant: bool) -> String {
    let sponsor = sponsor.map_or("nobody".to_owned(), |sponsor| format!("user {sponsor}"));
    let standing = if participant { "participant" } else { "no participant" };
    format!("{wallet:#x} under {sponsor}, {standing}")
}

/// All differences between seats, both lists ordered by id.
pub(crate) fn seats(expected: &[ExpectedSeat], found: &[SeatRow]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for pair in merge(expected, found, |seat| seat.id, |row| row.id) {
        let (kind, expected, found, id) = match pair {
            (Some(seat), None) => (DifferenceKind::SeatMissing, holder(seat.user), "nobody".into(), seat.id),
            (None, Some(row)) => (DifferenceKind::SeatExtra, "nobody".into(), holder(row.user), row.id),
            (Some(seat), Some(row)) if seat.user != row.user => {
                (DifferenceKind::SeatHolder, holder(seat.user), holder(row.user), seat.id)
            }
            (Some(_), Some(_)) | (None, None) => continue,
        };
        differences.push(Difference::new(kind, expected, found).seen_in("seats", id));
    }
    differences
}

fn holder(user: i64) -> String {
    format!("user {user}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use banyan_types::{Address, Amount};

    fn expected(id: u8) -> ExpectedUser {
        ExpectedUser { id: i64::from(id), wallet: Address::repeat_byte(id), sponsor: 0, participant: true }
    }

    fn row(id: u8) -> UserRow {
        UserRow {
            id: i64::from(id),
            wallet: Address::repeat_byte(id),
            sponsor: Some(0),
            participant: true,
            frozen: false,
            payable: Amount::ZERO,
            in_batch: Amount::ZERO,
            owed: Amount::ZERO,
            reserved: Amount::ZERO,
            held: false,
            paid: Amount::ZERO,
            paid_latest: Amount::ZERO,
            paid_most: Amount::ZERO,
            still_owed: Amount::ZERO,
        }
    }

    fn kinds(differences: &[Difference]) -> Vec<(&'static str, &str)> {
        differences.iter().map(|it| (it.kind.name(), it.evidence[0].id.as_str())).collect()
    }

    #[test]
    fn missing_extra_and_changed_users_are_named() {
        assert_eq!(users(&[expected(1), expected(2)], &[row(1), row(2)]), []);
        let gone = users(&[expected(1), expected(2)], &[row(2)]);
        assert_eq!(kinds(&gone), [("user_missing", "1")]);
        let more = users(&[expected(1)], &[row(1), row(3)]);
        assert_eq!(kinds(&more), [("user_extra", "3")]);
        let cases: [fn(&mut UserRow); 3] = [
            |row| row.wallet = Address::repeat_byte(9),
            |row| row.sponsor = Some(2),
            |row| row.participant = false,
        ];
        for edit in cases {
            let mut edited = row(1);
            edit(&mut edited);
            assert_eq!(kinds(&users(&[expected(1)], &[edited])), [("user", "1")]);
        }
    }

    #[test]
    fn missing_extra_and_changed_seats_are_named() {
        let expected = [ExpectedSeat { id: 1, user: 1 }, ExpectedSeat { id: 2, user: 2 }];
        let found = |user| [SeatRow { id: 1, user: 1 }, SeatRow { id: 2, user }];
        assert_eq!(seats(&expected, &found(2)), []);
        assert_eq!(kinds(&seats(&expected, &found(3))), [("seat_holder", "2")]);
        assert_eq!(kinds(&seats(&expected, &found(2)[..1])), [("seat_missing", "2")]);
        assert_eq!(kinds(&seats(&expected[..1], &found(2))), [("seat_extra", "2")]);
    }
}
