//! Where the tour takes place: who speaks, what is claimed and seen, and the patience for what takes its time.

use std::{
    fmt::Display,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{abridged::Known, screen};
use crate::client::{Carrier, Client, Event, Events, Person, text};

/// How long anything that happens by itself may take, beyond the windows that the tour chooses.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// One walk through the story. Everybody in it is new: their names carry its number.
pub(super) struct Stage {
    gateway: Client,
    /// Reports on parcels, and is heard by the audience.
    pub(super) carrier: Carrier,
    number: String,
    /// What the audience has seen.
    known: Arc<Mutex<Known>>,
}

impl Stage {
    pub(super) fn new(gateway: Client, carrier: &Carrier) -> Self {
        let known = Arc::<Mutex<Known>>::default();
        let seen = Arc::clone(&known);
        Self {
            carrier: carrier.observed(move |exchange| screen::exchange("Sandbox carrier", exchange, &seen)),
            known,
            gateway,
            number: format!("{:06x}", rand::random_range(0..0x100_0000)),
        }
    }

    /// What tells this tour from all others, such as "4f02c9".
    pub(super) fn number(&self) -> &str {
        &self.number
    }

    /// Under which somebody signs in.
    pub(super) fn email(&self, name: &str) -> String {
        format!("{}.{}@tour.example", name.to_lowercase().replace(' ', "."), self.number)
    }

    /// Somebody without an account, as the audience hears them.
    pub(super) fn speaker(&self, name: &'static str) -> Client {
        let known = Arc::clone(&self.known);
        self.gateway.observed(move |exchange| screen::exchange(name, exchange, &known))
    }

    /// Registers somebody and signs them in, opens their company, and lets them act for it.
    pub(super) async fn founder(&self, name: &'static str, company: &str, country: &str) -> Result<Person> {
        let email = self.email(name);
        let person = Person::join(&self.speaker(name), &email, name, country).await?;
        let organisation = person.found(company, country).await?;
        Ok(person.acting_for(&text(&organisation, "id")).await?)
    }

    /// Waits for the next event of a live stream, and shows it.
    pub(super) async fn hears(&self, listener: &str, stream: &mut Events) -> Result<Event> {
        let event = tokio::time::timeout(PATIENCE, stream.next())
            .await?
            .context("the stream broke off")?;
        screen::heard(listener, &event, &self.known);
        Ok(event)
    }

    /// Reads until it is as wanted, and shows that last answer. Asking for it again and again is not shown.
    pub(super) async fn comes(&self, person: &Person, path: &str, claim: impl Display, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let answer = person.client.get_until(path, PATIENCE, &wanted).await?;
        sees(wanted(&answer), claim)?;
        Ok(answer)
    }

    /// Waits until an order is in a state.
    pub(super) async fn reaches(&self, person: &Person, order: &str, state: &str) -> Result<Value> {
        let wanted = format!("ORDER_STATE_{state}");
        let claim = format!("the order is {}", state.to_lowercase());
        self.comes(person, &format!("/v1/orders/{order}"), claim, |order| {
            text(order, "state") == wanted
        })
        .await
    }
}

/// Shows what was claimed, or ends the tour because it is not so.
pub(super) fn sees(holds: bool, claim: impl Display) -> Result<()> {
    ensure!(holds, "not as told: {claim}");
    screen::seen(claim);
    Ok(())
}

/// A quantity as the API writes it.
pub(super) fn pieces(quantity: i64) -> Value {
    json!(quantity.to_string())
}
