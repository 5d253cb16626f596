//! Splits formulas into tokens.

use crate::error::FormulaError;

/// The smallest part of a formula that means something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    /// A number without a sign.
    Number(&'a str),
    /// Letters, digits and `$`: the name of a function or of a cell.
    Word(&'a str),
    /// `#REF!`
    BadReference,
    /// An operator, a parenthesis or a separator.
    Symbol(&'a str),
}

impl<'a> Token<'a> {
    /// The token as it is written.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Token::Number(text) | Token::Word(text) | Token::Symbol(text) => text,
            Token::BadReference => BAD_REFERENCE,
        }
    }
}

const BAD_REFERENCE: &str = "#REF!";

/// The tokens of a formula; blanks between them mean nothing.
pub(crate) fn tokens(formula: &str) -> Result<Vec<Token<'_>>, FormulaError> {
    let mut tokens = Vec::new();
    let mut rest = formula.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if first.is_ascii_digit() || first == '.' {
            let text = leading(rest, |c| c.is_ascii_digit() || c == '.');
            (Token::Number(text), text.len())
        } else if first.is_ascii_alphabetic() || first == '$' {
            let text = leading(rest, |c| c.is_ascii_alphanumeric() || c == '$');
            (Token::Word(text), text.len())
        } else if "+-*/(),:".contains(first) {
            (Token::Symbol(&rest[..1]), 1)
        } else if rest.starts_with(BAD_REFERENCE) {
            (Token::BadReference, BAD_REFERENCE.len())
        } else {
            return Err(FormulaError::Unknown(first.to_string()));
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// The longest start of `text` in which every character belongs.
fn leading(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_separate_tokens_or_mean_nothing() {
        let texts = |formula| -> Vec<&str> {
            let tokens = tokens(formula).unwrap();
            tokens.into_iter().map(Token::text).collect()
        };
        assert_eq!(texts(" 1.5 +$A$1 "), ["1.5", "+", "$A$1"]);
        assert_eq!(
            texts("sum(A1:B2,#REF!)"),
            ["sum", "(", "A1", ":", "B2", ",", "#REF!", ")"]
        );
    }

    #[test]
    fn other_characters_are_refused() {
        assert_eq!(tokens("1%2"), Err(FormulaError::Unknown("%".to_owned())));
        assert_eq!(tokens("#REF"), Err(FormulaError::Unknown("#".to_owned())));
    }
}
