//! A small aggregate to try the door with: an account that may not fall below nothing.

use std::sync::Arc;

use harness::Database;
use kernel::{LedgerAccountId, ManualClock, OrganisationId, Time};
use sea_orm_migration::prelude::*;
use store::{Aggregate, Cause, Corrupt, Document, Fact, Keys, Options, Store, Stored, schema::leave_room};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) balance: i64,
        pub(crate) note: Option<String>,
        pub(crate) tags: Document,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod entry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entries")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) account: Uuid,
        pub(crate) change: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) id: LedgerAccountId,
    pub(crate) balance: i64,
    pub(crate) note: Option<String>,
    pub(crate) tags: Vec<String>,
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("there is not enough on the account")]
pub(crate) struct Overdrawn;

impl Account {
    pub(crate) fn new(id: LedgerAccountId, balance: i64) -> Self {
        Self {
            id,
            balance,
            note: None,
            tags: vec!["new".to_owned()],
        }
    }

    pub(crate) fn take(&mut self, amount: i64) -> Result<(), Overdrawn> {
        if amount > self.balance {
            return Err(Overdrawn);
        }
        self.balance -= amount;
        self.note = Some(format!("took {amount}"));
        Ok(())
    }

    pub(crate) fn taken(&self, amount: i64) -> Fact {
        let owner = OrganisationId::from_uuid(self.id.uuid());
        Fact::new("bank.v1.taken", self.id, [owner], &amount.to_string())
    }
}

impl Aggregate for Account {
    type Id = LedgerAccountId;
    type Entity = row::Entity;
    const KIND: &'static str = "account";

    fn id(&self) -> LedgerAccountId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let tags = row.tags.read("accounts")?;
        Ok(Stored::new(
            row.version,
            Self {
                id: LedgerAccountId::from_uuid(row.id),
                balance: row.balance,
                note: row.note,
                tags,
            },
        ))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            balance: self.balance,
            note: self.note.clone(),
            tags: Document::of(&self.tags),
        }
    }
}

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Accounts)]
    }
}

struct Accounts;

impl MigrationName for Accounts {
    fn name(&self) -> &str {
        "accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Accounts {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let db = schema.get_connection();
        let uuid = match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => "uuid",
            _ => "blob",
        };
        db.execute_unprepared(&format!(
            "CREATE TABLE accounts (id {uuid} PRIMARY KEY, version bigint NOT NULL, balance bigint NOT NULL CHECK (balance >= 0), note text, tags text NOT NULL)"
        ))
        .await?;
        db.execute_unprepared(&format!(
            "CREATE TABLE entries (id {uuid} PRIMARY KEY, account {uuid} NOT NULL, change bigint NOT NULL)"
        ))
        .await?;
        leave_room(schema, &["accounts"]).await
    }
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Time::from_micros(1_700_000_000_000_000)))
}

pub(crate) async fn open(database: &Database) -> Store {
    Store::open::<Migrator>(database.url(), Options::new(clock())).await.unwrap()
}

/// A new account with this balance.
pub(crate) async fn opened(store: &Store, balance: i64) -> LedgerAccountId {
    let id = LedgerAccountId::at(Time::from_micros(0));
    let opening = store.execute::<(), Overdrawn, _>(Cause::step("open", id), Keys::new().one::<Account>(id), move |work| {
        Ok(work.insert(Account::new(id, balance)))
    });
    opening.await.unwrap();
    id
}
