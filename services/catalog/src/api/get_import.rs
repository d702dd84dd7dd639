//! An import and its progress.

use kernel::ImportId;
use proto::catalog::v1;
use runtime::{auth::principal, parse_id};
use tonic::{Request, Status};

use super::Api;
use crate::wire;

pub(super) async fn handle(api: &Api, request: &Request<v1::GetImportRequest>) -> Result<v1::Import, Status> {
    let principal = principal(request)?;
    let id = parse_id::<ImportId>("import_id", &request.get_ref().import_id)?;
    let import = api.own_import(id, &principal).await?;
    Ok(wire::import::to_proto(&import))
}
