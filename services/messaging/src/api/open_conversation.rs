//! Opens the conversation of two organisations about a context, or finds the one they have.

use kernel::OrganisationId;
use proto::messaging::v1::{self as v1, OpenConversationRequest, context::Subject};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, present, read};
use crate::domain::{Refusal, context::Context, conversation::Conversation, trade::Trade};

pub(super) async fn handle(api: &Api, request: &Request<OpenConversationRequest>) -> Result<v1::Conversation, Status> {
    let own = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let other = check.id::<OrganisationId>("organisation_id", &request.organisation_id);
    check.require(other != Some(own), "organisation_id", &Refusal::OwnOrganisation.to_string());
    let context = context(&mut check, request.context.as_ref());
    let (other, context) = check.finish((other, context))?;

    let now = api.now();
    let id = Conversation::id_of(own, other, context);
    // Those who have a conversation already are known, and so is what it is about.
    if api.store.get::<Conversation>(id).await?.is_none() {
        match context {
            Context::General => api.organisations.must_exist("organisation_id", other).await?,
            Context::Product(product) => {
                api.organisations.must_exist("organisation_id", other).await?;
                api.products.must_be_of("context.product_id", product, [own, other]).await?;
            }
            // Order told us its parties.
            Context::Order(_) => {}
        }
    }
    let keys = Keys::new().one::<Conversation>(id).all::<Trade>(context.order());
    let cause = Cause::request(own, "OpenConversation", &request.request_id, request);
    let open = move |work: &mut store::Work| {
        if work.get::<Conversation>(id).is_some() {
            return Ok(());
        }
        if let Some(order) = context.order() {
            let trade = work.get::<Trade>(order).filter(|trade| trade.is_between(own, other));
            trade.ok_or(Refusal::OrderNotKnown { order })?;
        }
        Ok(work.insert(Conversation::open(own, other, context, now)?))
    };
    api.store.execute::<(), Refusal, _>(cause, keys, open).await?;
    Ok(present::conversation(&read::conversation(api, own, id).await?))
}

fn context(check: &mut Violations, context: Option<&v1::Context>) -> Option<Context> {
    match context.and_then(|context| context.subject.as_ref()) {
        None => Some(Context::General),
        Some(Subject::ProductId(product)) => check.id("context.product_id", product).map(Context::Product),
        Some(Subject::OrderId(order)) => check.id("context.order_id", order).map(Context::Order),
    }
}
