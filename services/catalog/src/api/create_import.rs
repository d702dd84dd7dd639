//! Opens an import into a store.

use ::store::{Cause, Keys};
use kernel::{ImportId, StoreId};
use proto::catalog::v1;
use runtime::{auth::principal, parse_id};
use tonic::{Request, Status};

use super::Api;
use crate::{
    domain::{
        Refusal,
        import::{Counts, Import, State},
    },
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::CreateImportRequest>) -> Result<v1::Import, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let shop = parse_id::<StoreId>("store_id", &request.store_id)?;
    api.must_own(shop, &principal).await?;

    let now = api.now();
    let cause = Cause::request(principal.organisation, "CreateImport", &request.request_id, request);
    let import = Import {
        id: ImportId::at(now),
        owner: principal.organisation,
        shop,
        state: State::Open,
        counts: Counts::default(),
        claim: None,
        created: now,
        updated: now,
    };
    let keys = Keys::new().one::<Import>(import.id);
    let opened = api.store.execute::<v1::Import, Refusal, _>(cause, keys, move |work| {
        work.insert(import.clone());
        Ok(wire::import::to_proto(&import))
    });
    Ok(opened.await?)
}
