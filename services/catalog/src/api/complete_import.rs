//! Completes an import: no more rows come.

use ::store::{Cause, Keys};
use kernel::ImportId;
use proto::catalog::v1;
use runtime::{auth::principal, parse_id};
use tonic::{Request, Status};

use super::Api;
use crate::{
    domain::{Refusal, import::Import},
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::CompleteImportRequest>) -> Result<v1::Import, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let id = parse_id::<ImportId>("import_id", &request.import_id)?;
    api.own_import(id, &principal).await?;

    let now = api.now();
    let cause = Cause::request(principal.organisation, "CompleteImport", &request.request_id, request);
    let completed = api
        .store
        .execute::<v1::Import, Refusal, _>(cause, Keys::new().one::<Import>(id), move |work| {
            let import = work.change::<Import>(id).ok_or(Refusal::Unknown("import"))?;
            import.complete(now)?;
            Ok(wire::import::to_proto(import))
        });
    Ok(completed.await?)
}
