//! Each seller's warehouses and freight tables, kept in memory: reserving reads them for every checkout, and they change once in a while.
//!
//! Nothing here is older than a few seconds. A replica forgets what it writes itself at once. What another replica writes it notices within
//! [`EVERY`]: it asks the database for warehouses that changed lately and forgets whose versions differ from its own. When it could not ask
//! for [`TRUST`], it trusts nothing and reads every time. A warehouse that is so new that it has not been noticed makes the reservation
//! start again with a fresh list, so nothing is refused for want of it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use kernel::{OrganisationId, Time, WarehouseId};
use moka::sync::Cache;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Error, Store, Stored};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use crate::{
    domain::{Site, Warehouse},
    store::warehouse::row,
};

/// How often the database is asked what changed.
const EVERY: Duration = Duration::from_secs(1);

/// How long the last answer holds.
const TRUST: Duration = Duration::from_secs(4);

/// How far back "lately" reaches: longer than any transaction takes and than clocks of replicas differ.
const LATELY: Duration = Duration::from_secs(120);

/// How many sellers are remembered.
const SELLERS: u64 = 100_000;

/// A seller's warehouses, and the version of each.
pub(crate) struct Network {
    pub(crate) sites: Vec<Site>,
    versions: HashMap<WarehouseId, i64>,
}

/// All sellers' networks.
pub(crate) struct Networks {
    store: Store,
    known: Cache<OrganisationId, Arc<Network>>,
    asked: watch::Sender<Option<Instant>>,
}

impl Networks {
    /// Nothing is trusted until somebody [keeps asking](Self::keep_asking) the database.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            known: Cache::new(SELLERS),
            asked: watch::Sender::new(None),
        }
    }

    /// Asks the database what changed, again and again, for as long as it is polled.
    pub(crate) async fn keep_asking(self: Arc<Self>) {
        loop {
            let since = self.store.clock().now().minus(LATELY);
            if let Err(error) = self.ask(since).await {
                tracing::warn!(%error, "changed warehouses could not be looked up, so every reservation reads them");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// The seller's warehouses; none for a seller without any.
    pub(crate) async fn of(&self, seller: OrganisationId) -> Result<Arc<Network>, Error<std::convert::Infallible>> {
        let trusted = self.asked.borrow().is_some_and(|asked| asked.elapsed() < TRUST);
        if let Some(network) = self.known.get(&seller).filter(|_| trusted) {
            return Ok(network);
        }
        let network = Arc::new(self.read(seller).await?);
        self.known.insert(seller, Arc::clone(&network));
        Ok(network)
    }

    /// The next answer is read from the database.
    pub(crate) fn forget(&self, seller: OrganisationId) {
        self.known.invalidate(&seller);
    }

    async fn read(&self, seller: OrganisationId) -> Result<Network, Error<std::convert::Infallible>> {
        let own = row::Entity::find().filter(row::Column::Owner.eq(seller.uuid()));
        let warehouses = self.store.select::<Warehouse>(own.order_by_asc(row::Column::Id)).await?;
        let version = |warehouse: &Stored<Warehouse>| (warehouse.id, warehouse.version());
        Ok(Network {
            sites: warehouses.iter().map(|warehouse| warehouse.site()).collect(),
            versions: warehouses.iter().map(version).collect(),
        })
    }

    async fn ask(&self, since: Time) -> Result<(), DbErr> {
        let asked = Instant::now();
        let changed: Vec<(Uuid, Uuid, i64)> = row::Entity::find()
            .select_only()
            .columns([row::Column::Owner, row::Column::Id, row::Column::Version])
            .filter(row::Column::Changed.gte(since.micros()))
            .into_tuple()
            .all(self.store.db())
            .await?;
        for (owner, warehouse, version) in changed {
            let owner = OrganisationId::from_uuid(owner);
            let is_new = |network: Arc<Network>| network.versions.get(&WarehouseId::from_uuid(warehouse)) != Some(&version);
            if self.known.get(&owner).is_some_and(is_new) {
                self.forget(owner);
            }
        }
        self.asked.send_replace(Some(asked));
        Ok(())
    }
}
