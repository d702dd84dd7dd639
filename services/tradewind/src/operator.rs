//! What an operator asks of a running ecosystem, through the public door:
//! which services there are, how each fares, its dead letters, its audits.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::{Client, Error, text};

/// An operator at work on one ecosystem.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    client: Client,
}

impl Operator {
    /// Whoever holds the client's token; it must be an operator's.
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Signs an operator in.
    ///
    /// # Errors
    /// What the gateway says.
    pub(crate) async fn sign_in(gateway: &Client, email: &str, password: &str) -> Result<Self, Error> {
        let tokens = gateway
            .post("/v1/sessions", "", json!({ "email": email, "password": password }))
            .await?;
        Ok(Self::new(gateway.with_token(text(&tokens, "accessToken"))))
    }

    /// The services behind the gateway, and how each is: `serving`, `unwell` or `down`.
    ///
    /// # Errors
    /// A gateway that does not answer.
    pub(crate) async fn services(&self) -> Result<Vec<(String, String)>> {
        let readiness = self.client.readiness().await?;
        let upstreams = readiness["upstreams"]
            .as_object()
            .context("the gateway does not say what is behind it")?;
        Ok(upstreams
            .iter()
            .map(|(name, state)| (name.clone(), state.as_str().unwrap_or_default().to_owned()))
            .collect())
    }

    /// The names of the services behind the gateway.
    ///
    /// # Errors
    /// A gateway that does not answer.
    pub(crate) async fn names(&self) -> Result<Vec<String>> {
        Ok(self.services().await?.into_iter().map(|(name, _)| name).collect())
    }

    /// How a service fares.
    ///
    /// # Errors
    /// What the gateway says.
    pub(crate) async fn status(&self, service: &str) -> Result<Value, Error> {
        self.client.get(&format!("/v1/operations/{service}/status")).await
    }

    /// One page of an audit.
    ///
    /// # Errors
    /// What the gateway says.
    pub(crate) async fn audit(&self, service: &str, audit: &str, token: &str, known_seal: &str) -> Result<Value, Error> {
        let path = format!("/v1/operations/{service}/audits/{audit}?pageToken={token}&knownSeal={known_seal}");
        self.client.get(&path).await
    }

    /// Everything in a service's list, page by page: `deadLetters` or `purgedLetters`.
    ///
    /// # Errors
    /// What the gateway says.
    pub(crate) async fn letters(&self, service: &str, list: &str, query: &str) -> Result<Vec<Value>, Error> {
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        self.client.list(&format!("/v1/operations/{service}/{list}{query}"), list).await
    }

    /// Tries a service's dead letters again, once: all, those of a consumer, or the queue of one event. Empty texts mean all.
    ///
    /// # Errors
    /// What the gateway says.
    pub(crate) async fn redrive(&self, service: &str, consumer: &str, event: &str) -> Result<Value, Error> {
        let path = format!("/v1/operations/{service}/deadLetters:redrive");
        self.client.post(&path, "", json!({ "consumer": consumer, "eventId": event })).await
    }

    /// Gives a dead letter up.
    ///
    /// # Errors
    /// What the gateway says.
    pub(crate) async fn purge(&self, service: &str, consumer: &str, event: &str, reason: &str) -> Result<Value, Error> {
        let path = format!("/v1/operations/{service}/deadLetters/{event}:purge");
        let body = json!({ "consumer": consumer, "reason": reason });
        self.client.post(&path, &format!("purge {event}"), body).await
    }

    /// Publishes a service's events since a time (RFC 3339) again.
    ///
    /// # Errors
    /// What the gateway says.
    pub(crate) async fn republish(&self, service: &str, since: &str) -> Result<Value, Error> {
        let path = format!("/v1/operations/{service}/events:republish");
        self.client.post(&path, "", json!({ "since": since })).await
    }
}
