//! Changes what a store shows, and the tax on its prices.

use ::store::{Cause, Keys};
use kernel::StoreId;
use proto::catalog::v1;
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, mask::Mask, writing};
use crate::{
    domain::{Refusal, Shop},
    store::facts,
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::UpdateStoreRequest>) -> Result<v1::Store, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<StoreId>("store_id", &request.store_id);
    let expected = check.etag("etag", &request.etag);
    check.require(request.store.is_some(), "store", "is required");
    let id = check.so_far(id)?;
    let new = request.store.clone().unwrap_or_default();

    let current = api.store.get::<Shop>(id).await?.ok_or_else(|| Problem::not_found("store"))?;
    if current.owner != principal.organisation {
        return Err(Problem::from(Refusal::Foreign("store")).into());
    }
    let mut check = Violations::new();
    let same_currency = new.currency.is_empty() || new.currency == current.currency.code();
    check.require(same_currency, "store.currency", "never changes");
    let mask = mask(&mut check, request);
    let mut merged = wire::shop::to_proto(&current);
    mask.take("name", &mut merged.name, new.name);
    mask.take("description", &mut merged.description, new.description);
    mask.take("country", &mut merged.country, new.country);
    mask.take("tax_basis_points", &mut merged.tax_basis_points, new.tax_basis_points);
    let tax = merged.tax_basis_points;
    let window = wire::shop::window(&mut check, "store.", &merged.name, &merged.description, &merged.country, tax);
    check.finish(())?;

    let now = api.now();
    let cause = Cause::request(principal.organisation, "UpdateStore", &request.request_id, request);
    let changed = api
        .store
        .execute::<v1::Store, Refusal, _>(cause, Keys::new().one::<Shop>(id), move |work| {
            let known = work.get::<Shop>(id).ok_or(Refusal::Unknown("store"))?;
            known.must_be_at(expected)?;
            // What others changed meanwhile stays, for no field depends on another.
            let mut next = known.window.clone();
            mask.take("name", &mut next.name, window.name.clone());
            mask.take("description", &mut next.description, window.description.clone());
            mask.take("country", &mut next.country, window.country.clone());
            mask.take("tax_basis_points", &mut next.tax_basis_points, window.tax_basis_points);
            let shop = work.change::<Shop>(id).ok_or(Refusal::Unknown("store"))?;
            let event = shop.redecorate(next, now);
            let shop = work.after::<Shop>(id).ok_or(Refusal::Unknown("store"))?;
            let message = wire::shop::to_proto(&shop);
            if let Some(event) = event {
                work.emit(facts::shop(event, &shop, &message));
            }
            Ok(message)
        });
    let changed = changed.await?;
    api.cache.shop_changed(id, writing::version_of(&changed.etag));
    Ok(changed)
}

fn mask(check: &mut Violations, request: &v1::UpdateStoreRequest) -> Mask {
    let none = v1::Store::default();
    let new = request.store.as_ref().unwrap_or(&none);
    let fields = [
        ("name", !new.name.is_empty()),
        ("description", !new.description.is_empty()),
        ("country", !new.country.is_empty()),
        ("tax_basis_points", new.tax_basis_points != 0),
    ];
    Mask::new(check, request.update_mask.as_ref().map(|mask| mask.paths.as_slice()), &fields)
}
