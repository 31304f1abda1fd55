//! Days and months of the Gregorian calendar, counted one by one.

pub const DAY: i64 = 86_400;

/// Seconds since 1970 of a time `YYYY-MM-DDTHH:MM:SSZ`, if it is real.
pub fn seconds(text: &str) -> Option<i64> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape != "0000-00-00T00:00:00Z" {
        return None;
    }
    let part = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    let (hour, minute, second) = (part(11, 13), part(14, 16), part(17, 19));
    let real = year >= 1970 && (1..=12).contains(&month) && hour < 24 && minute < 60 && second < 60;
    if !real || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    Some(start_of_month((year, month)) + (day - 1) * DAY + hour * 3600 + minute * 60 + second)
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_of(year: i64) -> i64 {
    337 + days_in(year, 2)
}

/// The first second of a month (year, month from 1).
pub fn start_of_month((year, month): (i64, i64)) -> i64 {
    let years = (1970..year).map(days_of);
    let months = (1..month).map(|month| days_in(year, month));
    (years.sum::<i64>() + months.sum::<i64>()) * DAY
}

pub fn month_after((year, month): (i64, i64)) -> (i64, i64) {
    if month == 12 { (year + 1, 1) } else { (year, month + 1) }
}

/// The month in which a second falls.
pub fn month_of(seconds: i64) -> (i64, i64) {
    let (mut year, mut month) = (1970, 1);
    let mut left = seconds;
    while left >= days_of(year) * DAY {
        left -= days_of(year) * DAY;
        year += 1;
    }
    while left >= days_in(year, month) * DAY {
        left -= days_in(year, month) * DAY;
        month += 1;
    }
    (year, month)
}

#[test]
fn times_are_counted_right() {
    for (at, number) in [
        ("1970-01-01T00:00:00Z", 0),
        ("2000-02-29T23:59:59Z", 951_868_799),
        ("2026-03-01T09:00:00Z", 1_772_355_600),
        ("2100-03-01T00:00:00Z", 4_107_542_400),
    ] {
        assert_eq!(seconds(at), Some(number));
    }
    assert_eq!(seconds("2026-02-29T00:00:00Z"), None);
    assert_eq!(month_of(seconds("2026-12-31T23:59:59Z").unwrap()), (2026, 12));
    assert_eq!(month_after((2026, 12)), (2027, 1));
}
