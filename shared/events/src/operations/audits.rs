//! Runs one of the service's audits.

use proto::operations::v1::{AuditReport, RunAuditRequest};
use runtime::{Problem, Violations};
use tonic::Status;

use super::Operations;

/// What an audit that looks at everything in one go refuses: a page of which it never told.
///
/// # Errors
/// A token.
pub fn refuse_page_token(request: &RunAuditRequest) -> Result<(), Problem> {
    let mut check = Violations::new();
    check.require(
        request.page_token.is_empty(),
        "page_token",
        "does not belong to this audit, which has one page",
    );
    check.check()
}

pub(super) async fn handle(operations: &Operations, request: RunAuditRequest) -> Result<AuditReport, Status> {
    let mut check = Violations::new();
    operations.addressed(&mut check, &request.service);
    check.check()?;
    let audit = operations.audits.get(request.audit.as_str());
    let audit = audit.ok_or_else(|| Problem::not_found("audit"))?;
    audit(request).await
}
