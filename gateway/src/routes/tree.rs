//! Finding the route of a path: one step down the tree for each segment, literals first.

use http::Method;

use super::template::{Segment, Template};

/// The routes of all methods.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    methods: Vec<(Method, Node)>,
}

#[derive(Debug, Default)]
struct Node {
    literals: Vec<(Box<str>, Node)>,
    any: Option<Box<Node>>,
    /// Routes that end here, by their verbs.
    here: Vec<Leaf>,
    /// Routes that take whatever follows.
    rest: Vec<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    verb: Option<Box<str>>,
    route: usize,
}

impl Tree {
    /// Adds a route.
    pub(crate) fn insert(&mut self, method: &Method, template: &Template, route: usize) {
        let at = self.methods.iter().position(|(known, _)| known == method).unwrap_or_else(|| {
            self.methods.push((method.clone(), Node::default()));
            self.methods.len() - 1
        });
        let leaf = Leaf {
            verb: template.verb.as_deref().map(Into::into),
            route,
        };
        let mut node = &mut self.methods[at].1;
        for segment in &template.segments {
            node = match segment {
                Segment::Literal(text) => node.literal(text),
                Segment::Any => node.any.get_or_insert_default(),
                Segment::Rest => return node.rest.push(leaf),
            };
        }
        node.here.push(leaf);
    }

    /// The route of a path, which was split at its slashes. When the route has a verb, the last segment loses it.
    pub(crate) fn find(&self, method: &Method, segments: &mut [&str]) -> Option<usize> {
        let (_, root) = self.methods.iter().find(|(known, _)| known == method)?;
        if let Some(&last) = segments.last()
            && let Some((head, verb)) = last.rsplit_once(':')
        {
            let at = segments.len() - 1;
            segments[at] = head;
            if let Some(route) = root.find(segments, Some(verb)) {
                return Some(route);
            }
            segments[at] = last;
        }
        root.find(segments, None)
    }

    /// The methods that this path has routes for.
    pub(crate) fn allowed(&self, segments: &[&str]) -> Vec<&Method> {
        let methods = self.methods.iter().map(|(method, _)| method);
        methods
            .filter(|method| self.find(method, &mut segments.to_vec()).is_some())
            .collect()
    }
}

impl Node {
    fn literal(&mut self, text: &str) -> &mut Self {
        let at = self.literals.iter().position(|(known, _)| **known == *text).unwrap_or_else(|| {
            self.literals.push((text.into(), Self::default()));
            self.literals.len() - 1
        });
        &mut self.literals[at].1
    }

    fn find(&self, segments: &[&str], verb: Option<&str>) -> Option<usize> {
        let leaf = |leaves: &[Leaf]| leaves.iter().find(|leaf| leaf.verb.as_deref() == verb).map(|leaf| leaf.route);
        let Some((first, below)) = segments.split_first() else {
            return leaf(&self.here).or_else(|| leaf(&self.rest));
        };
        let literal = self.literals.iter().find(|(text, _)| **text == **first);
        literal
            .and_then(|(_, node)| node.find(below, verb))
            .or_else(|| self.any.as_ref().filter(|_| !first.is_empty())?.find(below, verb))
            .or_else(|| leaf(&self.rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(routes: &[&str], path: &str) -> Option<usize> {
        let mut tree = Tree::default();
        for (at, route) in routes.iter().enumerate() {
            tree.insert(&Method::GET, &Template::parse(route).unwrap(), at);
        }
        let mut segments: Vec<_> = path.split('/').skip(1).collect();
        tree.find(&Method::GET, &mut segments)
    }

    #[test]
    fn a_path_finds_its_route() {
        let routes = [
            "/v1/{a}/x",
            "/v1/b/{c}/d",
            "/v1/files/{path=**}",
            "/v1/things/{id}",
            "/v1/things/{id}:stop",
            "/v1/things:count",
        ];
        assert_eq!(find(&routes, "/v1/b/x"), Some(0), "a literal that leads nowhere is left again");
        assert_eq!(find(&routes, "/v1/b/x/d"), Some(1));
        assert_eq!(find(&routes, "/v1/files"), Some(2));
        assert_eq!(find(&routes, "/v1/files/a/b/c"), Some(2));
        assert_eq!(find(&routes, "/v1/things/7"), Some(3));
        assert_eq!(find(&routes, "/v1/things/7:stop"), Some(4));
        assert_eq!(find(&routes, "/v1/things/7:other"), Some(3), "a colon may stand in a value");
        assert_eq!(find(&routes, "/v1/things:count"), Some(5));
        for nothing in ["/", "/v1", "/v1/things", "/v1/things/", "/v1/things/7/", "/v1//x", "/v2/things/7"] {
            assert_eq!(find(&routes, nothing), None, "{nothing}");
        }
    }
}
