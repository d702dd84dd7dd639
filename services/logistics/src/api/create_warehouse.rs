//! A seller sets up a warehouse.

use kernel::{OrganisationId, WarehouseId};
use proto::logistics::v1::{CreateWarehouseRequest, Warehouse as WarehouseMessage};
use runtime::{Problem, Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use store::{Cause, Keys, Stored};
use tonic::{Request, Status};

use super::{Api, freight_rates, present};
use crate::{
    domain::{Address, MOST_WAREHOUSES, Refusal, Warehouse},
    store::warehouse::row,
};

pub(super) async fn handle(api: &Api, request: &Request<CreateWarehouseRequest>) -> Result<WarehouseMessage, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let name = check.line("name", &request.name, 1..=200);
    let address = address(&mut check, request.address.as_ref());
    let freight = freight_rates::parse(&mut check, &request.freight_rates);
    let address = check.finish(address)?;
    let now = api.now();
    let warehouse = Warehouse {
        id: WarehouseId::at(now),
        owner: principal.organisation,
        name,
        address,
        freight,
        created: now,
        changed: now,
    };
    let full = count(api, principal.organisation).await? >= MOST_WAREHOUSES;
    let cause = Cause::request(principal.organisation, "CreateWarehouse", &request.request_id, request);
    let keys = Keys::new().one::<Warehouse>(warehouse.id);
    let created = api.store.execute::<_, Refusal, _>(cause, keys, move |work| {
        if full {
            return Err(Refusal::TooManyWarehouses);
        }
        work.insert(warehouse.clone());
        Ok(present::warehouse(&Stored::first(warehouse.clone())))
    });
    let created = created.await?;
    api.networks.forget(principal.organisation);
    Ok(created)
}

/// Two who set one up at once may both be the last; so exact the limit need not be.
async fn count(api: &Api, owner: OrganisationId) -> Result<u64, Problem> {
    let own = row::Entity::find().filter(row::Column::Owner.eq(owner.uuid()));
    own.count(api.store.db()).await.map_err(store::unread)
}

fn address(check: &mut Violations, address: Option<&proto::postal::v1::Address>) -> Option<Address> {
    let address = check.address("address", address)?;
    // Nothing only where that was told already.
    let country = address.country.parse().ok()?;
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
