//! A durable consumer on the broker, as it is asked for, whatever an earlier release left there.

use std::time::Duration;

use async_nats::jetstream::{
    consumer::{self, AckPolicy, DeliverPolicy, PullConsumer, pull},
    stream::Stream,
};

use crate::{Error, differences::Differences};

/// How many events may be at work.
const AT_WORK: i64 = 1_024;

/// How long the broker waits for an acknowledgement before it delivers again: what a crash costs the events that were being worked on.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(8);

/// Which durable consumer is meant, and what it hears.
pub(crate) struct Durable {
    /// Who hears.
    pub(crate) service: &'static str,
    /// Whose stream it is on.
    pub(crate) domain: &'static str,
    /// The subject that it hears, or all of the domain's.
    pub(crate) filter: String,
}

impl Durable {
    /// The consumer, which is made or changed where it must be.
    ///
    /// # Errors
    /// A server that refuses, or a consumer that cannot be changed.
    pub(crate) async fn on(&self, stream: &Stream) -> Result<PullConsumer, Error> {
        let asked = self.config();
        let found = stream.get_or_create_consumer(&self.name(), asked.clone()).await;
        let mut consumer: PullConsumer = found.map_err(|error| self.refused(error))?;
        if differences(&asked, &consumer.cached_info().config).any() {
            // Times or limits are others since: the position stays, the rest follows, as far as the server lets it.
            let changed = stream.create_consumer(asked.clone()).await;
            consumer = changed.map_err(|error| self.refused(error))?;
        }
        differences(&asked, &consumer.cached_info().config).none_of(|| self.about())?;
        Ok(consumer)
    }

    /// Its name on the broker: the service's, and that of its one subject. nats-server 2.9 delivers nothing more to a consumer whose filter
    /// is widened, so a release that hears of more has another one. It begins at the beginning of the stream, and knows what was heard by
    /// its causes; replicas of the release before go on with theirs.
    pub(crate) fn name(&self) -> String {
        match self.filter.rsplit('.').next() {
            Some(">") | None => self.service.to_owned(),
            Some(event) => format!("{}-{event}", self.service),
        }
    }

    /// What is refused or differs, for whoever reads about it.
    pub(crate) fn about(&self) -> String {
        format!("consumer {} of stream {}", self.name(), self.domain)
    }

    fn config(&self) -> pull::Config {
        pull::Config {
            durable_name: Some(self.name()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_ack_pending: AT_WORK,
            filter_subject: self.filter.clone(),
            ..pull::Config::default()
        }
    }

    fn refused(&self, error: impl ToString) -> Error {
        Error::Refused(self.about(), error.to_string())
    }
}

/// What the server has instead of what we asked for.
fn differences(asked: &pull::Config, has: &consumer::Config) -> Differences {
    let mut differences = Differences::default();
    differences
        .compare("deliver_policy", &asked.deliver_policy, &has.deliver_policy)
        .compare("ack_policy", &asked.ack_policy, &has.ack_policy)
        .compare("ack_wait", &asked.ack_wait, &has.ack_wait)
        .compare("max_ack_pending", &asked.max_ack_pending, &has.max_ack_pending)
        .compare("filter_subject", &asked.filter_subject, &has.filter_subject)
        // Another number of tries than no limit would lose an event that was not acknowledged in time.
        .compare("max_deliver", &-1, &if has.max_deliver == 0 { -1 } else { has.max_deliver });
    differences
}
