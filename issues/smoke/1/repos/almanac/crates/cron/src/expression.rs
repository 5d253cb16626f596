//! Reads expressions.

use crate::error::ParseError;
use crate::field::Field;
use crate::value_set::ValueSet;

/// The values of the five fields of an expression, in the order of [`Field::ALL`].
pub(crate) fn parse(expression: &str) -> Result<[ValueSet; 5], ParseError> {
    let expression = expression.trim();
    let expression = match expression.strip_prefix('@') {
        Some(_) => meaning_of(expression)?,
        None => expression,
    };
    let texts: Vec<&str> = expression.split_whitespace().collect();
    if texts.len() != Field::ALL.len() {
        return Err(ParseError::FieldCount(texts.len()));
    }
    let mut sets = [ValueSet::default(); 5];
    for ((set, field), text) in sets.iter_mut().zip(Field::ALL).zip(texts) {
        *set = values(field, text)?;
    }
    Ok(sets)
}

/// The expression that a shorthand stands for.
fn meaning_of(shorthand: &str) -> Result<&'static str, ParseError> {
    match shorthand {
        "@hourly" => Ok("0 * * * *"),
        "@daily" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * SUN"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" => Ok("0 0 1 1 *"),
        _ => Err(ParseError::Shorthand(shorthand.to_owned())),
    }
}

/// The values of a whole field: a list of parts.
fn values(field: Field, text: &str) -> Result<ValueSet, ParseError> {
    let mut set = ValueSet::default();
    for part in text.split(',') {
        for value in part_values(field, part)? {
            set.insert(match (field, value) {
                (Field::DayOfWeek, 7) => 0,
                _ => value,
            });
        }
    }
    Ok(set)
}

/// The values of one part: a range, a single value or `*`, with or without a step.
fn part_values(field: Field, part: &str) -> Result<impl Iterator<Item = u8>, ParseError> {
    let (base, step) = match part.split_once('/') {
        Some((base, step)) => (base, Some(positive(field, step)?)),
        None => (part, None),
    };
    let range = if base == "*" {
        *field.range().start()..=field.last()
    } else if let Some((first, last)) = base.split_once('-') {
        value(field, first)?..=value(field, last)?
    } else {
        let first = value(field, base)?;
        // A step makes a single value the start of a range. Only a Sunday written as 7 starts
        // after the last value.
        let last = step.map_or(first, |_| field.last().max(first));
        first..=last
    };
    if range.is_empty() {
        let text = base.to_owned();
        return Err(ParseError::BackwardRange { field, text });
    }
    Ok(range.step_by(step.unwrap_or(1)))
}

fn positive(field: Field, text: &str) -> Result<usize, ParseError> {
    match text.parse() {
        Ok(step) if step > 0 => Ok(step),
        _ => Err(ParseError::Step {
            field,
            text: text.to_owned(),
        }),
    }
}

fn value(field: Field, text: &str) -> Result<u8, ParseError> {
    let number = field.named(text).or_else(|| text.parse().ok());
    number
        .filter(|number| field.range().contains(number))
        .ok_or_else(|| ParseError::Value {
            field,
            text: text.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(field: Field, text: &str) -> Vec<u8> {
        values(field, text).unwrap().iter().collect()
    }

    #[test]
    fn reads_every_form() {
        assert_eq!(listed(Field::Month, "*").len(), 12);
        assert_eq!(listed(Field::Hour, "5"), [5]);
        assert_eq!(listed(Field::Hour, "2-6"), [2, 3, 4, 5, 6]);
        assert_eq!(listed(Field::Minute, "*/15"), [0, 15, 30, 45]);
        assert_eq!(listed(Field::Hour, "3-9/2"), [3, 5, 7, 9]);
        assert_eq!(listed(Field::Minute, "10/20"), [10, 30, 50]);
        assert_eq!(listed(Field::Month, "1,JUN-aug"), [1, 6, 7, 8]);
    }

    #[test]
    fn sunday_is_both_ends_of_the_week() {
        assert_eq!(listed(Field::DayOfWeek, "7"), [0]);
        assert_eq!(listed(Field::DayOfWeek, "5-7"), [0, 5, 6]);
        assert_eq!(listed(Field::DayOfWeek, "*/2"), [0, 2, 4, 6]);
        assert_eq!(listed(Field::DayOfWeek, "7/2"), [0]);
    }

    #[test]
    fn days_and_months_start_from_one() {
        assert_eq!(listed(Field::DayOfMonth, "*/10"), [1, 11, 21, 31]);
        assert!(values(Field::DayOfMonth, "0").is_err());
        assert!(values(Field::Month, "0-3").is_err());
    }
}
