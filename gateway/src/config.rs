//! The gateway's settings.

use serde::Deserialize;

/// The section `gateway` of the configuration. Every setting has a default that is sane for production.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The largest body of an ordinary request.
    pub body_bytes: usize,
    /// The largest upload.
    pub upload_bytes: usize,
    /// Connections that clients may have open at once, as far as the process may have so many
    /// files open; 0 is as many as that. One too many is told 503 and closed.
    pub connections: usize,
    /// How many of them one address may have; 0 is without limit, and so are those
    /// that come through `trusted_proxies`, which stand for many clients.
    pub connections_per_address: u32,
    /// How long a client may take to send the head of a request that it has begun, or to send the first bytes of a connection.
    pub head_ms: u64,
    /// How long nothing may go on on a connection between requests before it is closed; in HTTP/2 that is noticed within twice that time.
    ///
    /// In HTTP/1.1 a request that is sent while we close is lost, and a proxy answers 502 for us. So this must be
    /// longer than any proxy in front keeps an idle connection: nginx and AWS's load balancers do for 60 s,
    /// Traefik for 90 s. Google's do for 600 s and need more than that here.
    pub idle_ms: u64,
    /// The time a request has; a client may ask for less with `Request-Timeout`.
    pub deadline_ms: u64,
    /// The time an upload has.
    pub upload_deadline_ms: u64,
    /// How long a stream may keep its status back while it waits for its first message.
    pub first_message_ms: u64,
    /// How long a stream may be silent before a heartbeat.
    pub heartbeat_ms: u64,
    /// Requests of one account; 0 is without limit.
    pub requests_per_second_per_principal: u32,
    /// Requests from one address, of which those that take much of our time
    /// count as many (`tradewind.access.v1.Rule.cost`); 0 is without limit.
    pub requests_per_second_per_address: u32,
    /// Streams that one account may have open at once; 0 is without limit.
    pub streams_per_principal: u32,
    /// How long the client of a stream may take nothing of it before it is let go.
    pub stalled_ms: u64,
    /// Proxies in front of the gateway whose `X-Forwarded-For` is believed: the client's address is the one that the outermost of them saw.
    pub trusted_proxies: usize,
    /// Web origins that may call (CORS), separated by commas, or `*`. Only
    /// bearer tokens authenticate, never cookies, so that any origin is safe.
    pub origins: String,
    /// Threads that serve requests; 0 serves them where [`crate::Gateway::serve`] is called.
    pub threads: usize,
    /// HTTP/2 connections of each thread to each service.
    pub connections_per_service: usize,
    /// Streams that one HTTP/2 client may have open at once.
    pub concurrent_streams: u32,
    /// How long requests under way may still take once the process is told to end.
    pub drain_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            upload_bytes: 64 << 20,
            connections: 10_000,
            connections_per_address: 2_000,
            head_ms: 10_000,
            idle_ms: 100_000,
            deadline_ms: 15_000,
            upload_deadline_ms: 300_000,
            first_message_ms: 100,
            heartbeat_ms: 15_000,
            requests_per_second_per_principal: 500,
            requests_per_second_per_address: 1_000,
            streams_per_principal: 32,
            stalled_ms: 30_000,
            trusted_proxies: 0,
            origins: "*".to_owned(),
            threads: std::thread::available_parallelism().map_or(1, usize::from).min(4),
            connections_per_service: 1,
            concurrent_streams: 256,
            drain_ms: 10_000,
        }
    }
}

impl Config {
    /// Whether a gateway can do with it; otherwise the first setting that is wrong, and why.
    pub(crate) fn check(&self) -> Result<(), String> {
        let whole = |number: usize| number as u64;
        for (name, number) in [
            ("body_bytes", whole(self.body_bytes)),
            ("upload_bytes", whole(self.upload_bytes)),
            ("head_ms", self.head_ms),
            ("idle_ms", self.idle_ms),
            ("deadline_ms", self.deadline_ms),
            ("upload_deadline_ms", self.upload_deadline_ms),
            ("heartbeat_ms", self.heartbeat_ms),
            ("stalled_ms", self.stalled_ms),
            ("concurrent_streams", self.concurrent_streams.into()),
        ] {
            if number == 0 {
                return Err(format!("{name} must be greater than zero"));
            }
        }
        match self.origins.split(',').map(str::trim).find(|origin| !is_origin(origin)) {
            Some(origin) => Err(format!(
                "origins: {origin:?} is neither * nor an origin such as https://shop.example"
            )),
            None => Ok(()),
        }
    }
}

/// Whether a browser could send this as its page's origin (RFC 6454, section 6.2), or any is meant. Nothing at all lets no page in.
fn is_origin(text: &str) -> bool {
    let host = text.split_once("://").map(|(_, host)| host);
    ["", "*"].contains(&text) || host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '?', '#', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_named() {
        Config::default().check().unwrap();
        let late = Config {
            head_ms: 0,
            ..Config::default()
        };
        assert_eq!(late.check(), Err("head_ms must be greater than zero".to_owned()));
        let origins = |origins: &str| {
            let config = Config {
                origins: origins.to_owned(),
                ..Config::default()
            };
            config.check()
        };
        for right in ["", "*", "https://shop.example", "http://localhost:3000, https://shop.example:8443"] {
            assert_eq!(origins(right), Ok(()), "{right}");
        }
        for wrong in [
            "shop.example",
            "https://shop.example/",
            "https://a.example https://b.example",
            "https://",
        ] {
            assert!(origins(wrong).unwrap_err().starts_with("origins: "), "{wrong}");
        }
    }
}
