//! Adds a category to the tree.

use ::store::{Cause, Keys, Stored};
use kernel::CategoryId;
use proto::catalog::v1;
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::Api;
use crate::{
    domain::{Category, Event, Refusal},
    store::facts,
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::CreateCategoryRequest>) -> Result<v1::Category, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let parent = check.optional_id::<CategoryId>("parent_id", &request.parent_id);
    let label = wire::category::label(&mut check, "", &request.name, &request.attributes);
    check.finish(())?;
    let ancestors = match parent {
        None => Vec::new(),
        Some(parent) => {
            let known = api.cache.category(parent).await?;
            let parent = known.ok_or_else(|| Problem::invalid_field("parent_id", "is no category"))?;
            parent.path().collect()
        }
    };
    if ancestors.len() >= Category::DEEPEST {
        let reason = format!("is on level {} already, the deepest", Category::DEEPEST);
        return Err(Problem::invalid_field("parent_id", reason).into());
    }

    let now = api.now();
    let cause = Cause::request(principal.organisation, "CreateCategory", &request.request_id, request);
    let category = Category {
        id: CategoryId::at(now),
        owner: principal.organisation,
        ancestors,
        label,
        created: now,
        updated: now,
    };
    let keys = Keys::new().one::<Category>(category.id);
    let created = api.store.execute::<v1::Category, Refusal, _>(cause, keys, move |work| {
        let message = wire::category::to_proto(&Stored::first(category.clone()));
        work.insert(category.clone());
        work.emit(facts::category(Event::CategoryCreated, &category, &message));
        Ok(message)
    });
    Ok(created.await?)
}
