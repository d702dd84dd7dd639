//! Quotations. The seller owns them.

use kernel::{CheckoutId, Money, OrganisationId, QuotationId, Time};
use store::{Aggregate, Corrupt, Document, Stored, parse};

use crate::domain::{Quotation, QuotationState};

const TABLE: &str = "quotations";

pub(crate) mod row {
    //! The table `quotations`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "quotations")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) buyer: Uuid,
        pub(crate) state: String,
        pub(crate) checkout: Option<Uuid>,
        pub(crate) lines: Document,
        pub(crate) freight: i64,
        pub(crate) total: i64,
        pub(crate) currency: String,
        pub(crate) expires: i64,
        pub(crate) note: String,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Quotation {
    type Id = QuotationId;
    type Entity = row::Entity;
    const KIND: &'static str = "quotation";

    fn id(&self) -> QuotationId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let currency = parse(TABLE, &row.currency)?;
        let state = QuotationState::named(&row.state, row.checkout.map(CheckoutId::from_uuid));
        let quotation = Self {
            id: QuotationId::from_uuid(row.id),
            seller: OrganisationId::from_uuid(row.owner),
            buyer: OrganisationId::from_uuid(row.buyer),
            lines: row.lines.read(TABLE)?,
            freight: Money::new(row.freight, currency),
            total: Money::new(row.total, currency),
            expires: Time::from_micros(row.expires),
            note: row.note,
            created: Time::from_micros(row.created),
            state: state.ok_or_else(|| Corrupt::new(TABLE, "state"))?,
        };
        Ok(Stored::new(row.version, quotation))
    }

    fn to_row(&self, version: i64) -> row::Model {
        let checkout = match self.state {
            QuotationState::Used { checkout } => Some(checkout.uuid()),
            QuotationState::Open | QuotationState::Declined | QuotationState::Withdrawn | QuotationState::Expired => None,
        };
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.seller.uuid(),
            buyer: self.buyer.uuid(),
            state: self.state.name().to_owned(),
            checkout,
            lines: Document::of(&self.lines),
            freight: self.freight.minor_units(),
            total: self.total.minor_units(),
            currency: self.total.currency().code().to_owned(),
            expires: self.expires.micros(),
            note: self.note.clone(),
            created: self.created.micros(),
        }
    }
}
