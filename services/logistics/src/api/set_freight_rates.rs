//! A seller replaces a warehouse's freight table.

use kernel::WarehouseId;
use proto::logistics::v1::{SetFreightRatesRequest, Warehouse as WarehouseMessage};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, freight_rates, get_warehouse, present};
use crate::domain::{Refusal, Warehouse};

pub(super) async fn handle(api: &Api, request: &Request<SetFreightRatesRequest>) -> Result<WarehouseMessage, Status> {
    let owner = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<WarehouseId>("warehouse_id", &request.warehouse_id);
    let freight = freight_rates::parse(&mut check, &request.freight_rates);
    let expected = check.etag("etag", &request.etag);
    let id = check.finish(id)?;
    get_warehouse::owned(api, owner, id).await?;
    let now = api.now();
    let cause = Cause::request(owner, "SetFreightRates", &request.request_id, request);
    let set = api
        .store
        .execute::<_, Refusal, _>(cause, Keys::new().one::<Warehouse>(id), move |work| {
            let known = "it was there, and warehouses are never removed";
            work.get::<Warehouse>(id).expect(known).must_be_at(expected)?;
            work.change::<Warehouse>(id).expect(known).set_freight(freight.clone(), now);
            Ok(present::warehouse(&work.after::<Warehouse>(id).expect(known)))
        });
    let set = set.await?;
    api.networks.forget(owner);
    Ok(set)
}
