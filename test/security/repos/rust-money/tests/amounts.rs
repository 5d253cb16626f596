use money::*;

#[test]
fn two_digits_are_cents() {
    assert_eq!(parse_cents("12.34"), Some(1234));
}

#[test]
fn words_are_refused() {
    assert!(parse_cents("twelve").is_none());
}

#[test]
fn even_totals_are_shared() {
    assert_eq!(split(90, 3), vec![30, 30, 30]);
}
