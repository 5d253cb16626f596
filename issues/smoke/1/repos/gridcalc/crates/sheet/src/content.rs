//! What is in a cell.

use gridcalc_formula::{Expression, FormulaError};

/// What a cell that is not empty holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Number(f64),
    Text(String),
    Formula(Expression),
}

impl Content {
    /// What typing `input` puts into a cell; `None` when that leaves it empty.
    pub(crate) fn typed(input: &str) -> Result<Option<Content>, FormulaError> {
        if let Some(formula) = input.strip_prefix('=') {
            return Ok(Some(Content::Formula(formula.parse()?)));
        }
        let trimmed = input.trim();
        // Words such as `inf` are numbers to the parser of the standard library but not to people.
        let number = trimmed
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite());
        Ok(match number {
            Some(number) => Some(Content::Number(number)),
            None if trimmed.is_empty() => None,
            None => Some(Content::Text(input.to_owned())),
        })
    }

    /// The content of a copy of the cell that many columns to the right and rows down.
    pub(crate) fn copied(&self, columns: i32, rows: i32) -> Content {
        match self {
            Content::Number(_) | Content::Text(_) => self.clone(),
            Content::Formula(formula) => Content::Formula(formula.copied(columns, rows)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_text_is_told_apart() {
        assert_eq!(Content::typed(" -1.50 "), Ok(Some(Content::Number(-1.5))));
        assert_eq!(
            Content::typed("inf"),
            Ok(Some(Content::Text("inf".to_owned())))
        );
        assert_eq!(
            Content::typed("7 up"),
            Ok(Some(Content::Text("7 up".to_owned())))
        );
        assert_eq!(Content::typed("  "), Ok(None));
        assert!(matches!(
            Content::typed("=A1"),
            Ok(Some(Content::Formula(_)))
        ));
        assert_eq!(Content::typed("="), Err(FormulaError::End));
    }
}
