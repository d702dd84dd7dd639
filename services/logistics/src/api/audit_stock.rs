//! Every level of stock held against the movements that explain it, for operators.

use proto::operations::v1::AuditReport;
use store::Store;
use tonic::Status;

use crate::store::audit::audit;

/// How many discrepancies are told one by one.
const TOLD: usize = 100;

pub(crate) async fn handle(store: Store) -> Result<AuditReport, Status> {
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
