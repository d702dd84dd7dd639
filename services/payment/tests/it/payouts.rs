//! What becomes of payouts: the bank refuses, takes its time, pays and sends back.

use harness::{databases, reason, until, usd};
use kernel::OrganisationId;
use proto::payment::v1::{
    CreatePayoutRequest, GetPayoutRequest, ListWalletEntriesRequest, Payout, PayoutState, wallet_service_client::WalletServiceClient,
};
use tonic::{Code, Status};

use crate::setting::{Setting, organisation};

async fn pay_out(setting: &Setting, owner: OrganisationId, amount: i64, bank: &str) -> Payout {
    let message = CreatePayoutRequest {
        request_id: "p".to_owned(),
        amount: usd(amount),
        bank_account_token: bank.to_owned(),
    };
    let request = setting.authority.person(owner, message);
    setting.payouts().create_payout(request).await.unwrap().into_inner()
}

/// Where a payout stands, and why.
async fn stands(setting: &Setting, owner: OrganisationId, payout: &Payout) -> (PayoutState, String) {
    let message = GetPayoutRequest {
        payout_id: payout.id.clone(),
    };
    let request = setting.authority.person(owner, message);
    let now = setting.payouts().get_payout(request).await.unwrap().into_inner();
    (now.state(), now.failure_reason)
}

/// 600 of 1,000 cents on their way to a bank that takes its time.
async fn in_transit(setting: &Setting, owner: OrganisationId) -> Payout {
    setting.top_up(owner, "t", 1_000, "tok_visa").await.unwrap();
    let payout = pay_out(setting, owner, 600, "bank_late").await;
    until("the bank has taken it on", || async {
        stands(setting, owner, &payout).await.0 == PayoutState::InTransit
    })
    .await;
    payout
}

/// The bank says by itself what became of a payout.
async fn say(setting: &Setting, payout: &Payout, outcome: &str) -> Result<(), Status> {
    let id = &payout.id;
    let body = format!(r#"{{"payout_id": "{id}", "outcome": "{outcome}", "reason": "account_closed"}}"#);
    setting.call_back(body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_that_the_bank_refuses_comes_back() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        setting.top_up(owner, "t", 1_000, "tok_visa").await.unwrap();
        let payout = pay_out(&setting, owner, 600, "bank_closed").await;
        let refused = (PayoutState::Failed, "account_closed".to_owned());
        until("the bank has refused", || async {
            stands(&setting, owner, &payout).await == refused
        })
        .await;
        assert_eq!(setting.wallet(owner).await, (1_000, 1_000));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_is_in_transit_then_paid_and_may_be_returned_once() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        let payout = in_transit(&setting, owner).await;
        assert_eq!(setting.wallet(owner).await, (1_000, 400));
        for _ in 0..2 {
            say(&setting, &payout, "paid").await.unwrap();
            assert_eq!(stands(&setting, owner, &payout).await, (PayoutState::Paid, String::new()));
            assert_eq!(setting.wallet(owner).await, (400, 400));
        }
        for outcome in ["returned", "returned", "paid", "failed"] {
            say(&setting, &payout, outcome).await.unwrap();
            let returned = (PayoutState::Returned, "account_closed".to_owned());
            assert_eq!(stands(&setting, owner, &payout).await, returned);
            assert_eq!(setting.wallet(owner).await, (1_000, 1_000));
        }
        let message = ListWalletEntriesRequest {
            currency: "USD".to_owned(),
            page_size: 1,
            page_token: String::new(),
        };
        let request = setting.authority.person(owner, message);
        let newest = WalletServiceClient::new(setting.channel()).list_wallet_entries(request).await;
        let newest = newest.unwrap().into_inner().entries.remove(0);
        assert_eq!((newest.kind.as_str(), newest.reference), ("payout_returned", payout.id.clone()));

        let nonsense = say(&setting, &payout, "captured").await.unwrap_err();
        assert_eq!(reason(&nonsense), "INVALID_FIELDS");
        let unknown = Payout {
            id: "pyo_01h455vb4pex5vsknk084sn02q".to_owned(),
            ..payout
        };
        assert_eq!(say(&setting, &unknown, "paid").await.unwrap_err().code(), Code::NotFound);
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_that_fails_comes_back_whatever_the_banks_words() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        let payout = in_transit(&setting, owner).await;
        let words = format!(r"account\u0000closed{}", "!".repeat(1_000_000));
        let failed = format!(r#"{{"payout_id": "{}", "outcome": "failed", "reason": "{words}"}}"#, payout.id);
        setting.call_back(failed).await.unwrap();
        let (state, why) = stands(&setting, owner, &payout).await;
        assert_eq!(state, PayoutState::Failed);
        assert!(why.starts_with("account closed!!!") && why.chars().count() <= 500, "{why}");
        assert_eq!(setting.wallet(owner).await, (1_000, 1_000));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_payout_in_transit_is_asked_though_nobody_tells() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        let payout = in_transit(&setting, owner).await;
        setting
            .database
            .execute("UPDATE sandbox_charges SET outcome = 'captured', version = version + 1")
            .await;
        until("the bank was asked", || async {
            stands(&setting, owner, &payout).await.0 == PayoutState::Paid
        })
        .await;
        assert_eq!(setting.wallet(owner).await, (400, 400));
        setting.books_are_right().await;
    }
}
