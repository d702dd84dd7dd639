//! Rows that an import rejected, in the table `rejections`: only ever appended to, each as the message that clients get.

use kernel::ImportId;
use prost::Message;
use proto::catalog::v1::RejectedRow;
use store::Corrupt;

pub(crate) mod row {
    //! The table `rejections`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "rejections")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) import: Uuid,
        pub(crate) place: i64,
        #[sea_orm(column_type = "Blob")]
        pub(crate) message: Vec<u8>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The row of a rejection; the same place of the same import always has the same id.
pub(crate) fn to_row(import: ImportId, rejected: &RejectedRow) -> row::Model {
    row::Model {
        id: ImportId::derived(import, &rejected.row.to_string()).uuid(),
        import: import.uuid(),
        place: rejected.row,
        message: rejected.encode_to_vec(),
    }
}

/// The rejection of a row.
pub(crate) fn from_row(row: &row::Model) -> Result<RejectedRow, Corrupt> {
    RejectedRow::decode(row.message.as_slice()).map_err(|error| Corrupt::new("rejections", error))
}
