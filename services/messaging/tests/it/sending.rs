//! Sending, listing and reading messages, and the order of conversations.

use futures::future::join_all;
use harness::{databases, fields, reason};
use kernel::{QuotationId, uuid::Uuid};
use proto::messaging::v1::SendMessageRequest;
use tonic::Code;

use crate::setting::{Setting, organisation};

#[tokio::test(flavor = "multi_thread")]
async fn sequences_are_dense_whoever_sends_at_whichever_replica() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replicas = [setting.replica().await, setting.replica().await];
        let parties = [organisation(), organisation()];
        let id = setting.caller(&replicas[0], parties[0]).open(parties[1], None).await.unwrap().id;
        let sending = (0..40).map(|turn| {
            let caller = setting.caller(&replicas[turn % 2], parties[turn / 2 % 2]);
            let id = &id;
            async move {
                let mut sequences = Vec::new();
                for line in 0..5 {
                    let sent = caller.send(id, &format!("{turn} {line}"), &format!("{turn} {line}")).await.unwrap();
                    sequences.push(sent.sequence);
                }
                assert!(sequences.is_sorted(), "what one says later stands later");
                sequences
            }
        });
        let mut sequences = join_all(sending).await.concat();
        sequences.sort_unstable();
        assert_eq!(sequences, (1..=200).collect::<Vec<i64>>());

        let reader = setting.caller(&replicas[1], parties[0]);
        let mut read = Vec::new();
        while let page = reader.messages(&id, read.len() as i64, 60).await.unwrap()
            && !page.is_empty()
        {
            read.extend(page);
        }
        assert!(read.iter().map(|message| message.sequence).eq(1..=200));
        let seconds = |message: &proto::messaging::v1::Message| message.create_time.map(|time| (time.seconds, time.nanos));
        assert!(read.is_sorted_by_key(seconds), "nothing is older than what was said before it");
        assert_eq!(reader.get(&id).await.unwrap().last_sequence, 200);
        assert_eq!(setting.findings(&replicas[0]).await, Vec::<String>::new());
        setting.database.execute("DELETE FROM messages WHERE sequence = 77").await;
        let [finding] = setting.findings(&replicas[0]).await.try_into().unwrap();
        assert!(finding.ends_with("is at 200, and has 199 messages up to 200"), "{finding}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_sent_once_whatever_the_number_of_tries() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replicas = [setting.replica().await, setting.replica().await];
        let buyer = setting.caller(&replicas[0], organisation());
        let id = buyer.open(organisation(), None).await.unwrap().id;
        let quotation = QuotationId::from_uuid(Uuid::from_u128(5)).to_string();
        let request = SendMessageRequest {
            request_id: "my first".to_owned(),
            conversation_id: id.clone(),
            text: " How much for 10,000? ".to_owned(),
            quotation_id: quotation.clone(),
        };
        let tries = (0..6).map(|turn| {
            let caller = setting.caller(&replicas[turn % 2], buyer.organisation);
            let request = request.clone();
            async move { caller.send_as(request).await.unwrap() }
        });
        let mut sent = join_all(tries).await;
        sent.dedup();
        assert_eq!(sent.len(), 1);
        assert_eq!((sent[0].sequence, sent[0].text.as_str()), (1, "How much for 10,000?"));
        assert_eq!(sent[0].quotation_id, quotation);
        assert_eq!(buyer.messages(&id, 0, 0).await.unwrap(), sent);

        let other_text = buyer.send(&id, "my first", "something else").await.unwrap_err();
        assert_eq!(reason(&other_text), "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(buyer.get(&id).await.unwrap().last_sequence, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_message_names_its_fields_and_is_not_written() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let buyer = setting.caller(&replica, organisation());
        let id = buyer.open(organisation(), None).await.unwrap().id;
        let request = |key: &str, conversation: &str, text: String, quotation: &str| SendMessageRequest {
            request_id: key.to_owned(),
            conversation_id: conversation.to_owned(),
            text,
            quotation_id: quotation.to_owned(),
        };
        let cases = [
            (
                request("", "", String::new(), "ord_1"),
                vec!["request_id", "conversation_id", "text", "quotation_id"],
            ),
            (request("k", &id, " \n ".to_owned(), ""), vec!["text"]),
            (request("k", &id, "x".repeat(4_001), ""), vec!["text"]),
            (request("k", &id, "a\0b".to_owned(), ""), vec!["text"]),
        ];
        let causes = setting.count("causes").await;
        for (request, expected) in cases {
            let refused = buyer.send_as(request).await.unwrap_err();
            assert_eq!(
                (refused.code(), fields(&refused)),
                (Code::InvalidArgument, expected.into_iter().map(str::to_owned).collect())
            );
        }
        assert_eq!((setting.count("messages").await, setting.count("causes").await), (0, causes));
        let longest = "€".repeat(4_000);
        assert_eq!(
            buyer.send(&id, "k", &longest).await.unwrap().text,
            longest,
            "characters count, not bytes"
        );

        let refusals = [
            (buyer.messages(&id, -1, -1).await.map(drop), vec!["after_sequence", "page_size"]),
            (buyer.stream(&id, -1).await.map(drop), vec!["after_sequence"]),
            (buyer.mark_read(&id, 0).await.map(drop), vec!["sequence"]),
        ];
        for (refused, expected) in refusals {
            assert_eq!(fields(&refused.unwrap_err()), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn read_positions_never_go_back_nor_ahead_of_what_is_written() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let (buyer, seller) = (setting.caller(&replica, organisation()), setting.caller(&replica, organisation()));
        let id = buyer.open(seller.organisation, None).await.unwrap().id;
        for number in 1..=3 {
            buyer.send(&id, &number.to_string(), "hello").await.unwrap();
        }
        let positions = |conversation: proto::messaging::v1::Conversation| {
            let of = |place: usize| conversation.participants[place].read_sequence;
            (of(0), of(1))
        };
        assert_eq!(positions(seller.get(&id).await.unwrap()), (3, 0), "one's own messages are read");
        let ahead = seller.mark_read(&id, 4).await.unwrap_err();
        assert_eq!(
            (reason(&ahead).as_str(), fields(&ahead)),
            ("NOT_YET_WRITTEN", vec!["sequence".to_owned()])
        );
        assert_eq!(positions(seller.mark_read(&id, 2).await.unwrap()), (3, 2));
        assert_eq!(positions(seller.mark_read(&id, 1).await.unwrap()), (3, 2));
        assert_eq!(positions(seller.mark_read(&id, 3).await.unwrap()), (3, 3));
        assert_eq!(positions(buyer.get(&id).await.unwrap()), (3, 3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_liveliest_conversation_comes_first_whoever_opened_it() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let seller = setting.caller(&replica, organisation());
        let mut opened = Vec::new();
        for number in 0..6 {
            let other = setting.caller(&replica, organisation());
            let conversation = if number % 2 == 0 {
                other.open(seller.organisation, None).await.unwrap()
            } else {
                seller.open(other.organisation, None).await.unwrap()
            };
            opened.push(conversation.id);
        }
        seller.send(&opened[1], "k", "are you there?").await.unwrap();
        opened.reverse();
        let lively = opened.remove(4);
        opened.insert(0, lively);

        let (mut listed, mut token) = (Vec::new(), String::new());
        loop {
            let page = seller.list(4, &token).await.unwrap();
            listed.extend(page.conversations.into_iter().map(|conversation| conversation.id));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
            assert_eq!(listed.len(), 4);
        }
        assert_eq!(listed, opened);
        let foreign = seller.list(-1, "00").await.unwrap_err();
        assert_eq!(fields(&foreign), ["page_size", "page_token"]);
    }
}
