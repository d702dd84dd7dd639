//! Somebody with an account, and what they do on the market.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Client, Error, number, text};

/// A signed-in person, acting for one organisation.
#[derive(Clone, Debug)]
pub struct Person {
    /// Speaks with this person's token.
    pub client: Client,
    /// The organisation that they act for, "org_…".
    pub organisation: String,
    /// What their session goes on with; used once.
    refresh_token: String,
    /// When the access token came, and how long it lives.
    since: Instant,
    life: Duration,
}

/// The key of what may be asked as often as one likes, so that the client asks again when nobody answers.
const AGAIN: &str = "again";

/// The password of everybody in demo markets and tests.
pub const PASSWORD: &str = "trade winds blow west";

impl Person {
    /// Somebody who has not signed in.
    pub fn nobody(gateway: &Client) -> Self {
        Self {
            client: gateway.clone(),
            organisation: String::new(),
            refresh_token: String::new(),
            since: Instant::now(),
            life: Duration::ZERO,
        }
    }

    /// What the session goes on with.
    pub fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// Registers somebody, unless that was done before, and signs them in for their own organisation.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn join(gateway: &Client, email: &str, name: &str, country: &str) -> Result<Self, Error> {
        let body = json!({ "email": email, "password": PASSWORD, "displayName": name, "country": country });
        match gateway.post("/v1/accounts", &format!("register {email}"), body).await {
            Ok(_) => {}
            // Here or there, perhaps by another name.
            Err(error) if ["EMAIL_TAKEN", "IDEMPOTENCY_KEY_REUSED"].contains(&error.reason()) => {}
            Err(error) => return Err(error),
        }
        Self::sign_in(gateway, email).await
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn sign_in(gateway: &Client, email: &str) -> Result<Self, Error> {
        Self::sign_in_with(gateway, email, PASSWORD).await
    }

    /// Signs somebody in who has a password of their own.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn sign_in_with(gateway: &Client, email: &str, password: &str) -> Result<Self, Error> {
        let tokens = gateway
            .post("/v1/sessions", AGAIN, json!({ "email": email, "password": password }))
            .await?;
        Ok(Self::with(gateway, &tokens))
    }

    /// The same person with newer tokens, asked for once: whether a token was used that
    /// nobody answered to, nobody knows, and to use it twice ends the session.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn refreshed(&self, gateway: &Client) -> Result<Self, Error> {
        let body = json!({ "refreshToken": self.refresh_token });
        let tokens = gateway.post("/v1/sessions:refresh", "", body).await?;
        Ok(Self::with(gateway, &tokens))
    }

    fn with(gateway: &Client, tokens: &Value) -> Self {
        Self {
            client: gateway.with_token(text(tokens, "accessToken")),
            organisation: text(tokens, "organisationId"),
            refresh_token: text(tokens, "refreshToken"),
            since: Instant::now(),
            life: Duration::from_secs(number(tokens, "expiresIn").unsigned_abs()),
        }
    }

    /// Whether the access token has a third of its life to come, at least.
    pub fn is_fresh(&self) -> bool {
        self.since.elapsed() < self.life * 2 / 3
    }

    /// Opens an organisation.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn found(&self, name: &str, country: &str) -> Result<Value, Error> {
        let body = json!({ "name": name, "country": country });
        self.client.post("/v1/organisations", &format!("organisation {name}"), body).await
    }

    /// The same person, acting for another organisation that they are a member of.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn acting_for(&self, organisation: &str) -> Result<Self, Error> {
        let body = json!({ "organisationId": organisation, "refreshToken": self.refresh_token });
        let tokens = self.client.post("/v1/sessions:switch", AGAIN, body).await?;
        Ok(Self::with(&self.client, &tokens))
    }

    /// Opens a store.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn open_store(&self, name: &str, country: &str, currency: &str) -> Result<Value, Error> {
        let body = json!({ "name": name, "country": country, "currency": currency });
        self.client.post("/v1/stores", &format!("store {name}"), body).await
    }

    /// Opens a warehouse that ships everywhere at this base price and price per kilogram; free of charge without them.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn open_warehouse(&self, name: &str, city: &str, country: &str, freight: Option<(Value, Value)>) -> Result<Value, Error> {
        let rates: Vec<Value> = freight
            .into_iter()
            .map(|(base, per_kg)| json!({ "base": base, "perKg": per_kg }))
            .collect();
        let address = json!({ "recipient": name, "lines": ["1 Harbour Road"], "city": city, "country": country });
        let body = json!({ "name": name, "address": address, "freightRates": rates });
        self.client.post("/v1/warehouses", &format!("warehouse {name}"), body).await
    }

    /// Lists a product, published at once.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn list_product(&self, key: &str, product: Value) -> Result<Value, Error> {
        self.client.post("/v1/products", key, product).await
    }

    /// Puts pieces into a warehouse.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn receive_stock(&self, key: &str, warehouse: &str, variant: &str, quantity: i64) -> Result<Value, Error> {
        let body = json!({ "variantId": variant, "quantity": quantity.to_string() });
        self.client
            .post(&format!("/v1/warehouses/{warehouse}/stock:receive"), key, body)
            .await
    }

    /// Tops up the wallet with a sandbox card.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn top_up(&self, key: &str, amount: Value) -> Result<Value, Error> {
        let body = json!({ "amount": amount, "method": { "card": { "token": "tok_visa" } } });
        self.client.post("/v1/wallets:topUp", key, body).await
    }

    /// What the wallet holds, in minor units.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn balance(&self, currency: &str) -> Result<i64, Error> {
        let wallet = self.client.get(&format!("/v1/wallets/{currency}")).await?;
        Ok(number(&wallet["balance"], "minorUnits"))
    }

    /// Checks out goods at catalog prices, which are pairs of variant and quantity, together with what these quotations offer.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn check_out(&self, key: &str, lines: &[(&str, i64)], quotations: &[&str], ship_to: &str) -> Result<Value, Error> {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(variant, quantity)| json!({ "variantId": variant, "quantity": quantity.to_string() }))
            .collect();
        let address = json!({ "recipient": "Receiving", "lines": ["2 Dock Street"], "city": "Port", "country": ship_to });
        let body = json!({ "lines": lines, "quotationIds": quotations, "shipTo": address });
        self.client.post("/v1/checkouts", key, body).await
    }

    /// Pays from the wallet.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn pay(&self, key: &str, payment: &str) -> Result<Value, Error> {
        self.client
            .post(
                &format!("/v1/payments/{payment}:confirm"),
                key,
                json!({ "method": { "wallet": {} } }),
            )
            .await
    }

    /// An order that this person may see.
    ///
    /// # Errors
    /// What the gateway says.
    pub async fn order(&self, id: &str) -> Result<Value, Error> {
        self.client.get(&format!("/v1/orders/{id}")).await
    }
}
