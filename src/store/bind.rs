//! Gives values to the variables of a query, as if constants stood in their place.
//!
//! A variable that the query shows or groups by stays a column, with the value in every row. The
//! engine's own substitution does neither: it asks for a shown variable, and plans the query before
//! it knows the value.

use std::collections::BTreeMap;

use oxigraph::model::{NamedNode, Term, Variable};
use spargebra::Query;
use spargebra::algebra::{Expression, GraphPattern};
use spargebra::term::{NamedNodePattern, TermPattern, TriplePattern};

use super::algebra::{self, Part};

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

    fn part(&self, part: Part<'_>) {
        match part {
            Part::Pattern(pattern) => self.pattern(pattern),
            Part::Expression(expression) => self.expression(expression),
        }
    }

    fn pattern(&self, pattern: &mut GraphPattern) {
        algebra::of_pattern(pattern, &mut |part| self.part(part));
        match pattern {
            GraphPattern::Bgp { patterns } => {
                patterns.iter_mut().for_each(|triple| self.triple(triple))
            }
            GraphPattern::Path { subject, object, .. } => {
                self.term(subject);
                self.term(object);
            }
            GraphPattern::Graph { name, .. } | GraphPattern::Service { name, .. } => {
                self.name(name);
            }
            // A table keeps its variable: `filter` below joins it with the value.
            GraphPattern::Values { variables, .. } => {
                let named = variables.clone();
                self.filter(pattern, &named);
            }
            GraphPattern::Project { inner, variables }
            | GraphPattern::Group { inner, variables, .. } => self.keep(inner, variables),
            _ => {}
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
        algebra::of_expression(expression, &mut |part| self.part(part));
        match expression {
            Expression::Variable(variable) => {
                if let Some(value) = self.value(variable) {
                    *expression = constant(value);
                }
            }
            Expression::Bound(variable) if self.value(variable).is_some() => {
                *expression = Expression::Literal(true.into());
            }
            _ => {}
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
