//! Seals what the ledger has committed, in the background, so that no payment waits for it.
//!
//! Every replica looks; the chain's row and the cause of each seal let only one of them add the next. Transfers are sealed in the order of
//! their times, a few seconds late, so that those whose transactions take longer are in. One that comes later still is found an hour
//! afterwards and sealed then. Until a transfer is sealed, only the balances that hang on it protect it.

use std::{collections::HashSet, time::Duration};

use kernel::Time;
use sea_orm::DbErr;
use store::{Cause, Error, Keys, Store, Work};
use uuid::Uuid;

use crate::{
    domain::{
        Refusal,
        seal::{Chain, Member, Position, Posting},
    },
    store::{
        chain::{ChainId, seal, seals_between},
        postings,
    },
};

/// How long a transfer is left alone, so that others of the same time have committed.
const SETTLE: Duration = Duration::from_secs(3);

/// How late a transfer may commit and still be found.
const LATE: Duration = Duration::from_secs(3_600);

/// How many transfers a seal holds at most.
const BATCH: u64 = 500;

/// How long the sealer sleeps when there was nothing to seal.
const NAP: Duration = Duration::from_secs(2);

/// Seals until the process ends.
pub(crate) async fn run(store: Store) {
    loop {
        match round(&store).await {
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(NAP).await,
            Err(error) => {
                tracing::warn!(%error, "the ledger could not be sealed and is tried again");
                tokio::time::sleep(NAP).await;
            }
        }
    }
}

/// Seals what is next; false when there was nothing.
async fn round(store: &Store) -> Result<bool, Error<Refusal>> {
    let now = store.clock().now();
    let chain = standing(store).await?;
    let next = postings::after(store, chain.sealed, now.minus(SETTLE).micros(), BATCH).await?;
    if let Some(last) = next.last() {
        let sealed = Position::of(last);
        return seal(store, chain.number, next, now, move |chain| chain.sealed = sealed)
            .await
            .map(|()| true);
    }
    sweep(store, chain, now).await
}

/// Looks once more at what was passed an hour ago, for transfers that were not there yet.
async fn sweep(store: &Store, chain: Chain, now: Time) -> Result<bool, Error<Refusal>> {
    let until = now.minus(LATE).micros().min(chain.sealed.created);
    let (seen, missing) = unsealed(store, chain.swept, until).await?;
    let Some(swept) = seen else { return Ok(false) };
    if missing.is_empty() {
        let keys = Keys::new().one::<Chain>(ChainId::only());
        let pass = move |work: &mut Work| {
            if let Some(chain) = work.change::<Chain>(ChainId::only()) {
                chain.swept = chain.swept.max(swept);
            }
            Ok(())
        };
        store.execute::<(), Refusal, _>(cause("sweep", swept.transfer), keys, pass).await?;
    } else {
        tracing::warn!(count = missing.len(), "transfers committed late are sealed now");
        seal(store, chain.number, missing, now, move |chain| chain.swept = chain.swept.max(swept)).await?;
    }
    Ok(true)
}

/// Of the transfers after a position that were made until a time, the next few: how far they go, and which of them no seal holds.
pub(crate) async fn unsealed(store: &Store, after: Position, until: i64) -> Result<(Option<Position>, Vec<Posting>), DbErr> {
    let mut looked_at = postings::after(store, after, until, BATCH).await?;
    let (Some(first), Some(last)) = (looked_at.first(), looked_at.last().map(Position::of)) else {
        return Ok((None, Vec::new()));
    };
    let seals = seals_between(store, first.created, last.created).await?;
    let sealed: HashSet<Uuid> = seals
        .iter()
        .flat_map(|seal| Member::unpack(&seal.members))
        .map(|member| member.transfer.uuid())
        .collect();
    looked_at.retain(|posting| !sealed.contains(&posting.id.uuid()));
    Ok((Some(last), looked_at))
}

/// Where the chain stands.
pub(crate) async fn standing(store: &Store) -> Result<Chain, Error<Refusal>> {
    let chain = store.get::<Chain>(ChainId::only()).await.map_err(Error::of_read)?;
    Ok(chain.map_or_else(Chain::start, store::Stored::into_inner))
}

/// Adds the seal after `number`, unless somebody else did.
async fn seal<F>(store: &Store, number: i64, postings: Vec<Posting>, now: Time, pass: F) -> Result<(), Error<Refusal>>
where
    F: Fn(&mut Chain) + Send + Sync + 'static,
{
    let members: Vec<Member> = postings.iter().map(Member::of).collect();
    let times = postings.iter().map(|posting| posting.created);
    let (first, last) = (times.clone().min().unwrap_or_default(), times.max().unwrap_or_default());
    let add = move |work: &mut Work| {
        let id = ChainId::only();
        let mut chain = work.get::<Chain>(id).map_or_else(Chain::start, |stored| Chain::clone(stored));
        if chain.number != number {
            return Ok(());
        }
        let sealed = chain.seal(&members);
        pass(&mut chain);
        work.append(seal::Model {
            number: sealed.number,
            previous: sealed.previous.to_vec(),
            hash: sealed.hash.to_vec(),
            members: sealed.members,
            first_created: first,
            last_created: last,
            created: now.micros(),
        });
        match work.change::<Chain>(id) {
            Some(known) => *known = chain,
            None => work.insert(chain),
        }
        Ok(())
    };
    let keys = Keys::new().one::<Chain>(ChainId::only());
    let after = Uuid::from_u128(number.unsigned_abs().into());
    store.execute::<(), Refusal, _>(cause("seal", after), keys, add).await
}

fn cause(step: &str, subject: Uuid) -> Cause {
    Cause::step(&format!("payment.{step}"), subject)
}
