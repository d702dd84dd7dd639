//! What else is wrong with a request that does not fit the protos: the service is asked about the rest of it, and carries nothing out.

use std::time::Duration;

use bytes::Bytes;
use runtime::VALIDATE_ONLY;
use tokio::time::Instant;
use tonic::{Code, metadata::MetadataValue};

use super::{Call, raw::Raw};
use crate::{answer::Problem, codec::Violation, request};

/// How long a client waits for what the service says; what is known already is told without it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Everything that is wrong with a request: what was found already, and what the service finds in the rest.
pub(super) async fn everything(call: &Call<'_>, mut violations: Vec<Violation>, rest: Bytes) -> Problem {
    let end = call.deadline.min(Instant::now() + PATIENCE);
    if let Ok(Some(told)) = tokio::time::timeout_at(end, ask(call, rest)).await {
        request::add_unknown(&mut violations, told);
    }
    Problem::invalid(violations)
}

/// What the service says of the fields of a request, if it says anything of them.
async fn ask(call: &Call<'_>, message: Bytes) -> Option<Vec<Violation>> {
    let mut client = call.upstream().ok()?.client().await.ok()?;
    let mut request = call.request(message);
    request.metadata_mut().insert(VALIDATE_ONLY, MetadataValue::from_static("true"));
    let refused = client.unary(request, call.route.rpc_path.clone(), Raw).await.err()?;
    (refused.code() == Code::InvalidArgument).then(|| call.problem(&refused).violations)
}
