//! The google.api.http option of an RPC.

use http::Method;
use prost_reflect::{DynamicMessage, MethodDescriptor, Value};

/// One way to call an RPC over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// `*`, the name of a field, or nothing.
    pub(crate) body: String,
    /// The name of a field, or nothing.
    pub(crate) response_body: String,
}

/// All rules of an RPC: its own and its additional bindings. None when it has no such option.
pub(crate) fn rules(rpc: &MethodDescriptor) -> Result<Vec<Rule>, String> {
    let Some(extension) = rpc.parent_pool().get_extension_by_name("google.api.http") else {
        return Ok(Vec::new());
    };
    let options = rpc.options();
    if !options.has_extension(&extension) {
        return Ok(Vec::new());
    }
    match options.get_extension(&extension).as_ref() {
        Value::Message(rule) => {
            let mut rules = vec![read(rule)?];
            for more in rule
                .get_field_by_name("additional_bindings")
                .iter()
                .filter_map(|list| list.as_list())
                .flatten()
            {
                rules.extend(more.as_message().map(read).transpose()?);
            }
            Ok(rules)
        }
        _ => Ok(Vec::new()),
    }
}

/// The field of an RPC's request that names the service which answers, if several services serve it.
pub(super) fn upstream(rpc: &MethodDescriptor) -> Option<String> {
    let extension = rpc.parent_pool().get_extension_by_name("tradewind.access.v1.upstream")?;
    let options = rpc.parent_service().options();
    if !options.has_extension(&extension) {
        return None;
    }
    options.get_extension(&extension).as_str().map(str::to_owned)
}

/// How many requests one call of this RPC counts as.
pub(super) fn cost(rpc: &MethodDescriptor) -> u32 {
    let rule = rpc.parent_pool().get_extension_by_name("tradewind.access.v1.rule");
    let rule = rule.map(|extension| rpc.options().get_extension(&extension).into_owned());
    let cost = rule.and_then(|rule| rule.as_message()?.get_field_by_name("cost")?.as_u32());
    cost.unwrap_or_default().max(1)
}

fn read(rule: &DynamicMessage) -> Result<Rule, String> {
    let text = |message: &DynamicMessage, name: &str| {
        let value = message.get_field_by_name(name);
        value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let custom = rule.get_field_by_name("custom").filter(|_| rule.has_field_by_name("custom"));
    let (method, path) = match custom.as_ref().and_then(|custom| custom.as_message()) {
        Some(custom) => (text(custom, "kind"), text(custom, "path")),
        None => ["get", "put", "post", "delete", "patch"]
            .into_iter()
            .map(|name| (name.to_uppercase(), text(rule, name)))
            .find(|(_, path)| !path.is_empty())
            .ok_or("has no path")?,
    };
    Ok(Rule {
        method: Method::from_bytes(method.as_bytes()).map_err(|_| format!("{method} is no HTTP method"))?,
        path,
        body: text(rule, "body"),
        response_body: text(rule, "response_body"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hashes_a_password_counts_as_many_requests() {
        let service = proto::pool().get_service_by_name("tradewind.identity.v1.SessionService").unwrap();
        let costs = ["SignIn", "SignOut"].map(|name| cost(&service.methods().find(|rpc| rpc.name() == name).unwrap()));
        assert_eq!(costs, [100, 1]);
    }
}
