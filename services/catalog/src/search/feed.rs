//! Keeps the index true: it follows the service's own events, and reads the database where they do not reach.

use std::time::Duration;

use ::store::Store;
use events::{Begin, Bus, Event, Follower, History};
use kernel::{CategoryId, ProductId, Time};
use proto::catalog::v1;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::time::Instant;

use super::{Index, document::Entry, position::Position};
use crate::{cache::Cache, domain::Product, store::product::row, wire};

/// How long changes are gathered before they show.
const GATHER: Duration = Duration::from_millis(200);

/// How long nothing must come until the writer rests.
const REST: Duration = Duration::from_secs(3);

/// How long to wait when something that is needed does not answer.
const RETRY: Duration = Duration::from_millis(500);

/// How many products a rebuild reads at a time.
const PAGE: u64 = 1_000;

type Broken = Box<dyn std::error::Error + Send + Sync>;

/// What the index is fed from.
pub(crate) struct Feed {
    pub(crate) index: Index,
    pub(crate) store: Store,
    pub(crate) cache: Cache,
    pub(crate) bus: Bus,
}

impl Feed {
    /// Feeds the index for as long as the process runs; whatever breaks is tried again.
    pub(crate) async fn run(self) {
        loop {
            if let Err(error) = self.feed_until_broken().await {
                tracing::warn!(%error, "the search index is fed anew");
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    async fn feed_until_broken(&self) -> Result<(), Broken> {
        let known = self.index.position()?;
        let ours = match known {
            Some(position) => self.knows(position).await?,
            None => false,
        };
        if ours {
            self.index.complete();
        }
        // The stream is looked at before the database is read: what it did not have then will follow.
        let history = self.bus.history("catalog").await?;
        let position = match known {
            Some(position) if ours && position.can_go_on(history) => position,
            Some(_) | None => self.rebuild(history).await?,
        };
        let begin = Begin::Sequence(position.sequence + 1);
        let follower = self.bus.follow("catalog", begin).await?;
        self.follow(position, follower).await
    }

    /// Whether the database has what the index heard last. It has not when it is another one, or was put back to where it once was.
    async fn knows(&self, position: Position) -> Result<bool, Broken> {
        let Some((product, version)) = position.newest else {
            return Ok(false);
        };
        let product = self.store.get::<Product>(product).await?;
        Ok(product.is_some_and(|product| product.version() >= version))
    }

    /// Puts what happens into the index, commits when enough was gathered, and lets the writer rest when nothing came for a while.
    async fn follow(&self, mut position: Position, mut follower: Follower) -> Result<(), Broken> {
        let mut gathered: Option<Instant> = None;
        let mut rest: Option<Instant> = Some(Instant::now() + REST);
        loop {
            let due = gathered.unwrap_or_else(Instant::now) + GATHER;
            let idle = rest.unwrap_or_else(Instant::now);
            tokio::select! {
                events = follower.next() => {
                    let events = events?;
                    self.put(&events).await?;
                    if let Some((sequence, _)) = events.last() {
                        position.sequence = *sequence;
                        let newest = events.iter().rfind(|(_, event)| is_of_a_product(event));
                        position.newest = newest.map(|(_, event)| (ProductId::from_uuid(event.aggregate), event.version)).or(position.newest);
                        if self.index.is_dirty() {
                            gathered.get_or_insert_with(Instant::now);
                        }
                    }
                }
                () = tokio::time::sleep_until(due), if gathered.is_some() => {
                    self.commit(position).await?;
                    (gathered, rest) = (None, Some(Instant::now() + REST));
                }
                () = tokio::time::sleep_until(idle), if gathered.is_none() && rest.is_some() => {
                    self.blocking(Index::rest).await?;
                    rest = None;
                }
            }
        }
    }

    async fn put(&self, events: &[(u64, Event)]) -> Result<(), Broken> {
        let mut entries = Vec::with_capacity(events.len());
        for (_, event) in events.iter().filter(|(_, event)| is_of_a_product(event)) {
            if let Some(product) = event.decode::<v1::ProductChanged>()?.product {
                entries.push(self.entry(ProductId::from_uuid(event.aggregate), event.version, product).await?);
            }
        }
        self.blocking(move |index| index.put(&entries)).await
    }

    async fn entry(&self, id: ProductId, version: i64, product: v1::Product) -> Result<Entry, Broken> {
        let path = match product.category_id.parse::<CategoryId>() {
            Ok(category) => self.cache.category_path(category).await?.unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        Ok(Entry {
            id,
            version,
            product,
            path: path.iter().map(|category| category.id).collect(),
        })
    }

    /// All products from the database, in place of whatever the index had. What it had is served until this is done.
    async fn rebuild(&self, history: History) -> Result<Position, Broken> {
        self.blocking(|index| index.clear()).await?;
        let (mut after, mut count) = (kernel::uuid::Uuid::nil(), 0);
        let mut newest: Option<(Time, ProductId, i64)> = None;
        loop {
            let select = row::Entity::find()
                .filter(row::Column::Id.gt(after))
                .order_by_asc(row::Column::Id)
                .limit(PAGE);
            let products = self.store.select::<Product>(select).await?;
            let Some(last) = products.last() else { break };
            (after, count) = (last.id.uuid(), count + products.len());
            let mut entries = Vec::with_capacity(products.len());
            for product in products {
                newest = newest.max(Some((product.updated, product.id, product.version())));
                entries.push(self.entry(product.id, product.version(), wire::product::to_proto(&product)).await?);
            }
            self.blocking(move |index| index.put(&entries)).await?;
        }
        let position = Position {
            stream: history.created,
            sequence: history.last,
            newest: newest.map(|(_, product, version)| (product, version)),
        };
        self.commit(position).await?;
        tracing::info!(products = count, "the search index was built from the database");
        Ok(position)
    }

    async fn commit(&self, position: Position) -> Result<(), Broken> {
        self.blocking(move |index| index.commit(position)).await
    }

    /// The index is files and processor time: nothing for the threads that serve requests.
    async fn blocking(&self, work: impl FnOnce(&Index) -> tantivy::Result<()> + Send + 'static) -> Result<(), Broken> {
        let index = self.index.clone();
        Ok(tokio::task::spawn_blocking(move || work(&index)).await??)
    }
}

fn is_of_a_product(event: &Event) -> bool {
    event.subject.starts_with("catalog.v1.product_")
}
