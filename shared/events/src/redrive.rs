//! Dead letters, tried again.

use kernel::PageToken;
use sea_orm::DbErr;
use store::{DeadLetter, Desk};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{Event, dispatcher::Dispatcher};

/// How many queues are looked up at a time, and how many letters of one.
const PAGE: u64 = 100;

/// What became of the letters of one consumer.
#[derive(Default)]
pub(crate) struct Redriven {
    pub(crate) digested: u64,
    /// Those that failed again, as they are now, and how many queue behind each.
    pub(crate) failed: Vec<(DeadLetter, u64)>,
}

impl Dispatcher {
    /// Tries every queue again, oldest first, until there is no time left.
    pub(crate) async fn redrive(&self, desk: &Desk, domain: &str, until: Instant) -> Result<Redriven, DbErr> {
        let mut redriven = Redriven::default();
        let mut after = None;
        while Instant::now() < until {
            let heads = desk.list(Some(domain), false, after, PAGE).await?;
            let Some(last) = heads.last() else { break };
            after = Some(PageToken {
                position: last.dead.created,
                id: last.dead.letter.event,
            });
            for head in heads {
                self.redrive_queue(head.dead.letter.aggregate, until, &mut redriven).await?;
            }
        }
        self.count().await?;
        Ok(redriven)
    }

    /// Tries the letters of one aggregate in their order, until one fails again or none is left, those that came meanwhile included.
    pub(crate) async fn redrive_queue(&self, aggregate: Uuid, until: Instant, redriven: &mut Redriven) -> Result<(), DbErr> {
        loop {
            let letters = self.letters.queue(aggregate, PAGE).await?;
            if letters.is_empty() {
                return self.count().await;
            }
            for dead in letters {
                if Instant::now() >= until {
                    return Ok(());
                }
                let id = dead.letter.event;
                let outcome = match Event::from_letter(dead.letter.clone()) {
                    Ok(event) => self.handle(event).await,
                    Err(failure) => Err(failure),
                };
                if let Err(failure) = outcome {
                    tracing::warn!(event = %id, %failure, "a dead letter is still not digested");
                    let error = failure.to_string();
                    self.letters.failed_again(id, &error).await?;
                    let dead = DeadLetter {
                        error,
                        tries: dead.tries + 1,
                        ..dead
                    };
                    let behind = self.letters.count_of(aggregate).await?.saturating_sub(1);
                    redriven.failed.push((dead, behind));
                    return Ok(());
                }
                self.letters.remove(id).await?;
                redriven.digested += 1;
            }
        }
    }
}
