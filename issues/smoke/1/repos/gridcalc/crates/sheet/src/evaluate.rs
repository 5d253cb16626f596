//! Works out the values of cells.

use gridcalc_formula::{Address, Expression, Function, Operator, Reference};

use crate::content::Content;
use crate::sheet::Sheet;
use crate::value::{CellError, Value};

/// The value of one cell of `sheet`.
pub(crate) fn value_of(sheet: &Sheet, address: Address) -> Value {
    let mut evaluation = Evaluation {
        sheet,
        under_way: Vec::new(),
    };
    evaluation.cell(address)
}

struct Evaluation<'a> {
    sheet: &'a Sheet,
    /// The formulas whose values are being worked out, each used by the one before.
    under_way: Vec<Address>,
}

impl Evaluation<'_> {
    fn cell(&mut self, address: Address) -> Value {
        match self.sheet.content(address) {
            None => Value::Empty,
            Some(Content::Number(number)) => Value::Number(*number),
            Some(Content::Text(text)) => Value::Text(text.clone()),
            Some(Content::Formula(_)) if self.under_way.contains(&address) => {
                Value::Error(CellError::Cycle)
            }
            Some(Content::Formula(formula)) => {
                self.under_way.push(address);
                let number = self.number(formula);
                self.under_way.pop();
                number.map_or_else(Value::Error, Value::Number)
            }
        }
    }

    fn number(&mut self, expression: &Expression) -> Result<f64, CellError> {
        match expression {
            Expression::Number(number) => Ok(*number),
            Expression::Cell(cell) => match self.cell(cell.address) {
                Value::Empty => Ok(0.0),
                Value::Number(number) => Ok(number),
                Value::Text(_) => Err(CellError::Value),
                Value::Error(error) => Err(error),
            },
            Expression::Range(..) => Err(CellError::Value),
            Expression::BadReference => Err(CellError::Reference),
            Expression::Negative(inner) => Ok(-self.number(inner)?),
            Expression::Group(inner) => self.number(inner),
            Expression::Operation(left, operator, right) => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                match operator {
                    Operator::Plus => Ok(left + right),
                    Operator::Minus => Ok(left - right),
                    Operator::Times => Ok(left * right),
                    Operator::Over if right == 0.0 => Err(CellError::Division),
                    Operator::Over => Ok(left / right),
                }
            }
            Expression::Call(function, arguments) => {
                let numbers = self.numbers(arguments)?;
                Ok(match function {
                    Function::Sum => numbers.iter().sum(),
                    Function::Min => numbers.into_iter().reduce(f64::min).unwrap_or(0.0),
                    Function::Max => numbers.into_iter().reduce(f64::max).unwrap_or(0.0),
                    Function::Count => numbers.len() as f64,
                })
            }
        }
    }

    /// The numbers that arguments stand for: of a range those in its cells, otherwise one each.
    fn numbers(&mut self, arguments: &[Expression]) -> Result<Vec<f64>, CellError> {
        let mut numbers = Vec::new();
        for argument in arguments {
            let Expression::Range(from, to) = argument else {
                numbers.push(self.number(argument)?);
                continue;
            };
            for address in cells_between(self.sheet, from, to) {
                match self.cell(address) {
                    Value::Number(number) => numbers.push(number),
                    Value::Error(error) => return Err(error),
                    Value::Empty | Value::Text(_) => {}
                }
            }
        }
        Ok(numbers)
    }
}

/// The filled cells of the rectangle that has the references as corners.
fn cells_between<'a>(
    sheet: &'a Sheet,
    from: &Reference,
    to: &Reference,
) -> impl Iterator<Item = Address> + 'a {
    let (from, to) = (from.address, to.address);
    let columns = from.column().min(to.column())..=from.column().max(to.column());
    let rows = from.row().min(to.row())..=from.row().max(to.row());
    sheet
        .filled()
        .filter(move |cell| columns.contains(&cell.column()) && rows.contains(&cell.row()))
}
