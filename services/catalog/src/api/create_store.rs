//! Opens a store for the acting organisation.

use ::store::{Cause, Keys, Stored};
use kernel::StoreId;
use proto::catalog::v1;
use runtime::{Violations, auth::principal};
use tonic::{Request, Status};

use super::Api;
use crate::{
    domain::{Event, Refusal, Shop},
    store::facts,
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::CreateStoreRequest>) -> Result<v1::Store, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let tax = request.tax_basis_points;
    let window = wire::shop::window(&mut check, "", &request.name, &request.description, &request.country, tax);
    let currency = check.currency("currency", &request.currency);
    let currency = check.finish(currency)?;

    let now = api.now();
    let cause = Cause::request(principal.organisation, "CreateStore", &request.request_id, request);
    let shop = Shop {
        id: StoreId::at(now),
        owner: principal.organisation,
        currency,
        window,
        created: now,
        updated: now,
    };
    let keys = Keys::new().one::<Shop>(shop.id);
    let opened = api.store.execute::<v1::Store, Refusal, _>(cause, keys, move |work| {
        let message = wire::shop::to_proto(&Stored::first(shop.clone()));
        work.insert(shop.clone());
        work.emit(facts::shop(Event::StoreCreated, &shop, &message));
        Ok(message)
    });
    Ok(opened.await?)
}
