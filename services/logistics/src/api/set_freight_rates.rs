//! A seller replaces a warehouse's freight table.

use kernel::WarehouseId;
use proto::logistics::v1::{SetFreightRatesRequest, Warehouse as Answer};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, answers, freight_rates, get_warehouse};
use crate::{
    domain::{Refusal, Warehouse},
    problem::status,
};

pub(super) async fn handle(api: &Api, request: Request<SetFreightRatesRequest>) -> Result<Answer, Status> {
    let owner = principal(&request)?.organisation;
    let request = request.into_inner();
    let mut violations = Violations::new();
    let id = violations.id::<WarehouseId>("warehouse_id", &request.warehouse_id);
    let freight = freight_rates::parse(&mut violations, &request.freight_rates);
    let expected = violations.etag("etag", &request.etag);
    violations.check()?;
    let id = get_warehouse::owned(api, owner, id).await?.id;
    let now = api.store.clock().now();
    let cause = Cause::request(owner, "SetFreightRates", &request.request_id, &request);
    let set = api.store.execute(cause, Keys::new().one::<Warehouse>(id), move |work| {
        let current = work.get::<Warehouse>(id).map_or(0, |warehouse| warehouse.version());
        if expected.is_some_and(|expected| expected != current) {
            return Err(Refusal::Stale { current });
        }
        let warehouse = work
            .change::<Warehouse>(id)
            .expect("it was there, and warehouses are never removed");
        warehouse.set_freight(freight.clone(), now);
        Ok(answers::warehouse(warehouse, current + 1))
    });
    let set = set.await.map_err(status)?;
    api.networks.forget(owner);
    Ok(set)
}
