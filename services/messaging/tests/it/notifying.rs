//! Listing notifications and marking them as read.

use harness::{Outbox, databases, fields, until};
use store::Fact;
use tonic::Code;

use crate::{
    orders::{order, order_id},
    setting::{Setting, organisation},
};

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_listed_newest_first_and_read_ones_can_be_left_out() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let orders = Outbox::of("order", &setting.nats).await;
        let seller = setting.caller(&replica, organisation());
        let mut placed = Vec::new();
        for _ in 0..7 {
            let id = order_id();
            orders
                .tell("order.v1.placed", id, &order(id, organisation(), seller.organisation))
                .await;
            placed.insert(0, id.to_string());
        }
        until("all are told", || async { seller.notifications(false).await.unwrap().len() == 7 }).await;

        let first = seller.notification_page(3, "", false).await.unwrap();
        let references =
            |page: &[proto::messaging::v1::Notification]| -> Vec<String> { page.iter().map(|one| one.reference.clone()).collect() };
        assert_eq!(references(&first.notifications), placed[..3]);
        let second = seller.notification_page(3, &first.next_page_token, false).await.unwrap();
        let third = seller.notification_page(3, &second.next_page_token, false).await.unwrap();
        assert_eq!(references(&second.notifications), placed[3..6]);
        assert_eq!(
            (references(&third.notifications), third.next_page_token.as_str()),
            (placed[6..].to_vec(), "")
        );

        for seen in &second.notifications {
            assert!(seller.mark_notification_read(&seen.id).await.unwrap().read);
            assert!(seller.mark_notification_read(&seen.id).await.unwrap().read, "again changes nothing");
        }
        let unread = seller.notification_page(3, "", true).await.unwrap();
        assert_eq!(references(&unread.notifications), placed[..3]);
        let rest = seller.notification_page(3, &unread.next_page_token, true).await.unwrap();
        assert_eq!(
            (references(&rest.notifications), rest.next_page_token.as_str()),
            (placed[6..].to_vec(), "")
        );

        let other_list = seller.notification_page(3, &first.next_page_token, true).await.unwrap_err();
        assert_eq!(fields(&other_list), ["page_token"], "a page belongs to its list");
        let stranger = setting.caller(&replica, organisation());
        let foreign = stranger.mark_notification_read(&first.notifications[0].id).await.unwrap_err();
        assert_eq!(
            (foreign.code(), foreign.message()),
            (Code::NotFound, "there is no such notification")
        );
        let bad = seller.mark_notification_read("ord_1").await.unwrap_err();
        assert_eq!(fields(&bad), ["notification_id"]);
        assert!(!seller.notifications(false).await.unwrap()[0].read);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_at_the_same_time_is_paged_without_gap_or_repetition() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let orders = Outbox::of("order", &setting.nats).await;
        let seller = setting.caller(&replica, organisation());
        let ids: Vec<_> = (0..10).map(|_| order_id()).collect();
        let placed = ids.iter().map(|id| {
            let body = order(*id, organisation(), seller.organisation);
            Fact::new("order.v1.placed", *id, [], &body)
        });
        orders.tell_at_once(placed).await;
        until("all are told", || async { seller.notifications(false).await.unwrap().len() == 10 }).await;

        let (mut listed, mut token) = (Vec::new(), String::new());
        loop {
            let page = seller.notification_page(3, &token, true).await.unwrap();
            listed.extend(page.notifications);
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        let mut times: Vec<_> = listed.iter().map(|one| one.create_time.map(|time| time.nanos)).collect();
        times.dedup();
        assert_eq!((times.len(), listed.len()), (1, 10));
        let mut references: Vec<_> = listed.into_iter().map(|one| one.reference).collect();
        references.sort();
        let mut expected: Vec<_> = ids.iter().map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(references, expected);
    }
}
