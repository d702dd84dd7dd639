//! Path templates as google.api.http writes them: `/v1/{name=stores/*/products/*}:publish`.

/// What a path must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
    /// What stands behind the colon.
    pub(crate) verb: Option<String>,
    pub(crate) variables: Vec<Variable>,
}

/// What stands between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    /// `*`: one segment.
    Any,
    /// `**`: all that is left, even nothing. Always the last.
    Rest,
}

/// Segments whose text goes into a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// The field's path, such as `product.id`.
    pub(crate) field: String,
    /// Its first segment.
    pub(crate) from: usize,
    /// The segment behind its last; nothing when it goes on to the end.
    pub(crate) to: Option<usize>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut template = Self {
            segments: Vec::new(),
            verb: None,
            variables: Vec::new(),
        };
        let rest = text.strip_prefix('/').ok_or("a path begins with a slash")?;
        let rest = template.read_segments(rest, true)?;
        if let Some(verb) = rest.strip_prefix(':') {
            template.verb = Some(literal(verb)?.to_owned());
        } else if !rest.is_empty() {
            return Err("there is something behind the last segment");
        }
        match template.segments.iter().position(|segment| *segment == Segment::Rest) {
            Some(at) if at + 1 < template.segments.len() => Err("** is not the last segment"),
            _ => Ok(template),
        }
    }

    /// Reads segments until something else comes, and answers with that.
    fn read_segments<'t>(&mut self, mut rest: &'t str, variables: bool) -> Result<&'t str, &'static str> {
        loop {
            rest = match rest.strip_prefix('{') {
                Some(inner) if variables => self.read_variable(inner)?,
                Some(_) => return Err("a variable stands in a variable"),
                None => {
                    let end = rest.find(['/', ':', '{', '}']).unwrap_or(rest.len());
                    let (segment, rest) = rest.split_at(end);
                    self.segments.push(match segment {
                        "*" => Segment::Any,
                        "**" => Segment::Rest,
                        text => Segment::Literal(literal(text)?.to_owned()),
                    });
                    rest
                }
            };
            match rest.strip_prefix('/') {
                Some(next) => rest = next,
                None => return Ok(rest),
            }
        }
    }

    fn read_variable<'t>(&mut self, text: &'t str) -> Result<&'t str, &'static str> {
        let end = text.find(['=', '}']).ok_or("a variable has no end")?;
        let (field, rest) = text.split_at(end);
        if field
            .split('.')
            .any(|name| name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        {
            return Err("a variable has no field path");
        }
        let from = self.segments.len();
        let rest = match rest.strip_prefix('=') {
            Some(segments) => self.read_segments(segments, false)?,
            None => {
                self.segments.push(Segment::Any);
                rest
            }
        };
        let to = (self.segments.last() != Some(&Segment::Rest)).then_some(self.segments.len());
        self.variables.push(Variable {
            field: field.to_owned(),
            from,
            to,
        });
        rest.strip_prefix('}').ok_or("a variable has no end")
    }

    /// Whether some path fits both. A verb sets paths apart: what ends in `:verb` belongs to the route that names it.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.verb == other.verb && overlap(&self.segments, &other.segments)
    }

    /// The template as OpenAPI writes it, which knows no variables of several segments: `{name=stores/*/products/*}` becomes
    /// `stores/{storesId}/products/{productsId}`.
    pub(crate) fn openapi(&self) -> String {
        let mut path = String::new();
        for (at, segment) in self.segments.iter().enumerate() {
            path.push('/');
            match segment {
                Segment::Literal(text) => path.push_str(text),
                Segment::Any | Segment::Rest => path.push_str(&format!("{{{}}}", self.parameter(at))),
            }
        }
        if let Some(verb) = &self.verb {
            path.push(':');
            path.push_str(verb);
        }
        path
    }

    /// The parameters of [`Template::openapi`], each with the field that it is, if it is one alone.
    pub(crate) fn parameters(&self) -> Vec<(String, Option<&str>)> {
        let free = self
            .segments
            .iter()
            .enumerate()
            .filter(|(_, segment)| !matches!(segment, Segment::Literal(_)));
        let named = free.map(|(at, _)| {
            let name = self.parameter(at);
            let field = self
                .variable(at)
                .map(|variable| variable.field.as_str())
                .filter(|field| *field == name);
            (name, field)
        });
        named.collect()
    }

    fn parameter(&self, at: usize) -> String {
        match (self.variable(at), at.checked_sub(1).and_then(|before| self.segments.get(before))) {
            (Some(variable), Some(Segment::Literal(collection))) if variable.from < at => format!("{collection}Id"),
            (Some(variable), _) => variable.field.clone(),
            (None, _) => format!("segment{at}"),
        }
    }

    fn variable(&self, at: usize) -> Option<&Variable> {
        self.variables
            .iter()
            .find(|variable| variable.from <= at && variable.to.is_none_or(|to| at < to))
    }
}

fn literal(text: &str) -> Result<&str, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$&'()+,;=@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(allowed) {
        Ok(text)
    } else {
        Err("a segment is no text, * or **")
    }
}

fn overlap(one: &[Segment], other: &[Segment]) -> bool {
    match (one.split_first(), other.split_first()) {
        (None, None) => true,
        (Some((Segment::Rest, _)), _) | (_, Some((Segment::Rest, _))) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some((Segment::Literal(one), _)), Some((Segment::Literal(other), _))) if one != other => false,
        (Some((_, one)), Some((_, other))) => overlap(one, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    #[test]
    fn the_whole_grammar_is_read() {
        let template = parse("/v1/{product.name=stores/*/products/**}:publish");
        let literal = |text: &str| Segment::Literal(text.to_owned());
        assert_eq!(
            template.segments,
            [literal("v1"), literal("stores"), Segment::Any, literal("products"), Segment::Rest]
        );
        assert_eq!(template.verb.as_deref(), Some("publish"));
        assert_eq!(
            template.variables,
            [Variable {
                field: "product.name".to_owned(),
                from: 1,
                to: None
            }]
        );
        assert_eq!(
            parse("/v1/{a}/*/{b=x/*}").variables[1],
            Variable {
                field: "b".to_owned(),
                from: 3,
                to: Some(5)
            }
        );
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for bad in [
            "",
            "v1",
            "/",
            "/v1//a",
            "/v1/{",
            "/v1/{a",
            "/v1/{}",
            "/v1/{a=}",
            "/v1/{a={b}}",
            "/v1/**/a",
            "/v1/a:",
            "/v1/a}b",
            "/v1/{a}b",
            "/v1/{a..b}",
        ] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn templates_overlap_when_one_path_fits_both() {
        for (one, other) in [
            ("/v1/{a}", "/v1/x"),
            ("/v1/{a}/x", "/v1/y/{b}"),
            ("/v1/{a=**}", "/v1/x/y"),
            ("/v1/{a=**}", "/v1"),
            ("/a/{x}:go", "/a/{y}:go"),
        ] {
            assert!(
                parse(one).overlaps(&parse(other)) && parse(other).overlaps(&parse(one)),
                "{one} {other}"
            );
        }
        for (one, other) in [
            ("/v1/{a}", "/v1/x:go"),
            ("/v1/{a}", "/v1/x/y"),
            ("/v1/x/{a}", "/v1/y/{a}"),
            ("/v1/{a}:stop", "/v1/{a}:go"),
        ] {
            assert!(!parse(one).overlaps(&parse(other)), "{one} {other}");
        }
    }

    #[test]
    fn openapi_names_every_variable() {
        assert_eq!(
            parse("/v1/{name=stores/*}/products/{id}:publish").openapi(),
            "/v1/stores/{storesId}/products/{id}:publish"
        );
        assert_eq!(parse("/v1/*/x/{rest=**}").openapi(), "/v1/{segment1}/x/{rest}");
    }
}
