//! Where NATS is, and who we are to it.

use std::time::Duration;

use async_nats::{Client, ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

use crate::Error;

/// The servers of one cluster.
pub(crate) struct Servers {
    addresses: Vec<ServerAddr>,
    options: ConnectOptions,
}

impl Servers {
    /// URLs, separated by commas. The first that names a user, a user and a password, or just a token, signs us in everywhere.
    pub(crate) fn parse(urls: &str) -> Result<Self, Error> {
        let parse = |url: &str| {
            let address = url.trim().parse::<ServerAddr>();
            let address = address.map_err(|error| Error::Address(error.to_string()))?;
            if address.host().is_empty() {
                return Err(Error::Address("there is no host".to_owned()));
            }
            Ok(address)
        };
        let addresses: Vec<ServerAddr> = urls.split(',').map(parse).collect::<Result<_, _>>()?;
        let mut options = ConnectOptions::new().ping_interval(Duration::from_secs(10));
        let signs_in = addresses.iter().find_map(|address| Some((address.username()?, address.password())));
        options = match signs_in.map(|(name, password)| (decoded(name), password.map(decoded))) {
            Some((user, Some(password))) => options.user_and_password(user, password),
            Some((token, None)) => options.token(token),
            None => options,
        };
        Ok(Self { addresses, options })
    }

    pub(crate) async fn connect(&self) -> Result<Client, Error> {
        let connecting = self.options.clone().connect(self.addresses.as_slice());
        connecting
            .await
            .map_err(|error| Error::Connect(self.to_string(), error.to_string()))
    }
}

/// Hosts and ports, without what signs us in.
impl std::fmt::Display for Servers {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let places: Vec<String> = self
            .addresses
            .iter()
            .map(|address| format!("{}:{}", address.host(), address.port()))
            .collect();
        out.write_str(&places.join(", "))
    }
}

fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}
