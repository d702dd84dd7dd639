//! The invariant of stock: what a warehouse has is the sum of what moved there.

use std::collections::BTreeMap;

use kernel::{StockId, WarehouseId};
use sea_orm::{AccessMode, ConnectionTrait, DbErr, EntityTrait, IsolationLevel, Statement, TransactionTrait};
use store::{Aggregate, Error, Store};
use uuid::Uuid;

use super::stock::row;
use crate::domain::{Level, Stock};

/// A level that the ledger does not explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Discrepancy {
    /// Whose level it is.
    pub(crate) stock: StockId,
    /// Where.
    pub(crate) warehouse: WarehouseId,
    /// What the row says, as (on hand, reserved).
    pub(crate) level: (i64, i64),
    /// What the movements add up to.
    pub(crate) ledger: (i64, i64),
}

/// Compares every level with the sum of its movements, at one point in time. None is the only right answer.
///
/// It reads both tables as a whole; run it at quiet hours.
///
/// # Errors
/// A database that does not answer, or a row whose totals are not the sum of its levels.
pub(crate) async fn audit(store: &Store) -> Result<Vec<Discrepancy>, Error<std::convert::Infallible>> {
    let db = store.db();
    // One snapshot for both reads, so that movements on their way do not look like discrepancies. SQLite's are serializable as they are.
    let (isolation, access) = match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)),
        _ => (None, None),
    };
    let tx = db.begin_with_config(isolation, access).await?;
    let mut levels = BTreeMap::<(Uuid, Uuid), [Level; 2]>::new();
    for row in row::Entity::find().all(&tx).await? {
        let stock = Stock::from_row(row)?;
        for (warehouse, level) in stock.levels() {
            levels.entry((stock.id().uuid(), warehouse.uuid())).or_default()[0] = *level;
        }
    }
    for (stock, warehouse, level) in sums(&tx).await? {
        levels.entry((stock, warehouse)).or_default()[1] = level;
    }
    tx.commit().await?;
    let wrong = levels.into_iter().filter(|(_, [level, ledger])| level != ledger);
    Ok(wrong
        .map(|((stock, warehouse), [level, ledger])| Discrepancy {
            stock: StockId::from_uuid(stock),
            warehouse: WarehouseId::from_uuid(warehouse),
            level: (level.on_hand, level.reserved),
            ledger: (ledger.on_hand, ledger.reserved),
        })
        .collect())
}

async fn sums(db: &impl ConnectionTrait) -> Result<Vec<(Uuid, Uuid, Level)>, DbErr> {
    let text = "SELECT stock, warehouse, CAST(SUM(on_hand_change) AS BIGINT) AS on_hand, CAST(SUM(reserved_change) AS BIGINT) AS reserved \
                FROM movements GROUP BY stock, warehouse";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), text)).await?;
    rows.iter()
        .map(|row| {
            let level = Level {
                on_hand: row.try_get("", "on_hand")?,
                reserved: row.try_get("", "reserved")?,
            };
            Ok((row.try_get("", "stock")?, row.try_get("", "warehouse")?, level))
        })
        .collect()
}
