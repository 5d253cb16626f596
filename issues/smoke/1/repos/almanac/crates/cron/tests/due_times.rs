//! When schedules are due.

use almanac_calendar::DateTime;
use almanac_cron::Schedule;

fn schedule(text: &str) -> Schedule {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

/// The time due next, printed, or `never`.
fn next(expression: &str, after: &str) -> String {
    let found = schedule(expression).next_after(at(after));
    found.map_or("never".to_owned(), |time| time.to_string())
}

/// The time due last, printed, or `never`.
fn previous(expression: &str, before: &str) -> String {
    let found = schedule(expression).previous_before(at(before));
    found.map_or("never".to_owned(), |time| time.to_string())
}

#[test]
fn is_due_needs_every_field_to_fit() {
    let friday_the_13th = schedule("0 9 13 * FRI");
    assert!(friday_the_13th.is_due(at("2026-11-13T09:00")));
    assert!(!friday_the_13th.is_due(at("2026-11-13T09:01")));
    assert!(!friday_the_13th.is_due(at("2026-11-20T09:00")));
    assert!(!friday_the_13th.is_due(at("2026-12-13T09:00")));
}

#[test]
fn the_given_time_itself_does_not_count() {
    assert_eq!(next("30 9 * * *", "2026-11-03T09:29"), "2026-11-03T09:30");
    assert_eq!(next("30 9 * * *", "2026-11-03T09:30"), "2026-11-04T09:30");
    assert_eq!(
        previous("30 9 * * *", "2026-11-03T09:31"),
        "2026-11-03T09:30"
    );
    assert_eq!(
        previous("30 9 * * *", "2026-11-03T09:30"),
        "2026-11-02T09:30"
    );
}

#[test]
fn finds_the_next_minute_and_hour() {
    assert_eq!(next("*/15 * * * *", "2026-11-03T09:50"), "2026-11-03T10:00");
    assert_eq!(
        next("5,50 8-10 * * *", "2026-11-03T09:05"),
        "2026-11-03T09:50"
    );
    assert_eq!(
        previous("5,50 8-10 * * *", "2026-11-03T10:00"),
        "2026-11-03T09:50"
    );
}

#[test]
fn a_later_day_starts_with_its_first_time() {
    assert_eq!(
        next("20,40 6,18 * * *", "2026-11-03T18:40"),
        "2026-11-04T06:20"
    );
    assert_eq!(
        previous("20,40 6,18 * * *", "2026-11-03T06:20"),
        "2026-11-02T18:40"
    );
}

#[test]
fn crosses_months_and_years() {
    assert_eq!(next("0 0 1 * *", "2026-11-03T00:00"), "2026-12-01T00:00");
    assert_eq!(next("0 0 31 * *", "2026-11-03T00:00"), "2026-12-31T00:00");
    assert_eq!(next("0 12 2 MAY *", "2026-11-03T00:00"), "2027-05-02T12:00");
    assert_eq!(
        previous("0 12 2 MAY *", "2026-03-31T00:00"),
        "2025-05-02T12:00"
    );
}

#[test]
fn weekdays_narrow_the_days_of_the_month() {
    assert_eq!(
        next("0 9 * * MON-FRI", "2026-11-06T10:00"),
        "2026-11-09T09:00"
    );
    assert_eq!(next("0 9 13 * FRI", "2026-11-13T09:00"), "2027-08-13T09:00");
    assert_eq!(
        previous("0 9 13 * FRI", "2026-11-13T09:00"),
        "2026-03-13T09:00"
    );
}

#[test]
fn upcoming_goes_on_from_time_to_time() {
    let times: Vec<String> = schedule("0 6,18 * * SAT,SUN")
        .upcoming(at("2026-11-07T12:00"))
        .take(4)
        .map(|time| time.to_string())
        .collect();
    let expected = [
        "2026-11-07T18:00",
        "2026-11-08T06:00",
        "2026-11-08T18:00",
        "2026-11-14T06:00",
    ];
    assert_eq!(times, expected);
}

#[test]
fn dates_that_no_month_has_are_never_due() {
    assert_eq!(next("0 0 31 2 *", "2026-11-03T00:00"), "never");
    assert_eq!(next("0 0 31 4,6,9,11 *", "2026-11-03T00:00"), "never");
    assert_eq!(previous("0 0 30 2 *", "2026-11-03T00:00"), "never");
}

#[test]
fn nothing_lies_beyond_the_ends_of_the_calendar() {
    assert_eq!(next("* * * * *", "9999-12-31T23:58"), "9999-12-31T23:59");
    assert_eq!(next("* * * * *", "9999-12-31T23:59"), "never");
    assert_eq!(
        previous("* * * * *", "0001-01-01T00:01"),
        "0001-01-01T00:00"
    );
    assert_eq!(previous("* * * * *", "0001-01-01T00:00"), "never");
}
