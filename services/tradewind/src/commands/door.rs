//! How an operator gets in: the gateway and the sign-in that every command for operators takes.

use anyhow::{Context, Result};
use clap::Args;

use super::gateway::Gateway;
use crate::{client::PASSWORD, operator::Operator, seed};

/// An operator's way in.
#[derive(Args)]
pub(super) struct Door {
    #[command(flatten)]
    gateway: Gateway,
    /// An operator's access token; without one, e-mail address and password sign in.
    #[arg(long, global = true, env = "TRADEWIND_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// An operator's e-mail address.
    #[arg(long, global = true, env = "TRADEWIND_EMAIL", default_value = seed::OPERATOR)]
    email: String,
    /// The operator's password; the demo market's when none is given. Better told by the environment than on a command line.
    #[arg(long, global = true, env = "TRADEWIND_PASSWORD", hide_env_values = true, hide_default_value = true, default_value = PASSWORD)]
    password: String,
}

impl Door {
    /// Goes in, and does something there.
    ///
    /// # Errors
    /// A gateway that refuses the operator, and whatever else goes wrong.
    pub(super) fn enter<T>(&self, work: impl AsyncFnOnce(Operator) -> Result<T>) -> Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let client = self.gateway.client();
            let operator = match &self.token {
                Some(token) => Operator::new(client.with_token(token)),
                None => Operator::sign_in(&client, &self.email, &self.password)
                    .await
                    .with_context(|| format!("signing {} in", self.email))?,
            };
            work(operator).await
        })
    }
}
