//! Who is told what.

use kernel::{EventId, Time, uuid::Uuid};

use super::*;
use crate::domain::notification::Notification;

fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from_uuid(Uuid::from_u128(number))
}

fn usd(minor_units: i64) -> Money {
    Money::new(minor_units, "USD".parse().unwrap())
}

fn trade() -> Trade {
    Trade {
        order: OrderId::from_uuid(Uuid::from_u128(9)),
        buyer: organisation(1),
        seller: organisation(2),
    }
}

/// Everything that can happen, once.
fn all() -> Vec<News> {
    let Trade { order, buyer, seller } = trade();
    let steps = [
        OrderStep::Placed,
        OrderStep::Paid,
        OrderStep::Shipped,
        OrderStep::Delivered,
        OrderStep::Accepted,
        OrderStep::Completed,
        OrderStep::Cancelled {
            reason: "out_of_stock".to_owned(),
        },
        OrderStep::CancellationRequested,
    ];
    let quoted = [
        QuotationStep::Created,
        QuotationStep::Used,
        QuotationStep::Declined,
        QuotationStep::Withdrawn,
        QuotationStep::Expired,
    ];
    let (payment, payout) = (PaymentId::derived(order, "payment"), PayoutId::derived(order, "payout"));
    let (amount, reason) = (usd(1_250), "insufficient_funds".to_owned());
    let others = [
        News::CancellationRefused { order, buyer },
        News::CheckoutFailed {
            checkout: CheckoutId::derived(order, "checkout"),
            buyer,
            reason: reason.clone(),
        },
        News::PaymentDeclined {
            payment,
            payer: buyer,
            reason: reason.clone(),
        },
        News::ToppedUp {
            payment,
            owner: buyer,
            amount,
        },
        News::Released {
            order,
            seller,
            amount,
            fee: usd(31),
        },
        News::Refunded { order, buyer, amount },
        News::PaidOut {
            payout,
            owner: seller,
            amount,
        },
        News::PayoutFailed {
            payout,
            owner: seller,
            amount,
            reason: reason.clone(),
        },
        News::PayoutReturned {
            payout,
            owner: seller,
            amount,
            reason,
        },
        News::Reviewed {
            review: ReviewId::derived(order, "review"),
            seller,
        },
        News::BuyerReviewed {
            review: ReviewId::derived(order, "buyer"),
            buyer,
        },
    ];
    let order_news = steps.map(|step| News::Order {
        trade: trade(),
        total: amount,
        step,
    });
    let quotation_news = quoted.map(|step| News::Quotation {
        quotation: QuotationId::derived(order, "quotation"),
        buyer,
        seller,
        total: amount,
        step,
    });
    order_news.into_iter().chain(quotation_news).chain(others).collect()
}

#[test]
fn every_kind_is_told_to_somebody_and_nobody_is_told_twice() {
    let mut told = Vec::new();
    for news in all() {
        let notices = news.notices();
        let mut recipients: Vec<OrganisationId> = notices.iter().map(|notice| notice.recipient).collect();
        recipients.dedup();
        assert!(!notices.is_empty() && recipients.len() == notices.len(), "{news:?}");
        assert!(notices.iter().all(|notice| !notice.text.is_empty()));
        told.extend(notices.into_iter().map(|notice| notice.kind));
    }
    for kind in Kind::ALL {
        assert!(told.contains(&kind), "{} is told to nobody", kind.name());
    }
}

#[test]
fn the_same_event_makes_the_same_notifications_and_another_event_makes_others() {
    let event = EventId::from_uuid(Uuid::from_u128(77));
    let news = News::Order {
        trade: trade(),
        total: usd(1_250),
        step: OrderStep::Paid,
    };
    let happened = Time::from_micros(5);
    let first = Notification::of(event, happened, &news);
    assert_eq!(Notification::of(event, happened, &news), first);
    let ids = |event| -> Vec<_> { Notification::of(event, happened, &news).iter().map(|made| made.id).collect() };
    let later = ids(EventId::from_uuid(Uuid::from_u128(78)));
    assert!(first[0].id != first[1].id && first.iter().all(|made| !later.contains(&made.id)));
    let seller = &first[0];
    assert_eq!(
        (seller.recipient, seller.kind.name(), seller.read),
        (organisation(2), "order_paid", false)
    );
    assert_eq!(seller.reference, trade().order.to_string());
    assert!(seller.text.contains("USD 12.50"), "{}", seller.text);
}

#[test]
fn only_the_recipient_reads_a_notification() {
    let news = News::Reviewed {
        review: ReviewId::from_uuid(Uuid::nil()),
        seller: organisation(2),
    };
    let mut made = Notification::of(EventId::from_uuid(Uuid::nil()), Time::default(), &news).remove(0);
    assert_eq!(made.mark_read(organisation(1)), Err(crate::domain::Refusal::NoSuchNotification));
    assert!(!made.read);
    made.mark_read(organisation(2)).unwrap();
    made.mark_read(organisation(2)).unwrap();
    assert!(made.read);
}
