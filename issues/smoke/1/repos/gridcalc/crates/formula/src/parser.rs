//! Builds expressions from tokens by recursive descent.

use crate::error::FormulaError;
use crate::expression::{Expression, Function, Operator};
use crate::lexer::{tokens, Token};

/// Parses a formula without its `=`.
pub(crate) fn parse(formula: &str) -> Result<Expression, FormulaError> {
    let tokens = tokens(formula)?;
    let mut parser = Parser {
        tokens: &tokens,
        position: 0,
    };
    let expression = parser.sum()?;
    match parser.next() {
        None => Ok(expression),
        Some(token) => Err(unexpected(token)),
    }
}

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    position: usize,
}

impl<'a> Parser<'a> {
    /// Products joined by `+` and `-`.
    fn sum(&mut self) -> Result<Expression, FormulaError> {
        let mut left = self.product()?;
        loop {
            let operator = if self.accept("+") {
                Operator::Plus
            } else if self.accept("-") {
                Operator::Minus
            } else {
                return Ok(left);
            };
            left = Expression::Operation(Box::new(left), operator, Box::new(self.product()?));
        }
    }

    /// Factors joined by `*` and `/`.
    fn product(&mut self) -> Result<Expression, FormulaError> {
        let mut left = self.factor()?;
        loop {
            let operator = if self.accept("*") {
                Operator::Times
            } else if self.accept("/") {
                Operator::Over
            } else {
                return Ok(left);
            };
            left = Expression::Operation(Box::new(left), operator, Box::new(self.factor()?));
        }
    }

    /// Anything that no operator joins.
    fn factor(&mut self) -> Result<Expression, FormulaError> {
        match self.next().ok_or(FormulaError::End)? {
            Token::Symbol("-") => Ok(Expression::Negative(Box::new(self.factor()?))),
            Token::Symbol("(") => {
                let inner = self.sum()?;
                self.expect(")")?;
                Ok(Expression::Group(Box::new(inner)))
            }
            Token::Number(text) => text
                .parse()
                .map(Expression::Number)
                .map_err(|_| FormulaError::Unknown(text.to_owned())),
            Token::BadReference => Ok(Expression::BadReference),
            Token::Word(name) if self.accept("(") => self.call(name),
            Token::Word(name) if self.accept(":") => {
                let to = self.next().ok_or(FormulaError::End)?;
                Ok(Expression::Range(name.parse()?, to.text().parse()?))
            }
            Token::Word(name) => Ok(Expression::Cell(name.parse()?)),
            token @ Token::Symbol(_) => Err(unexpected(token)),
        }
    }

    /// A function whose opening parenthesis is read already.
    fn call(&mut self, name: &str) -> Result<Expression, FormulaError> {
        let function =
            Function::named(name).ok_or_else(|| FormulaError::Function(name.to_owned()))?;
        let mut arguments = vec![self.sum()?];
        while self.accept(",") {
            arguments.push(self.sum()?);
        }
        self.expect(")")?;
        Ok(Expression::Call(function, arguments))
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.position).copied();
        self.position += usize::from(token.is_some());
        token
    }

    /// Reads the symbol if it comes next.
    fn accept(&mut self, symbol: &str) -> bool {
        let comes_next = self.tokens.get(self.position) == Some(&Token::Symbol(symbol));
        self.position += usize::from(comes_next);
        comes_next
    }

    fn expect(&mut self, symbol: &str) -> Result<(), FormulaError> {
        match self.next() {
            Some(token) if token == Token::Symbol(symbol) => Ok(()),
            Some(token) => Err(unexpected(token)),
            None => Err(FormulaError::End),
        }
    }
}

fn unexpected(token: Token<'_>) -> FormulaError {
    FormulaError::Unexpected(token.text().to_owned())
}
