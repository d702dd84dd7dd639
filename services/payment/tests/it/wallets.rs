//! Money between wallets, and out of them.

use futures::future::join_all;
use harness::{Identity, databases, fields, reason, until, usd};
use kernel::{Money, OrganisationId};
use proto::payment::v1::{
    CreatePayoutRequest, GetTrialBalanceRequest, ListPaymentsRequest, ListWalletEntriesRequest, TransferFundsRequest,
    ledger_service_client::LedgerServiceClient, wallet_service_client::WalletServiceClient,
};
use tonic::{Code, Status};

use crate::{
    release::Order,
    setting::{Setting, card, order, organisation, payment_id, wallet},
};

#[tokio::test(flavor = "multi_thread")]
async fn parallel_payouts_of_twice_the_balance_take_it_once() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        setting.top_up(owner, "t", 1_000, "tok_visa").await.unwrap();
        let tries = (0..20).map(|_| async {
            let message = CreatePayoutRequest {
                request_id: String::new(),
                amount: usd(100),
                bank_account_token: "bank_ok".to_owned(),
            };
            setting.payouts().create_payout(setting.authority.person(owner, message)).await
        });
        let outcomes = join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 10);
        assert!(
            outcomes
                .iter()
                .filter_map(|outcome| outcome.as_ref().err())
                .all(|status| reason(status) == "INSUFFICIENT_FUNDS")
        );
        until("all payouts have left", || async { setting.wallet(owner).await == (0, 0) }).await;
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_of_more_than_there_is_anywhere_is_refused_like_any_other() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (owner, other) = (organisation(1), organisation(2));
        setting.top_up(owner, "t", 1_000, "tok_visa").await.unwrap();
        let message = TransferFundsRequest {
            request_id: String::new(),
            recipient_id: other.to_string(),
            amount: usd(10),
        };
        let mut wallets = WalletServiceClient::new(setting.channel());
        wallets.transfer_funds(setting.authority.person(owner, message)).await.unwrap();
        let message = CreatePayoutRequest {
            request_id: String::new(),
            amount: usd(i64::MAX),
            bank_account_token: "bank_ok".to_owned(),
        };
        let payout = setting.payouts().create_payout(setting.authority.person(owner, message)).await;
        assert_eq!(reason(&payout.unwrap_err()), "INSUFFICIENT_FUNDS");
        assert_eq!(setting.wallet(owner).await, (990, 990));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_pay_out_gets_no_money_out_by_another_wallet() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (owner, clerk) = (organisation(1), organisation(2));
        setting.top_up(owner, "t", 1_000, "tok_visa").await.unwrap();
        let message = TransferFundsRequest {
            request_id: String::new(),
            recipient_id: clerk.to_string(),
            amount: usd(1_000),
        };
        let purchasing = setting.authority.person_with(owner, "payments.read payments.write", &[], message);
        let refused = WalletServiceClient::new(setting.channel())
            .transfer_funds(purchasing)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        assert_eq!((setting.wallet(owner).await, setting.wallet(clerk).await), ((1_000, 1_000), (0, 0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn top_ups_are_bounded_and_the_newest_payment_is_listed_first() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        let much = setting.top_up(owner, "much", i64::MAX, "tok_visa").await.unwrap_err();
        assert_eq!(reason(&much), "INVALID_FIELDS");
        let mut newest_first = Vec::new();
        for key in ["a", "b", "c", "d", "e"] {
            let payment = setting.top_up(owner, key, 1_000_000_000_000_000, "tok_visa").await.unwrap();
            let again = setting.top_up(owner, key, 1_000_000_000_000_000, "tok_visa").await.unwrap();
            assert_eq!(again.id, payment.id);
            newest_first.insert(0, payment.id);
        }
        let request = setting.authority.person(owner, ListPaymentsRequest::default());
        let listed = setting.payments().list_payments(request).await.unwrap().into_inner().payments;
        assert_eq!(listed.into_iter().map(|payment| payment.id).collect::<Vec<_>>(), newest_first);
        assert_eq!(setting.wallet(owner).await.0, 5_000_000_000_000_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_top_up_hears_of_its_payment_though_the_wallet_has_no_room_any_more() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        let first = setting.top_up(owner, "t", 1_000, "tok_visa").await.unwrap();
        let full = i64::MAX - 500;
        setting
            .database
            .execute(&format!(
                "UPDATE accounts SET version = version + 1, credits_posted = {full}, debits_posted = {full} - 1000 WHERE kind = 'wallet'"
            ))
            .await;
        assert_eq!(setting.top_up(owner, "t", 1_000, "tok_visa").await.unwrap(), first);
        let new = setting.top_up(owner, "u", 1_000, "tok_visa").await.unwrap_err();
        assert_eq!(reason(&new), "WALLET_FULL");
        let other = setting.top_up(owner, "t", 2_000, "tok_visa").await.unwrap_err();
        assert_eq!(reason(&other), "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(setting.wallet(owner).await, (1_000, 1_000));
    }
}

/// Sends so many cents.
async fn send(setting: &Setting, from: OrganisationId, to: OrganisationId, cents: i64) -> Result<(), Status> {
    let message = TransferFundsRequest {
        request_id: String::new(),
        recipient_id: to.to_string(),
        amount: usd(cents),
    };
    let sent = WalletServiceClient::new(setting.channel())
        .transfer_funds(setting.authority.person(from, message))
        .await;
    sent.map(drop)
}

/// The only wallet there is was credited so many cents since it was opened, and has one of them left.
async fn turned_over(setting: &Setting, cents: i64) {
    let balances = format!("credits_posted = {cents}, debits_posted = {}", cents - 1);
    setting
        .database
        .execute(&format!(
            "UPDATE accounts SET version = version + 1, {balances} WHERE kind = 'wallet'"
        ))
        .await;
}

/// Why something was refused, and which field is to blame.
fn refused(status: &Status) -> (String, String) {
    (reason(status), fields(status).into_iter().next().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_money_learns_nothing_of_anybodys_turnover() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (poor, rich) = (organisation(1), organisation(2));
        setting.top_up(rich, "t", 1_000, "tok_visa").await.unwrap();
        for turnover in [1_000, i64::MAX / 2 + 5, i64::MAX - 5] {
            turned_over(&setting, turnover).await;
            for cents in [1, 6, Money::MOST_PAYABLE] {
                let answer = send(&setting, poor, rich, cents).await.unwrap_err();
                assert_eq!(reason(&answer), "INSUFFICIENT_FUNDS", "{cents} to {turnover}");
            }
        }
        let much = send(&setting, poor, rich, Money::MOST_PAYABLE + 1).await.unwrap_err();
        assert_eq!(refused(&much), ("INVALID_FIELDS".to_owned(), "amount.minor_units".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_wallet_takes_what_nobody_may_refuse_and_nothing_else() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (seller, buyer) = (organisation(1), organisation(2));
        setting.top_up(seller, "t", 1_000, "tok_visa").await.unwrap();
        let open = setting.top_up(seller, "late", 600, "tok_late").await.unwrap();
        turned_over(&setting, i64::MAX / 2 - 1_000).await;
        setting.top_up(buyer, "t", 2_000, "tok_visa").await.unwrap();
        // With 600 under way there is room for 400 more; the next 600 are beyond it, and count as soon as they are under way.
        setting.top_up(seller, "later", 600, "tok_late").await.unwrap();
        let full = |field: &str| ("WALLET_FULL".to_owned(), field.to_owned());
        let another = setting.top_up(seller, "latest", 600, "tok_late").await.unwrap_err();
        assert_eq!(refused(&another), full("method"));
        send(&setting, buyer, seller, 1_000).await.unwrap();
        assert_eq!(refused(&send(&setting, buyer, seller, 10).await.unwrap_err()), full("recipient_id"));
        let purchase = payment_id();
        setting.open(purchase, seller, &[(buyer, 500)]).await.unwrap();
        let by_card = setting.confirm(seller, purchase, "", card("tok_visa")).await.unwrap_err();
        assert_eq!(refused(&by_card), full("method"));

        // What a provider has taken is credited, and what the seller sold is paid.
        setting.captured(open.id.parse().unwrap(), 1, 600).await.unwrap();
        assert_eq!(setting.wallet(seller).await, (1_601, 1_601));
        let sale = payment_id();
        setting.open(sale, buyer, &[(seller, 1_000)]).await.unwrap();
        setting.confirm(buyer, sale, "", wallet()).await.unwrap();
        let other = Order::beside(&setting).await;
        other.tell("order.v1.accepted", order(sale, 0), buyer, seller).await;
        until("the seller is paid", || async { setting.wallet(seller).await == (2_576, 2_576) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_are_right_however_much_is_in_them() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        for buyer in 1..=3 {
            let payment = payment_id();
            setting
                .open(payment, organisation(buyer), &[(organisation(9), 1_000)])
                .await
                .unwrap();
            setting.confirm(organisation(buyer), payment, "", card("tok_visa")).await.unwrap();
        }
        // More than 64 bits in one currency, as years may bring together.
        setting
            .database
            .execute(if setting.database.url().starts_with("postgres") {
                "ALTER TABLE entries DISABLE TRIGGER USER"
            } else {
                "DROP TRIGGER entries_refuse_update"
            })
            .await;
        let much = i64::MAX / 2 / 1_000;
        let balances = format!("debits_posted = debits_posted * {much}, credits_posted = credits_posted * {much}");
        setting
            .database
            .execute(&format!("UPDATE entries SET change = change * {much}, {balances}"))
            .await;
        setting
            .database
            .execute(&format!("UPDATE accounts SET version = version + 1, {balances}"))
            .await;
        setting
            .database
            .execute(&format!("UPDATE escrows SET version = version + 1, funded = funded * {much}"))
            .await;
        let request = setting.authority.operator(organisation(0), GetTrialBalanceRequest {});
        let balance = LedgerServiceClient::new(setting.channel()).get_trial_balance(request).await;
        let balance = balance.unwrap().into_inner();
        assert_eq!((balance.violations.len(), balance.transfers), (0, 3));
        let escrow = balance.lines.iter().find(|line| line.account_kind == "escrow").unwrap();
        assert_eq!((escrow.accounts, escrow.credits_posted), (3, i64::MAX));
    }
}

/// Sends so many cents to a bank account.
#[tokio::test(flavor = "multi_thread")]
async fn money_is_never_sent_to_nobody() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let from = organisation(1);
        setting.top_up(from, "t", 1_000, "tok_visa").await.unwrap();
        let message = TransferFundsRequest {
            request_id: "a slip of the pen".to_owned(),
            recipient_id: Identity::nobody().to_string(),
            amount: usd(300),
        };
        let sent = WalletServiceClient::new(setting.channel())
            .transfer_funds(setting.authority.person(from, message))
            .await;
        let refused = sent.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(fields(&refused), ["recipient_id"]);
        assert_eq!(setting.wallet(from).await.0, 1_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_leave_entries_on_both_sides() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (from, to) = (organisation(1), organisation(2));
        setting.top_up(from, "t", 1_000, "tok_visa").await.unwrap();
        let mut wallets = WalletServiceClient::new(setting.channel());
        let mut send = async |key: &str, amount: i64| {
            let message = TransferFundsRequest {
                request_id: key.to_owned(),
                recipient_id: to.to_string(),
                amount: usd(amount),
            };
            wallets
                .transfer_funds(setting.authority.person(from, message))
                .await
                .map(tonic::Response::into_inner)
        };
        let first = send("a", 300).await.unwrap();
        assert_eq!(send("a", 300).await.unwrap(), first);
        send("b", 200).await.unwrap();
        assert_eq!(reason(&send("c", 501).await.unwrap_err()), "INSUFFICIENT_FUNDS");
        assert!(send("d", 0).await.is_err() && send("e", -1).await.is_err());
        assert_eq!((setting.wallet(from).await.0, setting.wallet(to).await.0), (500, 500));

        let page = |token: String| {
            let message = ListWalletEntriesRequest {
                currency: "USD".to_owned(),
                page_size: 2,
                page_token: token,
            };
            let request = setting.authority.person(from, message);
            let mut wallets = WalletServiceClient::new(setting.channel());
            async move { wallets.list_wallet_entries(request).await.unwrap().into_inner() }
        };
        let newest = page(String::new()).await;
        let older = page(newest.next_page_token.clone()).await;
        let changes = |entries: &[proto::payment::v1::WalletEntry]| {
            entries
                .iter()
                .map(|entry| {
                    (
                        entry.change.as_ref().unwrap().minor_units,
                        entry.balance_after.as_ref().unwrap().minor_units,
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(changes(&newest.entries), [(-200, 500), (-300, 700)]);
        assert_eq!(
            (changes(&older.entries), older.next_page_token.as_str()),
            (vec![(1_000, 1_000)], "")
        );
        setting.books_are_right().await;
    }
}
