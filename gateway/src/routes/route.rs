//! One route: an HTTP method and path, the RPC behind it, and which part of the request goes into which field.

use std::sync::Arc;

use http::{Method, uri::PathAndQuery};
use prost_reflect::MethodDescriptor;
use runtime::auth::Access;

use super::{
    rule::{self, Rule},
    template::Template,
};
use crate::codec::{Field, Kind, Message, MessageId, Plans, Shape, Special, camel};

/// Everything that serving a request needs to know, found out before the first one comes.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) template: Template,
    pub(crate) rpc: MethodDescriptor,
    /// `/tradewind.order.v1.OrderService/GetOrder`
    pub(crate) rpc_path: PathAndQuery,
    /// The service that answers, such as `order`, unless the path names it.
    pub(crate) domain: Box<str>,
    /// The segment of the path that names the service which answers.
    pub(crate) named_by: Option<usize>,
    pub(crate) access: Access,
    /// How many requests one call counts as.
    pub(crate) cost: u32,
    pub(crate) request: MessageId,
    pub(crate) response: MessageId,
    pub(crate) body: Body,
    pub(crate) input: Input,
    pub(crate) output: Output,
    /// The field of the response that is the whole answer, if not all of it is.
    pub(crate) response_body: Option<Arc<Field>>,
    pub(crate) variables: Vec<Bound>,
    /// What has a place of its own in a request and therefore none in a body or a query.
    pub(crate) given: Vec<Given>,
    pub(crate) roles: Roles,
}

/// Where the body goes.
#[derive(Debug)]
pub(crate) enum Body {
    None,
    Whole,
    Field(Arc<Field>),
}

/// What the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Json,
    /// Any bytes, as a google.api.HttpBody.
    Raw,
    /// Any number of bytes, as a stream of them.
    Upload,
}

/// What the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Json,
    Raw,
    /// A stream of messages.
    Events,
    /// A stream of google.api.HttpBody.
    Download,
}

/// A variable of the path and the field that it goes into.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) fields: Vec<Arc<Field>>,
    pub(crate) from: usize,
    pub(crate) to: Option<usize>,
}

/// A field that the path or a header gives.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) fields: Vec<Arc<Field>>,
    /// Such as `is given by the path`.
    pub(crate) description: &'static str,
}

/// The fields that have a meaning in HTTP.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    /// `request_id` (AIP-155): the Idempotency-Key.
    pub(crate) request_id: Option<Arc<Field>>,
    /// `etag` (AIP-154) of the request or of the resource in its body: If-Match.
    pub(crate) etag: Vec<Arc<Field>>,
    /// `update_mask` (AIP-134).
    pub(crate) update_mask: Option<Arc<Field>>,
    /// `page_size` (AIP-158).
    pub(crate) page_size: Option<Arc<Field>>,
    /// `after_sequence`: Last-Event-ID.
    pub(crate) resume: Option<Arc<Field>>,
    /// The response's `etag`: the ETag.
    pub(crate) response_etag: Option<Arc<Field>>,
    /// The response's `sequence` or `id`: the id of a server-sent event.
    pub(crate) event_id: Option<Arc<Field>>,
}

/// The header that a client knows the `request_id` by.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The header that a client knows the `etag` of a change by.
pub(crate) const IF_MATCH: &str = "If-Match";

const RAW_BODY: &str = "google.api.HttpBody";

impl Route {
    /// The route of one rule of an RPC.
    ///
    /// # Errors
    /// What about the rule makes no sense.
    pub(crate) fn new(plans: &Plans, rpc: MethodDescriptor, rule: &Rule, access: Access) -> Result<Self, String> {
        if rpc.is_client_streaming() && rpc.is_server_streaming() {
            return Err("streams in both directions are not served".to_owned());
        }
        let template = Template::parse(&rule.path)?;
        let id = |name: &str| plans.find(name).ok_or_else(|| format!("{name} is unknown"));
        let (request_id, response_id) = (id(rpc.input().full_name())?, id(rpc.output().full_name())?);
        let (request, response) = (plans.message(request_id), plans.message(response_id));
        let body = match rule.body.as_str() {
            "" => Body::None,
            "*" => Body::Whole,
            name => Body::Field(field(request, name)?),
        };
        let response_body = Some(rule.response_body.as_str())
            .filter(|name| !name.is_empty())
            .map(|name| field(response, name))
            .transpose()?;
        let named_by = rule::upstream(&rpc).map(|field| naming(&template, &field)).transpose()?;
        let variables = template.variables.iter().map(|variable| {
            Ok(Bound {
                fields: scalar_path(plans, request, &variable.field)?,
                from: variable.from,
                to: variable.to,
            })
        });
        let variables: Vec<Bound> = variables.collect::<Result<_, String>>()?;
        let roles = Roles::of(plans, request, response, &body);
        Ok(Self {
            given: given(&variables, &roles, rule.method == Method::GET),
            variables,
            input: input(plans, request, &body, rpc.is_client_streaming())?,
            output: output(plans, response, response_body.as_deref(), rpc.is_server_streaming()),
            roles,
            domain: domain(rpc.parent_service().package_name()).into(),
            named_by,
            rpc_path: proto::path(&rpc).parse().map_err(|_| "its name is no path")?,
            method: rule.method.clone(),
            cost: rule::cost(&rpc),
            request: request_id,
            response: response_id,
            template,
            rpc,
            access,
            body,
            response_body,
        })
    }

    /// A field's path as the client knows it, who sees the resource in the body and not the request around it, and headers for some fields.
    pub(crate) fn seen_by_client(&self, mut field: String) -> String {
        let is = |path: &[Arc<Field>]| !path.is_empty() && field.split('.').eq(path.iter().map(|part| &*part.json));
        if is(self.roles.request_id.as_slice()) {
            return IDEMPOTENCY_KEY.to_owned();
        }
        if is(&self.roles.etag) && !self.is_safe() {
            return IF_MATCH.to_owned();
        }
        if let Body::Field(body) = &self.body
            && let Some(rest) = field.strip_prefix(&*body.json)
            && rest.starts_with('.')
        {
            field.drain(..=body.json.len());
        }
        field
    }

    /// What the client calls a field that the service names. The service alone knows the fields of a body that only it reads.
    pub(crate) fn told_by_service(&self, field: &str) -> String {
        match self.input {
            Input::Json => self.seen_by_client(camel(field)),
            Input::Raw | Input::Upload => field.to_owned(),
        }
    }

    /// Why a field has no place in a body or a query; nothing if it has one.
    pub(crate) fn given_elsewhere(&self, path: &[Arc<Field>]) -> Option<&'static str> {
        let same = |given: &&Given| {
            given.fields.len() == path.len() && std::iter::zip(&given.fields, path).all(|(one, other)| one.number == other.number)
        };
        self.given.iter().find(same).map(|given| given.description)
    }

    /// Whether a request that changes nothing comes this way.
    pub(crate) fn is_safe(&self) -> bool {
        self.method == Method::GET
    }
}

impl Roles {
    fn of(plans: &Plans, request: &Message, response: &Message, body: &Body) -> Self {
        let text = |message: &Message, name: &str| message.single(name).filter(|field| field.kind == Kind::String).cloned();
        let resource = match body {
            Body::Field(field) => plans
                .message_of(field)
                .and_then(|inner| Some(vec![Arc::clone(field), text(inner, "etag")?])),
            Body::None | Body::Whole => None,
        };
        let mask = request
            .single("update_mask")
            .filter(|field| plans.message_of(field).is_some_and(|inner| inner.special == Special::FieldMask));
        Self {
            request_id: text(request, "request_id"),
            etag: text(request, "etag").map(|field| vec![field]).or(resource).unwrap_or_default(),
            update_mask: mask.cloned(),
            page_size: request.single("page_size").filter(|field| field.kind == Kind::Int32).cloned(),
            resume: request
                .single("after_sequence")
                .filter(|field| !matches!(field.kind, Kind::Message(_)))
                .cloned(),
            response_etag: text(response, "etag"),
            event_id: ["sequence", "id"]
                .into_iter()
                .filter_map(|name| response.single(name))
                .find(|field| matches!(field.kind, Kind::String | Kind::Int64 | Kind::Uint64 | Kind::Int32 | Kind::Uint32))
                .cloned(),
        }
    }
}

fn given(variables: &[Bound], roles: &Roles, safe: bool) -> Vec<Given> {
    let by = |description| {
        move |fields: &[Arc<Field>]| Given {
            fields: fields.to_vec(),
            description,
        }
    };
    let of_path = variables.iter().map(|bound| &*bound.fields).map(by("is given by the path"));
    let key = roles.request_id.as_slice();
    let key = Some(key)
        .filter(|key| !key.is_empty())
        .map(by("is given by the Idempotency-Key header"));
    // That of a resource comes along with what was read, and is ignored like all that only the service sets.
    let etag = Some(&*roles.etag).filter(|etag| etag.len() == 1 && !safe);
    of_path.chain(key).chain(etag.map(by("is given by the If-Match header"))).collect()
}

/// `order` of `tradewind.order.v1`: the last name that is no version.
fn domain(package: &str) -> &str {
    let version = |name: &str| {
        name.strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    package.rsplit('.').find(|name| !version(name)).unwrap_or(package)
}

/// The segment that goes into this field as a whole.
fn naming(template: &Template, field: &str) -> Result<usize, String> {
    let variable = template.variables.iter().find(|variable| variable.field == field);
    match variable {
        Some(variable) if variable.to == Some(variable.from + 1) => Ok(variable.from),
        _ => Err(format!(
            "{field} names the service that answers, so it must be one segment of the path"
        )),
    }
}

fn field(message: &Message, name: &str) -> Result<Arc<Field>, String> {
    let found = message.fields.iter().find(|field| *field.name == *name);
    found.cloned().ok_or_else(|| format!("{} has no field {name}", message.name))
}

/// The fields along a dotted path, whose last one can be written as a text.
fn scalar_path(plans: &Plans, request: &Message, path: &str) -> Result<Vec<Arc<Field>>, String> {
    let mut message = Some(request);
    let mut fields = Vec::new();
    for name in path.split('.') {
        let found = field(message.ok_or_else(|| format!("{path} leads through what is no message"))?, name)?;
        if found.shape != Shape::One {
            return Err(format!("{path} leads through a list"));
        }
        message = plans.message_of(&found);
        fields.push(found);
    }
    match message.map(|message| message.special) {
        None | Some(Special::Wrapper) => Ok(fields),
        Some(_) => Err(format!("{path} is no single value")),
    }
}

fn input(plans: &Plans, request: &Message, body: &Body, streaming: bool) -> Result<Input, String> {
    let raw = match body {
        Body::None => false,
        Body::Whole => *request.name == *RAW_BODY,
        Body::Field(field) => field.shape == Shape::One && plans.message_of(field).is_some_and(|message| *message.name == *RAW_BODY),
    };
    match (raw, streaming) {
        (false, false) => Ok(Input::Json),
        (true, false) => Ok(Input::Raw),
        (true, true) => Ok(Input::Upload),
        (false, true) => Err("a stream of requests is served for google.api.HttpBody only".to_owned()),
    }
}

fn output(plans: &Plans, response: &Message, response_body: Option<&Field>, streaming: bool) -> Output {
    let answer = response_body.map_or(Some(response), |field| plans.message_of(field));
    let raw = answer.is_some_and(|message| *message.name == *RAW_BODY);
    match (raw, streaming) {
        (false, false) => Output::Json,
        (true, false) => Output::Raw,
        (false, true) => Output::Events,
        (true, true) => Output::Download,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_names_its_service() {
        assert_eq!(domain("tradewind.order.v1"), "order");
        assert_eq!(domain("tradewind.order.v1beta1"), "order");
        assert_eq!(domain("trial"), "trial");
    }
}
