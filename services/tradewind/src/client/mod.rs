//! A client of the public API: JSON over HTTP, problems as errors, and every write under an idempotency key.

mod carrier;
mod events;
mod exchange;
mod person;
mod problem;

use std::time::Duration;

use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use tokio::time::{Instant, sleep};

pub use self::{
    carrier::{Carrier, Report},
    events::{Event, Events},
    exchange::Exchange,
    person::{PASSWORD, Person},
    problem::{Error, Problem},
};
use self::{
    exchange::Observer,
    problem::{has_broken, passes},
};

/// How long a request that was not answered is usually sent again, under the same key.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest wait before it is sent again; the first is a tenth of a second, and each twice as long as the one before.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// How often [`Client::get_until`] looks.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Speaks to one gateway, for one bearer of a token or for nobody. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    observer: Option<Observer>,
    patience: Duration,
    insistent: bool,
}

/// What is sent, and may be sent again.
struct Request<'a> {
    method: Method,
    path: &'a str,
    headers: HeaderMap,
    body: Option<String>,
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
            observer: None,
            patience: PATIENCE,
            insistent: false,
        }
    }

    /// The same, with so much patience, and for whom something that went wrong on the other side is as good as no answer, and is asked
    /// again: for long work, during which processes may be killed.
    #[must_use]
    pub fn insistent(&self, patience: Duration) -> Self {
        Self {
            patience,
            insistent: true,
            ..self.clone()
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

    /// The same, with somebody who sees every request that was answered, after its last try.
    #[must_use]
    pub fn observed(&self, see: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        Self {
            observer: Some(Observer::new(see)),
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

    /// Reads again and again until the answer is as wanted, or until patience ends: the last answer, the only one that an observer sees.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn get_until(&self, path: &str, patience: Duration, wanted: impl Fn(&Value) -> bool) -> Result<Value, Error> {
        let started = Instant::now();
        loop {
            let exchange = self.exchange(&Request::new(Method::GET, path)).await?;
            let unwanted = outcome(&exchange).is_ok_and(|answer| !wanted(&answer));
            if !unwanted || started.elapsed() > patience {
                return self.told(&exchange);
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Reads a list to its end, page by page: what each page has under this name.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn list(&self, path: &str, name: &str) -> Result<Vec<Value>, Error> {
        let (mut all, mut token) = (Vec::new(), String::new());
        let and = if path.contains('?') { '&' } else { '?' };
        loop {
            let mut page = self.get(&format!("{path}{and}pageSize=100&pageToken={token}")).await?;
            if let Some(some) = page[name].as_array_mut() {
                all.append(some);
            }
            token = text(&page, "nextPageToken");
            if token.is_empty() {
                return Ok(all);
            }
        }
    }

    /// What the gateway says of itself and of the services behind it, whether all of them serve or not.
    ///
    /// # Errors
    /// A gateway that does not answer.
    pub async fn readiness(&self) -> Result<Value, Error> {
        let started = Instant::now();
        loop {
            match self.send_once(&Request::new(Method::GET, "/readyz?all")).await {
                Ok((_, answer)) => return serde_json::from_str(&answer).map_err(|error| Error::Silent(error.to_string())),
                Err(_) if started.elapsed() < self.patience => sleep(LONGEST_WAIT).await,
                Err(silent) => return Err(silent),
            }
        }
    }

    /// Makes sure that somebody answers before long work begins, and says so when it has to wait for that.
    ///
    /// # Errors
    /// A gateway that does not answer.
    pub async fn must_answer(&self) -> Result<(), Error> {
        if self.send_once(&Request::new(Method::GET, "/healthz")).await.is_err() {
            eprintln!("nobody answers at {}; waiting. `make run` starts an ecosystem", self.base);
        }
        self.readiness().await.map(drop)
    }

    /// Writes. Under a key it happens once, whatever the number of tries; without one, which is an empty text, it is tried only once.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, key: &str, body: Value) -> Result<Value, Error> {
        self.send(Method::POST, path, Some(body), key).await
    }

    /// As [`Client::post`], again and again while it is refused for this reason alone, or until patience ends: for what has to be heard of
    /// first. An observer sees the last answer only.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post_when_ready(&self, path: &str, key: &str, body: Value, not_yet: &str, patience: Duration) -> Result<Value, Error> {
        let started = Instant::now();
        let request = Request::new(Method::POST, path).writing(&body, key);
        loop {
            let exchange = self.exchange(&request).await?;
            let early = outcome(&exchange).is_err_and(|refused| refused.reason() == not_yet);
            if !early || started.elapsed() > patience {
                return self.told(&exchange);
            }
            sleep(LOOK_AGAIN).await;
        }
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

    async fn send(&self, method: Method, path: &str, body: Option<Value>, key: &str) -> Result<Value, Error> {
        let request = match body {
            Some(body) => Request::new(method, path).writing(&body, key),
            None => Request::new(method, path),
        };
        self.told(&self.exchange(&request).await?)
    }

    /// A read, or a write under a key, may be sent again when it was not answered, or not now.
    async fn exchange(&self, request: &Request<'_>) -> Result<Exchange, Error> {
        let again = request.method == Method::GET || request.headers.contains_key(IDEMPOTENCY_KEY);
        let (started, mut tries) = (Instant::now(), 0);
        loop {
            tries += 1;
            let outcome = self.send_once(request).await;
            let unheard = match &outcome {
                Ok((status, _)) => passes(*status) || (self.insistent && has_broken(*status)),
                Err(_) => true,
            };
            if unheard && again && started.elapsed() < self.patience {
                sleep(Duration::from_millis(50 << tries.min(10)).min(LONGEST_WAIT)).await;
                continue;
            }
            let (status, answer) = outcome?;
            return Ok(Exchange {
                method: request.method.clone(),
                path: request.path.to_owned(),
                body: request.body.clone(),
                status,
                answer,
            });
        }
    }

    /// Tells the observer what was said, and the caller what was answered.
    fn told(&self, exchange: &Exchange) -> Result<Value, Error> {
        if let Some(observer) = &self.observer {
            observer.see(exchange);
        }
        outcome(exchange)
    }

    async fn send_once(&self, request: &Request<'_>) -> Result<(StatusCode, String), Error> {
        let url = format!("{}{}", self.base, request.path);
        let mut sent = self.http.request(request.method.clone(), url).headers(request.headers.clone());
        if let Some(token) = &self.token {
            sent = sent.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(body) = &request.body {
            sent = sent.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let silent = |error: reqwest::Error| Error::Silent(error.to_string());
        let answer = sent.send().await.map_err(silent)?;
        let status = answer.status();
        Ok((status, answer.text().await.map_err(silent)?))
    }
}

/// What the gateway said, read.
fn outcome(exchange: &Exchange) -> Result<Value, Error> {
    let answer = serde_json::from_str(&exchange.answer).unwrap_or_else(|_| Value::String(exchange.answer.clone()));
    if exchange.status.is_success() {
        Ok(answer)
    } else {
        Err(Error::Problem(Problem::read(exchange.status, &answer)))
    }
}

impl<'a> Request<'a> {
    fn new(method: Method, path: &'a str) -> Self {
        Self {
            method,
            path,
            headers: HeaderMap::new(),
            body: None,
        }
    }

    fn writing(mut self, body: &Value, key: &str) -> Self {
        self.body = Some(body.to_string());
        if !key.is_empty() {
            self.header(IDEMPOTENCY_KEY, key);
        }
        self
    }

    /// Adds a header; what no header may carry is sent as an empty one, which the gateway refuses by name.
    fn header(&mut self, name: HeaderName, value: &str) {
        self.headers.insert(
            name,
            HeaderValue::from_bytes(value.as_bytes()).unwrap_or(HeaderValue::from_static("")),
        );
    }
}

/// An amount as the API writes it.
pub fn money(minor_units: i64, currency: &str) -> Value {
    serde_json::json!({ "minorUnits": minor_units.to_string(), "currency": currency })
}

/// A text field of an answer; empty when it is not there.
pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// A whole number of an answer, 0 when it is not there. Canonical protobuf JSON writes one of 64 bits as a text.
pub fn number(value: &Value, field: &str) -> i64 {
    value[field]
        .as_str()
        .and_then(|text| text.parse().ok())
        .or_else(|| value[field].as_i64())
        .unwrap_or_default()
}
