//! Amounts of money, in cents.

/// Reads `12.34`, `12.3` or `12`; `None` for anything else.
pub fn parse_cents(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = fraction.parse().ok()?;
    Some(whole * 100 + fraction)
}

/// Shares a total among `parts` people so that nothing is lost.
pub fn split(total: i64, parts: i64) -> Vec<i64> {
    (0..parts).map(|_| total / parts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_amounts_are_read() {
        assert_eq!(parse_cents("12"), Some(1200));
    }
}
