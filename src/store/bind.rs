//! Gives values to the variables of a query, as if constants stood in their place.
//!
//! A variable that the query shows or groups by stays a column, with the value in every row. The
//! engine's own substitution does neither: it asks for a shown variable, and plans the query before
//! it knows the value.

use std::collections::BTreeMap;

use oxigraph::model::{NamedNode, Term, Variable};
use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};
use spargebra::term::{NamedNodePattern, TermPattern, TriplePattern};

/// Values by the name of their variable, without `?`.
pub type Values = BTreeMap<String, Term>;

pub fn bind(query: &mut Query, values: &Values) {
    if values.is_empty() {
        return;
    }
    let bind = Bind { values };
    match query {
        Query::Select { pattern, .. }
        | Query::Ask { pattern, .. }
        | Query::Describe { pattern, .. } => {
            bind.pattern(pattern);
        }
        Query::Construct { template, pattern, .. } => {
            template.iter_mut().for_each(|triple| bind.triple(triple));
            bind.pattern(pattern);
        }
    }
}

struct Bind<'a> {
    values: &'a Values,
}

impl Bind<'_> {
    fn value(&self, variable: &Variable) -> Option<&Term> {
        self.values.get(variable.as_str())
    }

    fn pattern(&self, pattern: &mut GraphPattern) {
        match pattern {
            GraphPattern::Bgp { patterns } => {
                patterns.iter_mut().for_each(|triple| self.triple(triple))
            }
            GraphPattern::Path { subject, object, .. } => {
                self.term(subject);
                self.term(object);
            }
            GraphPattern::Join { left, right }
            | GraphPattern::Lateral { left, right }
            | GraphPattern::Union { left, right }
            | GraphPattern::Minus { left, right } => {
                self.pattern(left);
                self.pattern(right);
            }
            GraphPattern::LeftJoin { left, right, expression } => {
                self.pattern(left);
                self.pattern(right);
                expression.iter_mut().for_each(|expression| self.expression(expression));
            }
            GraphPattern::Filter { expr, inner } => {
                self.expression(expr);
                self.pattern(inner);
            }
            GraphPattern::Graph { name, inner } | GraphPattern::Service { name, inner, .. } => {
                self.name(name);
                self.pattern(inner);
            }
            GraphPattern::Extend { inner, expression, .. } => {
                self.expression(expression);
                self.pattern(inner);
            }
            // A table keeps its variable: `filter` below joins it with the value.
            GraphPattern::Values { variables, .. } => {
                let named = variables.clone();
                self.filter(pattern, &named);
            }
            GraphPattern::OrderBy { inner, expression } => {
                for by in expression {
                    let (OrderExpression::Asc(by) | OrderExpression::Desc(by)) = by;
                    self.expression(by);
                }
                self.pattern(inner);
            }
            GraphPattern::Project { inner, variables } => {
                self.pattern(inner);
                self.keep(inner, variables);
            }
            GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => self.pattern(inner),
            GraphPattern::Group { inner, variables, aggregates } => {
                self.pattern(inner);
                self.keep(inner, variables);
                for (_, aggregate) in aggregates {
                    if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                        self.expression(expr);
                    }
                }
            }
        }
    }

    /// Says the value again where the variable itself is wanted.
    fn keep(&self, inner: &mut GraphPattern, variables: &[Variable]) {
        for variable in variables {
            if let Some(value) = self.value(variable) {
                // An order is kept only by what stands outside of it.
                let at = match &mut *inner {
                    GraphPattern::OrderBy { inner, .. } => inner,
                    other => other,
                };
                let below = std::mem::take(at);
                *at = GraphPattern::Extend {
                    inner: Box::new(below),
                    variable: variable.clone(),
                    expression: constant(value),
                };
            }
        }
    }

    fn filter(&self, pattern: &mut GraphPattern, variables: &[Variable]) {
        for variable in variables {
            if let Some(value) = self.value(variable) {
                let below = std::mem::take(pattern);
                let same = Expression::SameTerm(
                    Box::new(variable.clone().into()),
                    Box::new(constant(value)),
                );
                *pattern = GraphPattern::Filter { expr: same, inner: Box::new(below) };
            }
        }
    }

    fn triple(&self, triple: &mut TriplePattern) {
        self.term(&mut triple.subject);
        self.name(&mut triple.predicate);
        self.term(&mut triple.object);
    }

    fn term(&self, term: &mut TermPattern) {
        if let TermPattern::Variable(variable) = term
            && let Some(value) = self.value(variable)
        {
            *term = value.clone().into();
        }
    }

    fn name(&self, name: &mut NamedNodePattern) {
        if let NamedNodePattern::Variable(variable) = name
            && let Some(Term::NamedNode(value)) = self.value(variable)
        {
            *name = NamedNode::clone(value).into();
        }
    }

    fn expression(&self, expression: &mut Expression) {
        match expression {
            Expression::NamedNode(_) | Expression::Literal(_) => {}
            Expression::Variable(variable) => {
                if let Some(value) = self.value(variable) {
                    *expression = constant(value);
                }
            }
            Expression::Bound(variable) => {
                if self.value(variable).is_some() {
                    *expression = Expression::Literal(true.into());
                }
            }
            Expression::Exists(pattern) => self.pattern(pattern),
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
                self.expression(a);
                self.expression(b);
            }
            Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => {
                self.expression(a)
            }
            Expression::If(a, b, c) => [a, b, c].into_iter().for_each(|each| self.expression(each)),
            Expression::In(a, list) => {
                self.expression(a);
                list.iter_mut().for_each(|each| self.expression(each));
            }
            Expression::Coalesce(list) | Expression::FunctionCall(_, list) => {
                list.iter_mut().for_each(|each| self.expression(each));
            }
        }
    }
}

fn constant(value: &Term) -> Expression {
    match value {
        Term::NamedNode(iri) => iri.clone().into(),
        Term::Literal(literal) => literal.clone().into(),
        Term::BlankNode(_) => unreachable!("the graph has no blank nodes, so none is a value"),
    }
}
