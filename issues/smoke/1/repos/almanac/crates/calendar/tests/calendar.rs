//! Dates, times and how they are written.

use almanac_calendar::{CalendarError, Date, DateTime, ParseError, TimeOfDay, Weekday};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn dates_print_as_they_are_read() {
    for text in ["0001-01-01", "2024-02-29", "2026-11-03", "9999-12-31"] {
        assert_eq!(date(text).to_string(), text);
    }
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    assert_eq!(Date::new(0, 1, 1), Err(CalendarError::Year(0)));
    assert_eq!(Date::new(10_000, 1, 1), Err(CalendarError::Year(10_000)));
    assert_eq!(Date::new(2026, 13, 1), Err(CalendarError::Month(13)));
    assert_eq!(Date::new(2026, 2, 29), Err(CalendarError::Day(29)));
    assert_eq!(Date::new(2026, 4, 0), Err(CalendarError::Day(0)));
}

#[test]
fn malformed_dates_are_refused() {
    for text in [
        "",
        "2026",
        "2026-11",
        "2026-11-3",
        "26-11-03",
        "2026-11-03-01",
        "2026-1a-03",
    ] {
        assert_eq!(text.parse::<Date>(), Err(ParseError::Form), "{text:?}");
    }
}

#[test]
fn weekdays_of_known_dates() {
    assert_eq!(date("0001-01-01").weekday(), Weekday::Monday);
    assert_eq!(date("1969-07-20").weekday(), Weekday::Sunday);
    assert_eq!(date("2000-02-29").weekday(), Weekday::Tuesday);
    assert_eq!(date("2026-11-03").weekday(), Weekday::Tuesday);
    assert_eq!(date("9999-12-31").weekday(), Weekday::Friday);
}

#[test]
fn days_follow_each_other_across_months_and_years() {
    let neighbours = [
        ("2026-11-03", "2026-11-04"),
        ("2026-11-30", "2026-12-01"),
        ("2026-12-31", "2027-01-01"),
        ("2027-02-28", "2027-03-01"),
        ("2028-02-28", "2028-02-29"),
        ("2100-02-28", "2100-03-01"),
    ];
    for (earlier, later) in neighbours {
        assert_eq!(date(earlier).next_day(), Some(date(later)));
        assert_eq!(date(later).previous_day(), Some(date(earlier)));
    }
}

#[test]
fn the_calendar_has_two_ends() {
    assert_eq!(Date::MIN.previous_day(), None);
    assert_eq!(Date::MAX.next_day(), None);
}

#[test]
fn times_are_compared_in_order() {
    let times: Vec<DateTime> = ["2026-11-03T09:30", "2026-11-03T10:05", "2026-11-04T00:00"]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
    assert!(times[0] < times[1] && times[1] < times[2]);
}

#[test]
fn times_that_do_not_exist_are_refused() {
    assert_eq!(TimeOfDay::new(24, 0), Err(CalendarError::Hour(24)));
    assert_eq!(TimeOfDay::new(23, 60), Err(CalendarError::Minute(60)));
    let error = "2026-11-03T24:00".parse::<DateTime>().unwrap_err();
    assert_eq!(error, ParseError::Value(CalendarError::Hour(24)));
    assert_eq!(error.to_string(), "there is no hour 24");
    assert_eq!(
        "2026-11-03 09:30".parse::<DateTime>(),
        Err(ParseError::Form)
    );
}
