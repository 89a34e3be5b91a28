//! Which other servers a query asks.

use spargebra::Query;
use spargebra::algebra::GraphPattern;
use spargebra::term::NamedNodePattern;
use url::Url;

use super::algebra::{self, Part};

/// The first `SERVICE` of a query that is not at one of the hosts, as the query says it.
pub fn forbidden(query: &Query, hosts: &[String]) -> Option<String> {
    let mut query = query.clone();
    let pattern = match &mut query {
        Query::Select { pattern, .. }
        | Query::Ask { pattern, .. }
        | Query::Describe { pattern, .. }
        | Query::Construct { pattern, .. } => pattern,
    };
    let mut found = None;
    walk(Part::Pattern(pattern), &mut |name| {
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

fn walk(part: Part<'_>, each: &mut dyn FnMut(&NamedNodePattern)) {
    match part {
        Part::Pattern(pattern) => {
            if let GraphPattern::Service { name, .. } = pattern {
                each(name);
            }
            algebra::of_pattern(pattern, &mut |part| walk(part, each));
        }
        Part::Expression(expression) => {
            algebra::of_expression(expression, &mut |part| walk(part, each));
        }
    }
}
