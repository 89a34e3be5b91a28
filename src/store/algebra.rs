//! The parts of a query, one level down: for whoever changes or looks at some of them, at any depth.

use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};

/// A part of a pattern or of an expression.
pub enum Part<'a> {
    Pattern(&'a mut GraphPattern),
    Expression(&'a mut Expression),
}

pub fn of_pattern(pattern: &mut GraphPattern, each: &mut dyn FnMut(Part<'_>)) {
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => {}
        GraphPattern::Join { left, right }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => {
            each(Part::Pattern(left));
            each(Part::Pattern(right));
        }
        GraphPattern::LeftJoin { left, right, expression } => {
            each(Part::Pattern(left));
            each(Part::Pattern(right));
            expression.iter_mut().for_each(|expression| each(Part::Expression(expression)));
        }
        GraphPattern::Filter { expr: expression, inner }
        | GraphPattern::Extend { inner, expression, .. } => {
            each(Part::Expression(expression));
            each(Part::Pattern(inner));
        }
        GraphPattern::OrderBy { inner, expression } => {
            for by in expression {
                let (OrderExpression::Asc(by) | OrderExpression::Desc(by)) = by;
                each(Part::Expression(by));
            }
            each(Part::Pattern(inner));
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            each(Part::Pattern(inner));
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    each(Part::Expression(expr));
                }
            }
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Service { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. } => each(Part::Pattern(inner)),
    }
}

pub fn of_expression(expression: &mut Expression, each: &mut dyn FnMut(Part<'_>)) {
    match expression {
        Expression::NamedNode(_)
        | Expression::Literal(_)
        | Expression::Variable(_)
        | Expression::Bound(_) => {}
        Expression::Exists(pattern) => each(Part::Pattern(pattern)),
        Expression::Or(a, b)
        | Expression::And(a, b)
        | Expression::Equal(a, b)
        | Expression::SameTerm(a, b)
        | Expression::Greater(a, b)
        | Expression::GreaterOrEqual(a, b)
        | Expression::Less(a, b)
        | Expression::LessOrEqual(a, b)
        | Expression::Add(a, b)
        | Expression::Subtract(a, b)
        | Expression::Multiply(a, b)
        | Expression::Divide(a, b) => {
            each(Part::Expression(a));
            each(Part::Expression(b));
        }
        Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => {
            each(Part::Expression(a));
        }
        Expression::If(a, b, c) => [a, b, c].into_iter().for_each(|a| each(Part::Expression(a))),
        Expression::In(a, list) => {
            each(Part::Expression(a));
            list.iter_mut().for_each(|a| each(Part::Expression(a)));
        }
        Expression::Coalesce(list) | Expression::FunctionCall(_, list) => {
            list.iter_mut().for_each(|a| each(Part::Expression(a)));
        }
    }
}
