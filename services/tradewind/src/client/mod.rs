//! A client of the public API: JSON over HTTP, problems as errors, and every write under an idempotency key.

mod person;

use std::{fmt, time::Duration};

use reqwest::{Method, StatusCode};
use serde_json::Value;

pub use self::person::{PASSWORD, Person};

/// How often a request that was not answered is sent again, under the same key.
const TRIES: u32 = 8;

/// What the gateway says instead of an answer (RFC 9457).
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The last part of the problem's type, such as `OUT_OF_STOCK`.
    pub reason: String,
    /// The problem in words, with its violations.
    pub detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}: {}", self.status.as_u16(), self.reason, self.detail)
    }
}

impl std::error::Error for Problem {}

/// Why a request has no answer.
#[derive(Debug)]
pub enum Error {
    /// The gateway refused.
    Problem(Problem),
    /// Nobody answered, however often it was asked.
    Silent(String),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(out),
            Self::Silent(error) => write!(out, "no answer: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// The problem's reason; empty when nobody answered.
    pub fn reason(&self) -> &str {
        match self {
            Self::Problem(problem) => &problem.reason,
            Self::Silent(_) => "",
        }
    }
}

/// Speaks to one gateway, for one bearer of a token or for nobody. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    /// A client of the gateway at this URL, with nobody signed in.
    pub fn new(base: impl Into<String>) -> Self {
        let http = reqwest::Client::builder()
            .tcp_nodelay(true)
            .timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(256)
            .build();
        Self {
            http: http.expect("a client without special settings can be built"),
            base: base.into(),
            token: None,
        }
    }

    /// The same connections, with a bearer of this access token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// The access token that it speaks with.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Reads.
    ///
    /// # Errors
    /// What the gateway answers instead, or that it does not.
    pub async fn get(&self, path: &str) -> Result<Value, Error> {
        self.send(Method::GET, path, None, "").await
    }

    /// What the gateway says of itself and of the services behind it, whether all of them serve or not.
    ///
    /// # Errors
    /// A gateway that does not answer.
    pub async fn readiness(&self) -> Result<Value, Error> {
        let silent = |error: reqwest::Error| Error::Silent(error.to_string());
        let answer = self.http.get(format!("{}/readyz?all", self.base)).send().await.map_err(silent)?;
        answer.json().await.map_err(silent)
    }

    /// Writes, once under this key whatever the number of tries.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, key: &str, body: Value) -> Result<Value, Error> {
        self.send(Method::POST, path, Some(body), key).await
    }

    /// Replaces, as [`Client::post`].
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn put(&self, path: &str, key: &str, body: Value) -> Result<Value, Error> {
        self.send(Method::PUT, path, Some(body), key).await
    }

    /// Changes the fields that the body has, as [`Client::post`].
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn patch(&self, path: &str, key: &str, body: Value) -> Result<Value, Error> {
        self.send(Method::PATCH, path, Some(body), key).await
    }

    /// A read, or a write under a key, may be sent again when it was not answered, or not now.
    async fn send(&self, method: Method, path: &str, body: Option<Value>, key: &str) -> Result<Value, Error> {
        let again = method == Method::GET || !key.is_empty();
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = self.send_once(method.clone(), path, body.as_ref(), key).await;
            let passing = match &outcome {
                Err(Error::Silent(_)) => true,
                Err(Error::Problem(problem)) => {
                    matches!(
                        problem.status,
                        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
                    )
                }
                Ok(_) => false,
            };
            if !passing || !again || tries == TRIES {
                return outcome;
            }
            tokio::time::sleep(Duration::from_millis(50 << tries)).await;
        }
    }

    async fn send_once(&self, method: Method, path: &str, body: Option<&Value>, key: &str) -> Result<Value, Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let silent = |error: reqwest::Error| Error::Silent(error.to_string());
        let answer = request.send().await.map_err(silent)?;
        let status = answer.status();
        let text = answer.text().await.map_err(silent)?;
        let json = || serde_json::from_str(&text).unwrap_or(Value::String(text.clone()));
        if status.is_success() {
            Ok(json())
        } else {
            Err(Error::Problem(problem(status, &json())))
        }
    }
}

fn problem(status: StatusCode, body: &Value) -> Problem {
    let text = |field: &str| body[field].as_str().unwrap_or_default();
    let violations = body["violations"].as_array().into_iter().flatten().map(|violation| {
        format!(
            "{} {}",
            violation["field"].as_str().unwrap_or_default(),
            violation["description"].as_str().unwrap_or_default()
        )
    });
    let violations: Vec<String> = violations.collect();
    let reason = text("type").rsplit('/').next().unwrap_or_default().replace('-', "_").to_uppercase();
    let detail = if violations.is_empty() {
        text("detail").to_owned()
    } else {
        violations.join("; ")
    };
    Problem { status, reason, detail }
}

/// An amount as the API writes it.
pub fn money(minor_units: i64, currency: &str) -> Value {
    serde_json::json!({ "minorUnits": minor_units.to_string(), "currency": currency })
}

/// A text field of an answer; empty when it is not there.
pub fn text(value: &Value, field: &str) -> String {
    person::text(value, field)
}

/// A 64-bit number of an answer, which canonical protobuf JSON writes as a text; 0 when it is not there.
pub fn number(value: &Value, field: &str) -> i64 {
    person::number(value, field)
}
