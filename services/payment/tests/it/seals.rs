//! Nobody changes the ledger's past unnoticed, whatever the hand that does it may do in the database.

use futures::future::join_all;
use harness::{Database, channel, databases, fields, until, usd};
use proto::operations::v1::{AuditReport, RunAuditRequest, operations_service_client::OperationsServiceClient};
use proto::payment::v1::{TransferFundsRequest, wallet_service_client::WalletServiceClient};
use sea_orm::{ConnectionTrait, DbBackend};
use tonic::Status;

use crate::setting::{Setting, organisation};

/// How many people send each other money.
const PEOPLE: u128 = 8;

/// Everybody sends everybody a cent, by two replicas at once.
async fn trade(setting: &Setting, round: &str) {
    let replicas = [setting.address, setting.replica().await];
    join_all((0..PEOPLE * PEOPLE).map(|pair| async move {
        let (from, to) = (pair / PEOPLE, pair % PEOPLE);
        if from == to {
            return;
        }
        let message = TransferFundsRequest {
            request_id: format!("{round} {pair}"),
            recipient_id: organisation(to + 1).to_string(),
            amount: usd(1),
        };
        let request = setting.authority.person(organisation(from + 1), message);
        let address = replicas[usize::try_from(pair % 2).unwrap()];
        WalletServiceClient::new(channel(address)).transfer_funds(request).await.unwrap();
    }))
    .await;
}

/// All pages of an audit as one.
async fn audit(setting: &Setting, audit: &str, known_seal: &str) -> AuditReport {
    let mut whole = AuditReport::default();
    let mut token = String::new();
    loop {
        let report = page(setting, audit, known_seal, &token).await.unwrap();
        whole.findings.extend(report.findings);
        if !report.seal.is_empty() {
            whole.seal = report.seal;
        }
        token = report.next_page_token;
        if token.is_empty() {
            return whole;
        }
    }
}

/// One page of an audit.
async fn page(setting: &Setting, audit: &str, known_seal: &str, page_token: &str) -> Result<AuditReport, Status> {
    let message = RunAuditRequest {
        service: "payment".to_owned(),
        audit: audit.to_owned(),
        page_token: page_token.to_owned(),
        known_seal: known_seal.to_owned(),
    };
    let request = setting.authority.operator(organisation(0), message);
    let mut operations = OperationsServiceClient::new(setting.channel());
    operations.run_audit(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_goes_on_only_from_where_it_said_itself() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let first = page(&setting, "seals", "", "").await.unwrap();
        assert_eq!(first.findings, Vec::<String>::new());
        page(&setting, "seals", "", &first.next_page_token).await.unwrap();
        let mut changed = first.next_page_token.clone();
        changed.replace_range(..1, if changed.starts_with('0') { "1" } else { "0" });
        for token in ["seals:-5", "seals:1", "seals:999999", "transfers:0:0", "0", &changed] {
            let refused = page(&setting, "seals", "", token).await.unwrap_err();
            assert_eq!(fields(&refused), ["page_token"], "{token}");
        }
    }
}

async fn all_is_sealed(database: &Database) {
    until("every transfer is sealed", || async {
        let sealed = "SELECT CAST(coalesce(sum(length(members)), 0) / 48 AS bigint) FROM seals";
        database.number(sealed).await == database.count("transfers").await
    })
    .await;
}

/// Two rounds of payments by two replicas, sealed.
async fn sealed(database: Database) -> Setting {
    let setting = Setting::on(database).await;
    join_all((1..=PEOPLE).map(async |person| {
        let paid = setting
            .top_up(organisation(person), &format!("top up {person}"), 1_000, "tok_visa")
            .await;
        paid.unwrap();
    }))
    .await;
    for round in ["first", "second"] {
        trade(&setting, round).await;
        all_is_sealed(&setting.database).await;
    }
    setting
}

/// What the audit finds after a change behind the ledger's back, which is undone afterwards.
async fn finds(setting: &Setting, change: &str, undo: &str) -> String {
    setting.database.execute(change).await;
    let findings = audit(setting, "seals", "").await.findings;
    setting.database.execute(undo).await;
    assert_eq!(audit(setting, "seals", "").await.findings, Vec::<String>::new(), "{undo}");
    assert_eq!(
        findings.len(),
        1,
        "the first seal that does not fit is named, and no other: {findings:?}"
    );
    findings.into_iter().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_past_is_found_out_with_the_first_seal_that_does_not_fit() {
    for database in databases().await {
        let setting = sealed(database).await;
        let db = setting.database.behind().await;
        assert!(setting.database.count("seals").await >= 2);
        let whole = audit(&setting, "seals", "").await;
        assert_eq!(whole.findings, Vec::<String>::new());
        assert_eq!(audit(&setting, "books", "").await.findings, Vec::<String>::new());

        // The ledger itself refuses; whoever owns the database gets around that.
        assert!(db.execute_unprepared("UPDATE transfers SET amount = 2").await.is_err());
        assert!(db.execute_unprepared("DELETE FROM seals").await.is_err());
        if db.get_database_backend() == DbBackend::Postgres {
            assert!(db.execute_unprepared("TRUNCATE entries").await.is_err());
        }
        for table in ["transfers", "entries", "seals"] {
            if db.get_database_backend() == DbBackend::Postgres {
                db.execute_unprepared(&format!("ALTER TABLE {table} DISABLE TRIGGER USER"))
                    .await
                    .unwrap();
            } else {
                for change in ["update", "delete"] {
                    db.execute_unprepared(&format!("DROP TRIGGER {table}_refuse_{change}"))
                        .await
                        .unwrap();
                }
            }
        }
        let finds = async |change: &str, undo: &str| finds(&setting, change, undo).await;
        let one = "id = (SELECT min(id) FROM transfers WHERE created = (SELECT max(created) FROM transfers))";
        let one = if db.get_database_backend() == DbBackend::Postgres {
            one.replace("min(id)", "CAST(min(CAST(id AS text)) AS uuid)")
        } else {
            one.to_owned()
        };
        let last = setting.database.number("SELECT max(number) FROM seals").await;
        let of_last = format!("seal {last}: trf_");

        let amount = finds(
            &format!("UPDATE transfers SET amount = amount + 7 WHERE {one}"),
            &format!("UPDATE transfers SET amount = amount - 7 WHERE {one}"),
        )
        .await;
        assert!(
            amount.starts_with(&of_last) && amount.ends_with("are not what was sealed"),
            "{amount}"
        );
        let code = finds(
            "UPDATE entries SET code = 'gift' WHERE code = 'top_up'",
            "UPDATE entries SET code = 'top_up' WHERE code = 'gift'",
        )
        .await;
        assert!(code.starts_with("seal 1: trf_"), "{code}");
        let gone = finds(
            "CREATE TABLE stolen AS SELECT * FROM transfers WHERE code = 'top_up'; DELETE FROM transfers WHERE code = 'top_up'",
            "INSERT INTO transfers SELECT * FROM stolen; DROP TABLE stolen",
        )
        .await;
        assert!(gone.ends_with("is not in the ledger any more"), "{gone}");
        let missing = finds(
            "CREATE TABLE stolen AS SELECT * FROM seals WHERE number = 1; DELETE FROM seals WHERE number = 1",
            "INSERT INTO seals SELECT * FROM stolen; DROP TABLE stolen",
        )
        .await;
        assert_eq!(missing, "seal 1 is missing");
        let cut = finds(
            &format!("CREATE TABLE stolen AS SELECT * FROM seals WHERE number = {last}; DELETE FROM seals WHERE number = {last}"),
            "INSERT INTO seals SELECT * FROM stolen; DROP TABLE stolen",
        )
        .await;
        assert_eq!(cut, format!("seal {last} is missing: the chain counts {last}"));
        let blob = |bytes: &str| match db.get_database_backend() {
            DbBackend::Postgres => format!("'\\x{bytes}'::bytea"),
            _ => format!("x'{bytes}'"),
        };
        let forged = finds(
            &format!(
                "CREATE TABLE stolen AS SELECT * FROM seals WHERE number = 1; UPDATE seals SET members = {} WHERE number = 1",
                blob("00")
            ),
            "UPDATE seals SET members = (SELECT members FROM stolen) WHERE number = 1; DROP TABLE stolen",
        )
        .await;
        assert_eq!(forged, "seal 1 was changed");

        // What was kept elsewhere is found again, or missed.
        assert_eq!(audit(&setting, "seals", &whole.seal).await.findings, Vec::<String>::new());
        let other = audit(&setting, "seals", &format!("{last}:00")).await.findings;
        assert!(other[0].ends_with("is not in the chain"), "{other:?}");
    }
}
