//! What operators may have checked about the ledger: the books, and the seals over them.

use std::time::Duration;

use events::{Operations, refuse_page_token};
use kernel::{PageToken, Time};
use proto::operations::v1::{AuditReport, RunAuditRequest};
use runtime::{Problem, with};
use store::{Error, Store, unread};
use tonic::Status;
use uuid::Uuid;

use crate::{
    domain::{
        Refusal,
        seal::{Chain, Hash, Member, Position, Seal},
    },
    sealing,
    store::{chain::seals_after, postings, trial_balance::balance},
};

/// How many seals are looked at in one go.
const SEALS: u64 = 20;

/// How long a transfer may be unsealed: well above what the sealer takes to find those that committed late.
const UNSEALED: Duration = Duration::from_secs(2 * 3_600);

/// Adds them to the service's operations.
pub(crate) fn add(operations: Operations, store: &Store) -> Operations {
    operations
        .audit("books", with(store, check_books))
        .audit("seals", with(store, check_seals))
}

async fn check_books(store: Store, request: RunAuditRequest) -> Result<AuditReport, Status> {
    refuse_page_token(&request)?;
    let balance = balance(&store).await.map_err(unread)?;
    Ok(AuditReport {
        findings: balance.violations,
        examined: format!("the books of {} transfers", balance.transfers),
        ..AuditReport::default()
    })
}

/// What tells the tokens of the one stage of an audit of the seals from those of the other.
const STAGES: [&str; 2] = ["from seal to seal", "transfers in no seal"];

/// How far an audit of the seals came: first from seal to seal, then over all transfers, for those in no seal.
enum Stage {
    Seals(i64),
    Transfers(Position),
}

impl Stage {
    /// Where a token says, which is one that this audit gave: behind a seal, or behind a transfer.
    fn parse(token: &str) -> Option<Self> {
        let [seals, transfers] = STAGES.map(|stage| PageToken::decode(token, &stage).ok());
        match (seals, transfers) {
            (Some(None), _) => Some(Self::Seals(0)),
            (Some(Some(seal)), _) if seal.position > 0 => Some(Self::Seals(seal.position)),
            (_, Some(Some(transfer))) => Some(Self::Transfers(Position {
                created: transfer.position,
                transfer: transfer.id,
            })),
            _ => None,
        }
    }

    fn token(&self) -> String {
        let [seals, transfers] = STAGES;
        match *self {
            Self::Seals(number) => PageToken {
                position: number,
                id: Uuid::nil(),
            }
            .encode(&seals),
            Self::Transfers(Position { created, transfer }) => PageToken {
                position: created,
                id: transfer,
            }
            .encode(&transfers),
        }
    }
}

fn foreign_token() -> Problem {
    Problem::invalid_field("page_token", "does not belong to this audit")
}

async fn check_seals(store: Store, request: RunAuditRequest) -> Result<AuditReport, Status> {
    match Stage::parse(&request.page_token).ok_or_else(foreign_token)? {
        Stage::Seals(number) => {
            let chain = sealing::standing(&store).await?;
            // No page ended with a seal that the chain does not have.
            if number > chain.number {
                return Err(foreign_token().into());
            }
            Ok(from_seal(&store, &chain, number, &request.known_seal).await?)
        }
        Stage::Transfers(position) => Ok(from_transfer(&store, position).await?),
    }
}

/// Looks at the seals after this one, and ends at the first that does not fit.
async fn from_seal(store: &Store, chain: &Chain, number: i64, known: &str) -> Result<AuditReport, Error<Refusal>> {
    let mut before = match number {
        0 => None,
        _ => seals_after(store, number - 1, 1).await?.pop(),
    };
    let seals = seals_after(store, number, SEALS).await?;
    let mut findings = Vec::new();
    if number == 0 && !known.is_empty() && !holds(store, known).await? {
        findings.push(format!("the seal {known} that was kept elsewhere is not in the chain"));
    }
    for seal in &seals {
        findings.extend(wrong_with(store, before.as_ref(), seal).await?);
        if !findings.is_empty() {
            break;
        }
        before = Some(seal.clone());
    }
    let (last, hash) = before.as_ref().map_or((number, [0; 32]), |seal| (seal.number, seal.hash));
    let ended = seals.len() < SEALS as usize;
    // The chain was read before the seals, which only become more.
    if findings.is_empty() && ended && chain.number > last {
        findings.push(format!("seal {} is missing: the chain counts {}", last + 1, chain.number));
    } else if findings.is_empty() && chain.number == last && chain.hash != hash {
        findings.push(format!("seal {last} is not the one that the chain ends with"));
    }
    let next = if ended {
        Stage::Transfers(Position::default())
    } else {
        Stage::Seals(last)
    };
    Ok(AuditReport {
        examined: format!("seals {} to {last}", number + 1),
        seal: Seal::text(last, &hash),
        next_page_token: if findings.is_empty() { next.token() } else { String::new() },
        findings,
    })
}

/// What is wrong with a seal, and with the transfers that it holds.
async fn wrong_with(store: &Store, before: Option<&Seal>, seal: &Seal) -> Result<Option<String>, Error<Refusal>> {
    let (number, previous): (i64, Hash) = before.map_or((0, [0; 32]), |before| (before.number, before.hash));
    if seal.number != number + 1 {
        return Ok(Some(format!("seal {} is missing", number + 1)));
    }
    if seal.previous != previous {
        return Ok(Some(format!("seal {} does not hang on seal {number}", seal.number)));
    }
    if !seal.is_whole() {
        return Ok(Some(format!("seal {} was changed", seal.number)));
    }
    let members = Member::unpack(&seal.members);
    let ids: Vec<_> = members.iter().map(|member| member.transfer.uuid()).collect();
    let found = postings::of(store, &ids).await?;
    let wrong = members.iter().find_map(|member| match found.get(&member.transfer.uuid()) {
        None => Some(format!("seal {}: {} is not in the ledger any more", seal.number, member.transfer)),
        Some(posting) if Member::of(posting) != *member => Some(format!(
            "seal {}: {} or its entries are not what was sealed",
            seal.number, member.transfer
        )),
        Some(_) => None,
    });
    Ok(wrong)
}

async fn holds(store: &Store, known: &str) -> Result<bool, Error<Refusal>> {
    let number = known.split(':').next().and_then(|number| number.parse::<i64>().ok());
    let seal = match number {
        None => None,
        // Before the first seal there was nothing to keep.
        Some(0) => return Ok(true),
        Some(number) => seals_after(store, number.saturating_sub(1), 1).await?.pop(),
    };
    Ok(seal.is_some_and(|seal| Seal::text(seal.number, &seal.hash) == known))
}

/// Looks for transfers that should have been sealed long ago.
async fn from_transfer(store: &Store, position: Position) -> Result<AuditReport, Error<Refusal>> {
    let until: Time = store.clock().now().minus(UNSEALED);
    let (seen, missing) = sealing::unsealed(store, position, until.micros()).await?;
    let findings = missing.iter().map(|posting| format!("{} is old and in no seal", posting.id));
    Ok(AuditReport {
        findings: findings.collect(),
        examined: "transfers that should be sealed".to_owned(),
        next_page_token: seen.map(|seen| Stage::Transfers(seen).token()).unwrap_or_default(),
        ..AuditReport::default()
    })
}
