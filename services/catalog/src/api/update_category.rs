//! Renames a category or changes its own templates.

use ::store::{Cause, Keys};
use kernel::CategoryId;
use proto::catalog::v1;
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, mask::Mask, writing};
use crate::{
    domain::{Category, Refusal},
    store::facts,
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::UpdateCategoryRequest>) -> Result<v1::Category, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<CategoryId>("category_id", &request.category_id);
    let expected = check.etag("etag", &request.etag);
    check.require(request.category.is_some(), "category", "is required");
    let id = check.so_far(id)?;
    let new = request.category.clone().unwrap_or_default();

    let current = api.store.get::<Category>(id).await?.ok_or_else(|| Problem::not_found("category"))?;
    let mut merged = wire::category::to_proto(&current);
    let mut check = Violations::new();
    let same_parent = new.parent_id.is_empty() || new.parent_id == merged.parent_id;
    check.require(same_parent, "category.parent_id", "never changes");
    let fields = [("name", !new.name.is_empty()), ("attributes", !new.attributes.is_empty())];
    let mask = Mask::new(&mut check, request.update_mask.as_ref().map(|mask| mask.paths.as_slice()), &fields);
    mask.take("name", &mut merged.name, new.name);
    mask.take("attributes", &mut merged.attributes, new.attributes);
    let label = wire::category::label(&mut check, "category.", &merged.name, &merged.attributes);
    check.finish(())?;

    let now = api.now();
    let cause = Cause::request(principal.organisation, "UpdateCategory", &request.request_id, request);
    let keys = Keys::new().one::<Category>(id);
    let changed = api.store.execute::<v1::Category, Refusal, _>(cause, keys, move |work| {
        let known = work.get::<Category>(id).ok_or(Refusal::Unknown("category"))?;
        known.must_be_at(expected)?;
        // What others changed meanwhile stays, for no field depends on another.
        let mut next = known.label.clone();
        mask.take("name", &mut next.name, label.name.clone());
        mask.take("attributes", &mut next.templates, label.templates.clone());
        let category = work.change::<Category>(id).ok_or(Refusal::Unknown("category"))?;
        let event = category.relabel(next, now);
        let category = work.after::<Category>(id).ok_or(Refusal::Unknown("category"))?;
        let message = wire::category::to_proto(&category);
        if let Some(event) = event {
            work.emit(facts::category(event, &category, &message));
        }
        Ok(message)
    });
    let changed = changed.await?;
    api.cache.category_changed(id, writing::version_of(&changed.etag));
    Ok(changed)
}
