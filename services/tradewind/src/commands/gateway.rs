//! Which gateway: the option of every command that speaks to one.

use clap::Args;
use reqwest::Url;

use crate::client::Client;

/// Where it is.
#[derive(Args)]
pub(super) struct Gateway {
    /// The gateway's URL.
    #[arg(long, global = true, env = "TRADEWIND_GATEWAY", default_value = "http://127.0.0.1:8080", value_parser = url)]
    gateway: String,
}

impl Gateway {
    /// A client of it, with nobody signed in.
    pub(super) fn client(&self) -> Client {
        Client::new(&self.gateway)
    }

    /// Its URL, without a slash at the end: paths begin with one.
    pub(super) fn url(&self) -> &str {
        &self.gateway
    }
}

fn url(text: &str) -> Result<String, String> {
    let known = Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
    if known {
        Ok(text.trim().trim_end_matches('/').to_owned())
    } else {
        Err("it is not a URL such as http://127.0.0.1:8080".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_named_by_a_url_to_which_paths_can_be_added() {
        for right in ["http://127.0.0.1:8080", "https://api.example.com/", "http://[::1]:80/trade/"] {
            assert_eq!(url(right).unwrap(), right.trim_end_matches('/'));
        }
        for wrong in ["", "notaurl", "127.0.0.1:8080", "localhost:8080", "ftp://example.com", "http://"] {
            assert!(url(wrong).unwrap_err().contains("such as http://"), "{wrong}");
        }
    }
}
