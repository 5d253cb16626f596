//! What formulas can say, and how mistakes are reported.

use gridcalc_formula::{Expression, FormulaError};

fn printed(formula: &str) -> String {
    formula.parse::<Expression>().unwrap().to_string()
}

fn error(formula: &str) -> FormulaError {
    formula.parse::<Expression>().unwrap_err()
}

#[test]
fn formulas_print_in_capitals_and_without_blanks() {
    assert_eq!(printed(" 1 + 2.50 * $b$7 "), "1+2.5*$B$7");
    assert_eq!(printed("sum( a1:B2 , -3 )/(4-1)"), "SUM(A1:B2,-3)/(4-1)");
    assert_eq!(printed("#REF! - 1"), "#REF!-1");
}

#[test]
fn printed_formulas_read_back() {
    for formula in [
        "1-(2-3)-4",
        "--A1",
        "2*-B$3",
        "MAX(A1,MIN(B1:C9,7),#REF!)",
        "(A1:A3)",
    ] {
        let expression: Expression = formula.parse().unwrap();
        assert_eq!(expression.to_string().parse(), Ok(expression));
    }
}

#[test]
fn operators_bind_from_the_left() {
    let expression = |text: &str| text.parse::<Expression>().unwrap();
    let Expression::Operation(left, _, right) = expression("1-2-3*4") else {
        panic!("an operation");
    };
    assert_eq!(*left, expression("1-2"));
    assert_eq!(*right, expression("3*4"));
}

#[test]
fn copies_move_the_parts_that_are_not_fixed() {
    let copied = |text: &str| text.parse::<Expression>().unwrap().copied(1, 2).to_string();
    assert_eq!(copied("A1+$A1*A$1/$A$1"), "B3+$A3*B$1/$A$1");
    assert_eq!(copied("-SUM(A1:$B$9,(C3))"), "-SUM(B3:$B$9,(D5))");
    assert_eq!(copied("ZZ1+MAX(ZZ1:ZZ2,7)"), "#REF!+MAX(#REF!,7)");
}

#[test]
fn incomplete_formulas_are_refused() {
    for formula in ["", "1+", "(1", "SUM(", "SUM(1,", "A1:"] {
        assert_eq!(error(formula), FormulaError::End, "{formula:?}");
    }
}

#[test]
fn mistakes_are_named() {
    assert_eq!(error("1 2"), FormulaError::Unexpected("2".to_owned()));
    assert_eq!(error("1+*2"), FormulaError::Unexpected("*".to_owned()));
    assert_eq!(error("(1,2)"), FormulaError::Unexpected(",".to_owned()));
    assert_eq!(error("SUM()"), FormulaError::Unexpected(")".to_owned()));
    assert_eq!(error("1.2.3"), FormulaError::Unknown("1.2.3".to_owned()));
    assert_eq!(error("AVG(1)"), FormulaError::Function("AVG".to_owned()));
    assert_eq!(error("A1+A0"), FormulaError::Address("A0".to_owned()));
    assert_eq!(error("A1:9"), FormulaError::Address("9".to_owned()));
}
