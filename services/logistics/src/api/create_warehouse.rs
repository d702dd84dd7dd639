//! A seller sets up a warehouse.

use kernel::WarehouseId;
use proto::logistics::v1::{CreateWarehouseRequest, Warehouse as Answer};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, answers, freight_rates};
use crate::{
    domain::{Address, Refusal, Warehouse},
    problem::status,
};

pub(super) async fn handle(api: &Api, request: Request<CreateWarehouseRequest>) -> Result<Answer, Status> {
    let principal = principal(&request)?;
    let request = request.into_inner();
    let mut violations = Violations::new();
    let name = violations.text("name", &request.name, 1..=200);
    let address = address(&mut violations, request.address.as_ref());
    let freight = freight_rates::parse(&mut violations, &request.freight_rates);
    violations.check()?;
    let Some(address) = address else {
        return Err(runtime::Problem::invalid_field("address", "is required").into());
    };
    let now = api.store.clock().now();
    let warehouse = Warehouse {
        id: WarehouseId::at(now),
        owner: principal.organisation,
        name,
        address,
        freight,
        created: now,
        changed: now,
    };
    let cause = Cause::request(principal.organisation, "CreateWarehouse", &request.request_id, &request);
    let keys = Keys::new().one::<Warehouse>(warehouse.id);
    let created = api.store.execute::<_, Refusal, _>(cause, keys, move |work| {
        work.insert(warehouse.clone());
        Ok(answers::warehouse(&warehouse, 1))
    });
    let created = created.await.map_err(status)?;
    api.networks.forget(principal.organisation);
    Ok(created)
}

fn address(violations: &mut Violations, address: Option<&proto::postal::v1::Address>) -> Option<Address> {
    let address = violations.address("address", address)?;
    let country = freight_rates::parse_country(violations, "address.country", &address.country)?;
    let trimmed = |text: String| text.trim().to_owned();
    Some(Address {
        recipient: trimmed(address.recipient),
        lines: address.lines.into_iter().map(trimmed).collect(),
        city: trimmed(address.city),
        region: trimmed(address.region),
        postal_code: trimmed(address.postal_code),
        country,
        phone: trimmed(address.phone),
    })
}
