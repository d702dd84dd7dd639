//! What operators may have checked: that every level of stock is the sum of its movements.

use events::{Operations, refuse_page_token};
use proto::operations::v1::{AuditReport, RunAuditRequest};
use runtime::with;
use store::Store;
use tonic::Status;

use crate::store::audit::audit;

/// How many discrepancies are told one by one.
const TOLD: usize = 100;

/// Adds it to the service's operations.
pub(crate) fn add(operations: Operations, store: &Store) -> Operations {
    operations.audit("stock", with(store, check))
}

async fn check(store: Store, request: RunAuditRequest) -> Result<AuditReport, Status> {
    refuse_page_token(&request)?;
    let wrong = audit(&store).await?;
    let told = wrong.iter().take(TOLD).map(|wrong| {
        format!(
            "{} in {} says {} on hand and {} reserved, its movements say {} and {}",
            wrong.stock, wrong.warehouse, wrong.level.0, wrong.level.1, wrong.ledger.0, wrong.ledger.1
        )
    });
    let mut findings: Vec<String> = told.collect();
    if wrong.len() > TOLD {
        findings.push(format!("{} more levels are wrong", wrong.len() - TOLD));
    }
    Ok(AuditReport {
        findings,
        examined: "every level of stock against its movements".to_owned(),
        ..AuditReport::default()
    })
}
