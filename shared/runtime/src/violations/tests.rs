//! What is refused, and by which name.

use super::*;

#[test]
fn a_text_is_counted_in_characters_and_all_of_it_is_seen() {
    let mut check = Violations::new();
    assert_eq!(check.text("name", " näme ", 4..=4), "näme");
    assert!(check.0.is_empty());
    check.text("short", "  ", 1..=4);
    check.text("hidden", "\u{200b}\u{2060} \u{3164}", 1..=4);
    check.text("hardly", "a\u{200b}\u{feff}", 2..=4);
    check.text("padded", "a\u{200b}\u{200b}\u{200b}\u{200b}", 1..=4);
    check.text("null", "a\0b", 1..=4);
    check.text("turned", "invoice\u{202e}fdp.exe", 1..=40);
    for (field, character) in [
        ("isolated", '\u{2066}'),
        ("let go", '\u{2069}'),
        ("C1", '\u{85}'),
        ("line", '\u{2028}'),
        ("paragraph", '\u{2029}'),
    ] {
        check.text(field, &format!("a{character}b"), 1..=40);
    }
    check.text("lines", "two\r\n\tlines", 1..=40);
    let fields: Vec<&str> = check.0.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "short",
            "hidden",
            "hardly",
            "padded",
            "null",
            "turned",
            "isolated",
            "let go",
            "C1",
            "line",
            "paragraph"
        ]
    );
}

#[test]
fn what_is_hidden_is_nothing_alone_and_stays_where_it_belongs() {
    let mut check = Violations::new();
    assert_eq!(check.text("note", " \u{3164}\u{2800}\u{e0041} ", 0..=4), "");
    for text in ["👩\u{200d}🚒", "❤\u{fe0f}", "می\u{200c}خواهم"] {
        assert_eq!(check.text("name", text, 1..=40), text);
    }
    assert!(check.is_empty());
}

#[test]
fn a_currency_that_is_not_there_is_told_from_one_that_there_is_not() {
    let mut check = Violations::new();
    check.currency("none", "");
    check.currency("unknown", "XXX");
    let told: Vec<_> = check.0.iter().map(|(field, told)| (field.as_str(), told.as_str())).collect();
    assert_eq!(told, [("none", "is required"), ("unknown", "not an ISO 4217 currency code")]);
}

#[test]
fn an_address_is_made_of_lines_and_a_number_that_can_be_dialled() {
    let address = |recipient: &str, line: &str, phone: &str| Address {
        recipient: recipient.to_owned(),
        lines: vec![line.to_owned()],
        city: "Hamburg".to_owned(),
        country: "DE".to_owned(),
        phone: phone.to_owned(),
        ..Address::default()
    };
    let wrong = |address: Address| {
        let mut check = Violations::new();
        check.address("to", Some(&address));
        check.0.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
    };
    for phone in ["", "+491701234567", " +3545510000 ", "+123456789012345"] {
        assert_eq!(wrong(address("A. Buyer", "1 Quay", phone)), [""; 0], "{phone}");
    }
    for phone in [
        "abc",
        "491701234567",
        "+0491701234",
        "+49 170 123",
        "+1234567890123456",
        "+",
        "+12",
        "+49170\n1234567",
    ] {
        assert_eq!(wrong(address("A. Buyer", "1 Quay", phone)), ["to.phone"], "{phone}");
    }
    assert_eq!(wrong(address("A.\nBuyer", "1\tQuay", "")), ["to.recipient", "to.lines[0]"]);
    assert_eq!(wrong(address("A.\r\0Buyer", "1 Quay\u{1b}", "")), ["to.recipient", "to.lines[0]"]);
    assert_eq!(wrong(address(&"x".repeat(201), "\n", "")), ["to.recipient", "to.lines[0]"]);
}

#[test]
fn money_is_wrong_in_its_amount_and_in_its_currency() {
    let mut check = Violations::new();
    let money = |minor_units, currency: &str| MoneyMessage {
        minor_units,
        currency: currency.to_owned(),
    };
    assert_eq!(check.positive_money("a", Some(&money(-5, "XXX"))), None);
    assert_eq!(check.money_or_nothing("b", Some(&money(-1, "nope"))), None);
    assert_eq!(check.positive_money("c", None), None);
    assert!(check.money_or_nothing("d", Some(&money(0, "USD"))).is_some());
    let fields: Vec<&str> = check.0.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["a.currency", "a.minor_units", "b.currency", "b.minor_units", "c"]);
}

#[test]
fn a_country_is_one_that_there_is() {
    for (code, bad) in [("DE", 0), ("BR", 0), ("br", 1), ("XX", 1), ("ZZ", 1), ("EU", 1), ("UK", 1), ("", 1)] {
        let mut check = Violations::new();
        check.country("country", code);
        assert_eq!(check.into_fields().len(), bad, "{code}");
    }
}

#[test]
fn fields_are_handed_out_only_when_nothing_is_wrong_with_any() {
    let code_of = |problem: Problem| tonic::Status::from(problem).code();
    let euro = || Some("EUR".parse::<Currency>().unwrap());
    assert_eq!(Violations::new().finish((euro(), Some(1))).ok(), euro().map(|euro| (euro, 1)));
    assert_eq!(Violations::new().finish(euro()).ok(), euro());

    let mut check = Violations::new();
    let (currency, order) = (check.currency("currency", "EUR"), check.id::<kernel::OrderId>("order_id", "ord_1"));
    check.text("note", "", 1..=4);
    let status = tonic::Status::from(check.finish((currency, order)).unwrap_err());
    assert_eq!(status.message(), "2 fields are not valid");

    let forgotten = Violations::new().finish((euro(), None::<Currency>));
    assert_eq!(code_of(forgotten.unwrap_err()), tonic::Code::Internal);
}
