//! What holds of every conversation.

use kernel::{AccountId, MessageId, OrderId, ProductId, uuid::Uuid};
use proptest::prelude::*;

use super::*;

fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from_uuid(Uuid::from_u128(number))
}

const BUYER: u128 = 1;
const SELLER: u128 = 2;

fn conversation() -> Conversation {
    Conversation::open(organisation(BUYER), organisation(SELLER), Context::General, Time::from_micros(10)).unwrap()
}

fn draft(sender: u128) -> Draft {
    let sender = organisation(sender);
    Draft {
        id: MessageId::derived(sender, "message"),
        sender,
        account: AccountId::derived(sender, "person"),
        text: "Is it still for sale?".to_owned(),
        quotation: None,
    }
}

#[test]
fn two_organisations_have_one_conversation_about_each_thing_whoever_opens_it() {
    let (buyer, seller) = (organisation(BUYER), organisation(SELLER));
    let contexts = [
        Context::General,
        Context::Product(ProductId::from_uuid(Uuid::nil())),
        Context::Order(OrderId::from_uuid(Uuid::nil())),
    ];
    let mut ids = std::collections::BTreeSet::new();
    for context in contexts {
        let id = Conversation::id_of(buyer, seller, context);
        assert_eq!(Conversation::id_of(seller, buyer, context), id);
        assert!(ids.insert(id) && ids.insert(Conversation::id_of(buyer, organisation(3), context)));
    }
}

#[test]
fn nobody_talks_to_themselves() {
    let alone = organisation(BUYER);
    let refused = Conversation::open(alone, alone, Context::General, Time::default());
    assert_eq!(refused, Err(Refusal::OwnOrganisation));
}

#[test]
fn a_stranger_neither_writes_nor_reads() {
    let mut conversation = conversation();
    let before = conversation.clone();
    assert_eq!(conversation.send(draft(3), Time::default()), Err(Refusal::NoSuchConversation));
    assert_eq!(conversation.mark_read(organisation(3), 0), Err(Refusal::NoSuchConversation));
    assert_eq!(conversation, before);
}

#[test]
fn a_message_is_never_older_than_the_one_in_front_of_it() {
    let mut conversation = conversation();
    let times = [20, 15, 30].map(|micros| conversation.send(draft(BUYER), Time::from_micros(micros)).unwrap().created.micros());
    assert_eq!((times, conversation.activity().micros()), ([20, 20, 30], 30));
}

#[test]
fn whoever_had_read_everything_has_read_their_own_message_too() {
    let mut conversation = conversation();
    conversation.send(draft(BUYER), Time::default()).unwrap();
    assert_eq!((conversation.opener.read, conversation.other.read), (1, 0));
    // The seller answers without having read the question.
    conversation.send(draft(SELLER), Time::default()).unwrap();
    assert_eq!((conversation.opener.read, conversation.other.read), (1, 0));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(u128),
    Read(u128, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let who = prop_oneof![Just(BUYER), Just(SELLER)];
    prop_oneof![
        who.clone().prop_map(Step::Send),
        (who, 0i64..12).prop_map(|(who, sequence)| Step::Read(who, sequence))
    ]
}

proptest! {
    #[test]
    fn sequences_are_dense_and_read_positions_never_go_back_nor_ahead(steps in prop::collection::vec(step(), 0..40)) {
        let mut conversation = conversation();
        let mut sent = 0;
        for step in steps {
            let before = conversation.clone();
            match step {
                Step::Send(who) => {
                    sent += 1;
                    prop_assert_eq!(conversation.send(draft(who), Time::default()).unwrap().sequence, sent);
                }
                Step::Read(who, sequence) => {
                    let read = conversation.mark_read(organisation(who), sequence);
                    prop_assert_eq!(read.is_err(), sequence > sent);
                }
            }
            prop_assert_eq!(conversation.last_sequence, sent);
            for (now, then) in [(conversation.opener, before.opener), (conversation.other, before.other)] {
                prop_assert!(now.read >= then.read && now.read <= sent);
            }
        }
    }
}
