//! Which other servers a query asks.

use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};
use spargebra::term::NamedNodePattern;
use url::Url;

/// The first `SERVICE` of a query that is not at one of the hosts, as the query says it.
pub fn forbidden(query: &Query, hosts: &[String]) -> Option<String> {
    let pattern = match query {
        Query::Select { pattern, .. }
        | Query::Ask { pattern, .. }
        | Query::Describe { pattern, .. }
        | Query::Construct { pattern, .. } => pattern,
    };
    let mut found = None;
    walk(pattern, &mut |name| {
        let allowed = match name {
            NamedNodePattern::NamedNode(iri) => Url::parse(iri.as_str()).is_ok_and(|url| {
                let with_port =
                    url.port().map(|port| format!("{}:{port}", url.host_str().unwrap_or("")));
                hosts.iter().any(|host| {
                    url.host_str() == Some(host.as_str()) || with_port.as_ref() == Some(host)
                })
            }),
            // Where a variable leads is known too late.
            NamedNodePattern::Variable(_) => false,
        };
        if !allowed && found.is_none() {
            found = Some(name.to_string());
        }
    });
    found
}

fn walk(pattern: &GraphPattern, each: &mut dyn FnMut(&NamedNodePattern)) {
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => {}
        GraphPattern::Join { left, right }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => {
            walk(left, each);
            walk(right, each);
        }
        GraphPattern::LeftJoin { left, right, expression } => {
            walk(left, each);
            walk(right, each);
            expression.iter().for_each(|expression| look(expression, each));
        }
        GraphPattern::Filter { expr, inner } => {
            look(expr, each);
            walk(inner, each);
        }
        GraphPattern::Extend { inner, expression, .. } => {
            look(expression, each);
            walk(inner, each);
        }
        GraphPattern::Service { name, inner, .. } => {
            each(name);
            walk(inner, each);
        }
        GraphPattern::OrderBy { inner, expression } => {
            for by in expression {
                let (OrderExpression::Asc(by) | OrderExpression::Desc(by)) = by;
                look(by, each);
            }
            walk(inner, each);
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    look(expr, each);
                }
            }
            walk(inner, each);
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. } => walk(inner, each),
    }
}

/// A pattern may stand in any expression.
fn look(expression: &Expression, each: &mut dyn FnMut(&NamedNodePattern)) {
    match expression {
        Expression::Exists(pattern) => walk(pattern, each),
        Expression::NamedNode(_)
        | Expression::Literal(_)
        | Expression::Variable(_)
        | Expression::Bound(_) => {}
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
        | Expression::Divide(a, b) => [a, b].into_iter().for_each(|part| look(part, each)),
        Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => look(a, each),
        Expression::If(a, b, c) => [a, b, c].into_iter().for_each(|part| look(part, each)),
        Expression::In(a, list) => {
            look(a, each);
            list.iter().for_each(|part| look(part, each));
        }
        Expression::Coalesce(list) | Expression::FunctionCall(_, list) => {
            list.iter().for_each(|part| look(part, each));
        }
    }
}
