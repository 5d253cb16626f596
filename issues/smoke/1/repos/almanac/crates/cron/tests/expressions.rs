//! What can be written, and how mistakes are reported.

use almanac_cron::{Field, ParseError, Schedule};

fn parse(text: &str) -> Result<Schedule, ParseError> {
    text.parse()
}

#[test]
fn shorthands_stand_for_expressions() {
    let pairs = [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
    ];
    for (shorthand, expression) in pairs {
        assert_eq!(
            parse(shorthand).unwrap(),
            parse(expression).unwrap(),
            "{shorthand}"
        );
    }
}

#[test]
fn names_and_numbers_mean_the_same() {
    let named = parse("0 0 * jan,Mar-MAY sat").unwrap();
    assert_eq!(named, parse(" 0  0 *\t1,3-5 6 ").unwrap());
}

#[test]
fn five_fields_are_needed() {
    assert_eq!(parse(""), Err(ParseError::FieldCount(0)));
    assert_eq!(parse("* * * *"), Err(ParseError::FieldCount(4)));
    assert_eq!(parse("0 * * * * *"), Err(ParseError::FieldCount(6)));
}

#[test]
fn values_outside_their_field_are_refused() {
    for text in ["60 * * * *", "-5 * * * *", "x * * * *", "1,,2 * * * *"] {
        let error = parse(text).unwrap_err();
        let in_minute = matches!(
            error,
            ParseError::Value {
                field: Field::Minute,
                ..
            }
        );
        assert!(in_minute, "{text:?}: {error}");
    }
    let error = parse("0 0 32 * *").unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"32\" is no value for the day of the month"
    );
}

#[test]
fn ranges_must_run_forward() {
    let error = parse("0 17-9 * * *").unwrap_err();
    assert_eq!(
        error.to_string(),
        "range \"17-9\" of the hour ends before it starts"
    );
}

#[test]
fn steps_must_be_positive() {
    for text in ["*/0 * * * *", "*/ * * * *", "0-9/x * * * *"] {
        let error = parse(text).unwrap_err();
        let is_step = matches!(
            error,
            ParseError::Step {
                field: Field::Minute,
                ..
            }
        );
        assert!(is_step, "{text:?}: {error}");
    }
}

#[test]
fn unknown_shorthands_are_named() {
    assert_eq!(
        parse("@never"),
        Err(ParseError::Shorthand("@never".to_owned()))
    );
}
