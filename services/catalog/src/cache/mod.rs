//! What this process remembers of the database, so that the hot paths need no query.
//!
//! Three rules keep it honest. Every slot knows the version that it holds, and an older one never replaces a newer one, in
//! whichever order reads and writes end. Every change names the version that outdates the slot: our own writes at once,
//! those of other replicas through the service's events. And what was read too long ago is read again: after half a minute
//! while the events are followed, after two seconds while they are not.

mod follow;
mod versioned;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use kernel::{CategoryId, ProductId, StoreId, Time, VariantId};
use moka::sync::Cache as Bounded;
use prost::Message;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::{Aggregate, Error, Store, Stored};

use self::versioned::Versioned;
use crate::{
    domain::{Category, Product, Shop},
    store::sku::row as skus,
    wire,
};

/// How long a slot is good while other replicas' changes reach us.
const FOLLOWED: Duration = Duration::from_secs(30);

/// How long a slot is good while they do not.
const ALONE: Duration = Duration::from_secs(2);

/// Bytes that products may take up.
const PRODUCT_BYTES: u64 = 256 << 20;

/// Bytes that stores may take up.
const SHOP_BYTES: u64 = 64 << 20;

/// Bytes that categories may take up.
const CATEGORY_BYTES: u64 = 64 << 20;

/// Slots for which product a variant belongs to.
const VARIANTS: u64 = 1_000_000;

/// Bytes that pages of products may take up.
const PAGE_BYTES: u64 = 64 << 20;

/// Bytes that a slot for a variant takes up, with what it takes to find it.
const VARIANT_BYTES: u64 = 128;

/// Bytes that all of it may take up.
pub(crate) const BYTES: u64 = PRODUCT_BYTES + SHOP_BYTES + CATEGORY_BYTES + VARIANTS * VARIANT_BYTES + PAGE_BYTES;

/// Reads fail for no other reason than the database.
pub(crate) type ReadError = Error<std::convert::Infallible>;

/// A product, and its bytes as clients get them.
pub(crate) struct Listed {
    pub(crate) product: Stored<Product>,
    pub(crate) encoded: Bytes,
    /// What lists of results show of it, encoded.
    pub(crate) summary: Bytes,
}

impl Listed {
    fn of(product: Stored<Product>) -> Self {
        let message = wire::product::to_proto(&product);
        Self {
            encoded: message.encode_to_vec().into(),
            summary: wire::summary::of(&message).encode_to_vec().into(),
            product,
        }
    }
}

/// The memory of one process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Cache {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    products: Versioned<ProductId, Listed>,
    shops: Versioned<StoreId, Stored<Shop>>,
    categories: Versioned<CategoryId, Stored<Category>>,
    /// A variant never moves to another product.
    variants: Bounded<VariantId, ProductId>,
    pages: Bounded<(u64, Vec<u8>), (Bytes, Time)>,
    /// Counts the changes of products and categories: a page is good for one count only.
    generation: AtomicU64,
    /// Whether other replicas' changes reach us.
    followed: AtomicBool,
    /// What was read before this time is not good any more.
    forgotten: AtomicI64,
}

impl Cache {
    /// Remembers nothing yet.
    pub(crate) fn new(store: Store) -> Self {
        let weigh_page =
            |(_, list): &(u64, Vec<u8>), (page, _): &(Bytes, Time)| u32::try_from(page.len() + list.len() + 200).unwrap_or(u32::MAX);
        let inner = Inner {
            store,
            // The noun takes about as much again as its bytes.
            products: Versioned::new(PRODUCT_BYTES, |listed: &Listed| {
                2 * listed.encoded.len() + listed.summary.len() + 500
            }),
            shops: Versioned::new(SHOP_BYTES, |shop: &Stored<Shop>| {
                shop.window.name.len() + shop.window.description.len() + 300
            }),
            categories: Versioned::new(CATEGORY_BYTES, |category: &Stored<Category>| category.label.bytes() + 500),
            variants: Bounded::new(VARIANTS),
            pages: Bounded::builder().max_capacity(PAGE_BYTES).weigher(weigh_page).build(),
            generation: AtomicU64::new(0),
            followed: AtomicBool::new(false),
            forgotten: AtomicI64::new(i64::MIN),
        };
        Self { inner: Arc::new(inner) }
    }

    /// These products, in no particular order; missing ones are left out.
    pub(crate) async fn products(&self, ids: impl IntoIterator<Item = ProductId>) -> Result<Vec<Arc<Listed>>, ReadError> {
        self.slots(&self.inner.products, ids, Listed::of).await
    }

    /// One product.
    pub(crate) async fn product(&self, id: ProductId) -> Result<Option<Arc<Listed>>, ReadError> {
        Ok(self.products([id]).await?.pop())
    }

    /// These stores, in no particular order; missing ones are left out.
    pub(crate) async fn shops(&self, ids: impl IntoIterator<Item = StoreId>) -> Result<Vec<Arc<Stored<Shop>>>, ReadError> {
        self.slots(&self.inner.shops, ids, |shop| shop).await
    }

    /// One store.
    pub(crate) async fn shop(&self, id: StoreId) -> Result<Option<Arc<Stored<Shop>>>, ReadError> {
        Ok(self.shops([id]).await?.pop())
    }

    /// One category.
    pub(crate) async fn category(&self, id: CategoryId) -> Result<Option<Arc<Stored<Category>>>, ReadError> {
        Ok(self.slots(&self.inner.categories, [id], |category| category).await?.pop())
    }

    /// A category with all above it, from the root down.
    pub(crate) async fn category_path(&self, id: CategoryId) -> Result<Option<Vec<Arc<Stored<Category>>>>, ReadError> {
        let Some(category) = self.category(id).await? else {
            return Ok(None);
        };
        let ancestors = category.ancestors.iter().copied();
        let mut path = self.slots(&self.inner.categories, ancestors, |above| above).await?;
        path.sort_unstable_by_key(|above| above.ancestors.len());
        path.push(category);
        Ok(Some(path))
    }

    /// What is remembered under these ids, and for the others what `make` makes of the database's aggregates, in no particular order.
    async fn slots<A: Aggregate, V: Send + Sync>(
        &self,
        slots: &Versioned<A::Id, V>,
        ids: impl IntoIterator<Item = A::Id>,
        make: impl Fn(Stored<A>) -> V,
    ) -> Result<Vec<Arc<V>>, ReadError> {
        let (now, oldest) = self.now_and_oldest();
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for id in ids {
            match slots.get(&id, oldest) {
                Some(value) => found.push(value),
                None => missing.push(id),
            }
        }
        for aggregate in self.inner.store.get_all::<A>(missing).await? {
            let (id, version) = (aggregate.id(), aggregate.version());
            let value = Arc::new(make(aggregate));
            slots.put(id, version, Arc::clone(&value), now);
            found.push(value);
        }
        Ok(found)
    }

    /// Which products these variants belong to; those that nobody holds are left out.
    pub(crate) async fn products_of(&self, variants: &[VariantId]) -> Result<Vec<(VariantId, ProductId)>, ReadError> {
        let (mut found, mut missing) = (Vec::with_capacity(variants.len()), Vec::new());
        for variant in variants {
            match self.inner.variants.get(variant) {
                Some(product) => found.push((*variant, product)),
                None => missing.push(variant.uuid()),
            }
        }
        if !missing.is_empty() {
            let rows = skus::Entity::find()
                .filter(skus::Column::Variant.is_in(missing))
                .all(self.inner.store.db())
                .await?;
            for (variant, product) in rows.into_iter().filter_map(|row| row.variant.zip(row.product)) {
                let (variant, product) = (VariantId::from_uuid(variant), ProductId::from_uuid(product));
                self.inner.variants.insert(variant, product);
                found.push((variant, product));
            }
        }
        Ok(found)
    }

    /// A page of a list, as long as no product and no category has changed since; otherwise what to call it when it is made anew.
    pub(crate) fn page(&self, list: Vec<u8>) -> Result<Bytes, PageKey> {
        let (now, oldest) = self.now_and_oldest();
        let key = (self.inner.generation.load(Ordering::SeqCst), list);
        match self.inner.pages.get(&key) {
            Some((page, read)) if read >= oldest => Ok(page),
            Some(_) | None => Err(PageKey { key, read: now }),
        }
    }

    /// Remembers a page that was made after [`Cache::page`] asked for it.
    pub(crate) fn put_page(&self, key: PageKey, page: Bytes) {
        self.inner.pages.insert(key.key, (page, key.read));
    }

    /// A product has at least this version now.
    pub(crate) fn product_changed(&self, id: ProductId, version: i64) {
        self.inner.products.outdate(id, version, self.inner.store.clock().now());
        self.inner.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// A store has at least this version now.
    pub(crate) fn shop_changed(&self, id: StoreId, version: i64) {
        self.inner.shops.outdate(id, version, self.inner.store.clock().now());
    }

    /// A category has at least this version now.
    pub(crate) fn category_changed(&self, id: CategoryId, version: i64) {
        self.inner.categories.outdate(id, version, self.inner.store.clock().now());
        self.inner.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Whatever was read before now may be older than a change that was not heard.
    fn forget(&self) {
        self.inner
            .forgotten
            .store(self.inner.store.clock().now().micros(), Ordering::SeqCst);
        self.inner.generation.fetch_add(1, Ordering::SeqCst);
    }

    fn now_and_oldest(&self) -> (Time, Time) {
        let now = self.inner.store.clock().now();
        let good = if self.inner.followed.load(Ordering::Relaxed) {
            FOLLOWED
        } else {
            ALONE
        };
        let forgotten = Time::from_micros(self.inner.forgotten.load(Ordering::SeqCst));
        (now, now.minus(good).max(forgotten))
    }
}

/// The name of a page that is to be made: it was looked for before the database was read.
pub(crate) struct PageKey {
    key: (u64, Vec<u8>),
    read: Time,
}
