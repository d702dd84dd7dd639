//! Article numbers, in the table `skus`. It also finds the product of a variant, for a variant holds one article number at a time.

use kernel::{OrganisationId, ProductId, StoreId, VariantId};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::{Holder, Sku, SkuId};

pub(crate) mod row {
    //! The table `skus`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "skus")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) store: Uuid,
        pub(crate) sku: String,
        pub(crate) product: Option<Uuid>,
        pub(crate) variant: Option<Uuid>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Sku {
    type Id = SkuId;
    type Entity = row::Entity;
    const KIND: &'static str = "sku";

    fn id(&self) -> SkuId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let holder = match (row.product, row.variant) {
            (Some(product), Some(variant)) => Some(Holder {
                product: ProductId::from_uuid(product),
                variant: VariantId::from_uuid(variant),
            }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(Corrupt::new("skus", "half a holder")),
        };
        let sku = Self {
            id: SkuId::from_uuid(row.id),
            owner: OrganisationId::from_uuid(row.owner),
            shop: StoreId::from_uuid(row.store),
            text: row.sku,
            holder,
        };
        Ok(Stored::new(row.version, sku))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.owner.uuid(),
            store: self.shop.uuid(),
            sku: self.text.clone(),
            product: self.holder.map(|holder| holder.product.uuid()),
            variant: self.holder.map(|holder| holder.variant.uuid()),
        }
    }
}
