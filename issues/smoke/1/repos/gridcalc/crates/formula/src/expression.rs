//! What formulas are parsed into.

use std::fmt;
use std::str::FromStr;

use crate::error::FormulaError;
use crate::parser::parse;
use crate::reference::Reference;

/// A formula without its `=`, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// The value of a cell.
    Cell(Reference),
    /// The cells between two corners, in the order in which they are written.
    Range(Reference, Reference),
    /// What is left of a reference that left the sheet.
    BadReference,
    /// The negative of an expression.
    Negative(Box<Expression>),
    /// An expression in parentheses.
    Group(Box<Expression>),
    /// Two expressions joined by an operator.
    Operation(Box<Expression>, Operator, Box<Expression>),
    /// A function of any number of expressions.
    Call(Function, Vec<Expression>),
}

/// What joins two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it all.
pub enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// A function that formulas can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it all.
pub enum Function {
    Sum,
    Min,
    Max,
    Count,
}

impl Expression {
    /// The expression in a copy of its formula that many columns to the right and rows down.
    pub fn copied(&self, columns: i32, rows: i32) -> Expression {
        match self {
            Expression::Number(_) | Expression::BadReference => self.clone(),
            Expression::Cell(cell) => cell
                .copied(columns, rows)
                .map_or(Expression::BadReference, Expression::Cell),
            Expression::Range(from, to) => from
                .copied(columns, rows)
                .zip(to.copied(columns, rows))
                .map_or(Expression::BadReference, |(from, to)| {
                    Expression::Range(from, to)
                }),
            Expression::Negative(inner) => {
                Expression::Negative(Box::new(inner.copied(columns, rows)))
            }
            Expression::Group(inner) => Expression::Group(Box::new(inner.copied(columns, rows))),
            Expression::Operation(left, operator, right) => Expression::Operation(
                Box::new(left.copied(columns, rows)),
                *operator,
                Box::new(right.copied(columns, rows)),
            ),
            Expression::Call(function, arguments) => Expression::Call(
                *function,
                arguments
                    .iter()
                    .map(|argument| argument.copied(columns, rows))
                    .collect(),
            ),
        }
    }
}

impl Function {
    const ALL: [Function; 4] = [Function::Sum, Function::Min, Function::Max, Function::Count];

    /// The function of that name, written in any case.
    pub(crate) fn named(name: &str) -> Option<Function> {
        Function::ALL
            .into_iter()
            .find(|function| function.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        match self {
            Function::Sum => "SUM",
            Function::Min => "MIN",
            Function::Max => "MAX",
            Function::Count => "COUNT",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operator::Plus => "+",
            Operator::Minus => "-",
            Operator::Times => "*",
            Operator::Over => "/",
        })
    }
}

impl fmt::Display for Expression {
    /// Capital letters, no blanks, and parentheses where they were written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Number(number) => write!(f, "{number}"),
            Expression::Cell(cell) => write!(f, "{cell}"),
            Expression::Range(from, to) => write!(f, "{from}:{to}"),
            Expression::BadReference => f.write_str("#REF!"),
            Expression::Negative(inner) => write!(f, "-{inner}"),
            Expression::Group(inner) => write!(f, "({inner})"),
            Expression::Operation(left, operator, right) => write!(f, "{left}{operator}{right}"),
            Expression::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                for (index, argument) in arguments.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "," };
                    write!(f, "{separator}{argument}")?;
                }
                f.write_str(")")
            }
        }
    }
}

impl FromStr for Expression {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, FormulaError> {
        parse(text)
    }
}
