//! Orders: one row each. The buyer owns them; `ship_to` is the one column that holds personal data.

use std::time::Duration;

use kernel::{CheckoutId, Money, OrderId, OrganisationId, PaymentId, QuotationId, Time};
use store::{Aggregate, Corrupt, Document, Stored, parse};

use crate::domain::{CancelCode, CancelReason, Order, Parties, Sale, State, Windows};

const TABLE: &str = "orders";

pub(crate) mod row {
    //! The table `orders`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) seller: Uuid,
        pub(crate) checkout: Uuid,
        pub(crate) payment: Uuid,
        pub(crate) quotation: Option<Uuid>,
        pub(crate) state: String,
        pub(crate) accept_by: Option<i64>,
        pub(crate) refunded: bool,
        pub(crate) lines: Document,
        pub(crate) freight: i64,
        pub(crate) total: i64,
        pub(crate) fee: i64,
        pub(crate) currency: String,
        pub(crate) ship_to: Document,
        pub(crate) payment_deadline: i64,
        pub(crate) payment_window: i64,
        pub(crate) inspection_window: i64,
        pub(crate) shipped_window: i64,
        pub(crate) paid: Option<i64>,
        pub(crate) cancel_code: Option<String>,
        pub(crate) cancel_note: String,
        pub(crate) timeline: Document,
        pub(crate) created: i64,
        pub(crate) updated: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Order {
    type Id = OrderId;
    type Entity = row::Entity;
    const KIND: &'static str = "order";

    fn id(&self) -> OrderId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let currency = parse(TABLE, &row.currency)?;
        let state = State::named(&row.state, row.accept_by.map(Time::from_micros), row.refunded);
        let state = state.ok_or_else(|| Corrupt::new(TABLE, "state"))?;
        let money = |minor_units| Money::new(minor_units, currency);
        let sale = Sale {
            id: OrderId::from_uuid(row.id),
            parties: Parties {
                checkout: CheckoutId::from_uuid(row.checkout),
                payment: PaymentId::from_uuid(row.payment),
                buyer: OrganisationId::from_uuid(row.owner),
                seller: OrganisationId::from_uuid(row.seller),
            },
            lines: row.lines.read(TABLE)?,
            freight: money(row.freight),
            total: money(row.total),
            fee: money(row.fee),
            ship_to: row.ship_to.read(TABLE)?,
            quotation: row.quotation.map(QuotationId::from_uuid),
            payment_deadline: Time::from_micros(row.payment_deadline),
            windows: Windows {
                payment: duration(row.payment_window),
                inspection: duration(row.inspection_window),
                shipped: duration(row.shipped_window),
            },
            created: Time::from_micros(row.created),
        };
        let mut order = Self::restored(sale, state);
        order.paid = row.paid.map(Time::from_micros);
        order.cancel = row.cancel_code.map(|code| reason(&code, row.cancel_note)).transpose()?;
        order.timeline = row.timeline.read(TABLE)?;
        order.updated = Time::from_micros(row.updated);
        Ok(Stored::new(row.version, order))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.parties.buyer.uuid(),
            seller: self.parties.seller.uuid(),
            checkout: self.parties.checkout.uuid(),
            payment: self.parties.payment.uuid(),
            quotation: self.quotation.map(QuotationId::uuid),
            state: self.state().name().to_owned(),
            accept_by: self.state().accept_by().map(Time::micros),
            refunded: self.state() == State::Cancelled { refunded: true },
            lines: Document::of(&self.lines),
            freight: self.freight.minor_units(),
            total: self.total.minor_units(),
            fee: self.fee.minor_units(),
            currency: self.currency().code().to_owned(),
            ship_to: Document::of(&self.ship_to),
            payment_deadline: self.payment_deadline.micros(),
            payment_window: micros(self.windows.payment),
            inspection_window: micros(self.windows.inspection),
            shipped_window: micros(self.windows.shipped),
            paid: self.paid.map(Time::micros),
            cancel_code: self.cancel.as_ref().map(|reason| reason.code.name().to_owned()),
            cancel_note: self.cancel.as_ref().map(|reason| reason.note.clone()).unwrap_or_default(),
            timeline: Document::of(&self.timeline),
            created: self.created.micros(),
            updated: self.updated.micros(),
        }
    }
}

fn reason(code: &str, note: String) -> Result<CancelReason, Corrupt> {
    let code = CancelCode::named(code).ok_or_else(|| Corrupt::new(TABLE, "cancel_code"))?;
    Ok(CancelReason { code, note })
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn duration(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}
