//! Runs one of the service's audits.

use proto::operations::v1::{AuditReport, RunAuditRequest};
use runtime::{Problem, Violations};
use tonic::Status;

use super::Operations;

pub(super) async fn handle(operations: &Operations, request: RunAuditRequest) -> Result<AuditReport, Status> {
    let mut check = Violations::new();
    operations.addressed(&mut check, &request.service);
    check.check()?;
    let audit = operations.audits.get(request.audit.as_str());
    let audit = audit.ok_or_else(|| Problem::not_found("audit"))?;
    audit(request).await
}
