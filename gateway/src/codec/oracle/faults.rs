//! What the reader finds wrong with a JSON text, and what it makes of the rest.

use super::*;

#[test]
fn every_bad_field_is_named_by_its_path() {
    let found = setting().violations(json!({
        "int32Value": "x", "int64Value": 1.5, "uint32Value": -1, "flag": "true", "text": 7, "data": "*", "mood": "MOOD_ODD",
        "inner": {"inners": [{}, {"nope": 1, "real": {}}]}, "numbers": 3, "texts": ["a", null], "byText": {"k": "v"}, "byLong": {"x": {}},
        "time": "yesterday", "choiceText": "a", "choiceNumber": 1, "unknown": [1], "wrappedLong": true, "object": 3, "any": {"a": 1},
    }));
    let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    let mut expected = vec![
        "int32Value",
        "int64Value",
        "uint32Value",
        "flag",
        "text",
        "data",
        "mood",
        "inner.inners[1].nope",
        "inner.inners[1].real",
        "numbers",
        "texts[1]",
        "byText.k",
        "byLong.x",
        "time",
        "choiceText",
        "unknown",
        "wrappedLong",
        "object",
        "any",
    ];
    let mut fields = fields;
    // Members of JSON objects come in the order of their names here.
    fields.sort_unstable();
    expected.sort_unstable();
    assert_eq!(fields, expected, "{found:?}");
}

#[test]
fn a_field_given_twice_is_refused() {
    let setting = setting();
    let parsed = setting
        .plans
        .parse(setting.id, br#"{"text": "a", "text": "b"}"#, &mut Vec::new())
        .unwrap();
    assert_eq!(parsed.violations[0].field, "text");
}

#[test]
fn what_is_refused_leaves_nothing_in_its_place() {
    let setting = setting();
    let (wire, parsed) = setting.parse(&json!({
        "reals": ["x", 1.5],
        "longs": ["x", "2"],
        "texts": [7, "b"],
        "datas": ["*", "Yg=="],
        "inners": [7, {"text": "c"}],
        "choiceNumber": "x",
    }));
    assert_eq!(parsed.violations.len(), 6, "{parsed:?}");
    let rest = setting.theirs(&wire);
    assert_eq!(rest["reals"], json!([0.0, 1.5]));
    assert_eq!(rest["longs"], json!(["0", "2"]));
    assert_eq!(rest["texts"], json!(["", "b"]));
    assert_eq!(rest["datas"], json!(["", "Yg=="]));
    assert_eq!(rest["inners"][1]["text"], "c");
    assert_eq!(rest["choiceNumber"], "0");
}

#[test]
fn a_number_is_read_as_it_is_written_and_never_rounded() {
    let setting = setting();
    let read = |body: &str| {
        let mut out = Vec::new();
        let parsed = setting.plans.parse(setting.id, body.as_bytes(), &mut out).unwrap();
        let described = parsed.violations.into_iter().map(|one| (one.field, one.description));
        (out, described.collect::<Vec<_>>())
    };
    for name in ["int64Value", "wrappedLong", "int32Value", "fixed64Value", "longs", "mood"] {
        let around = |number: &str| match name {
            "longs" => format!("{{\"{name}\": [{number}]}}"),
            _ => format!("{{\"{name}\": {number}}}"),
        };
        let place = if name == "longs" { "longs[0]" } else { name };
        for number in ["1.0", "1e0", "10e-1", "0.1E+1", "1.000000000000000000000000000"] {
            assert_eq!(read(&around(number)), read(&around("1")), "{name} {number}");
        }
        for number in [
            "0.99999999999999999999999",
            "1.00000000000000000000001",
            "1e-999999999999",
            "4.9e-324",
            "1.5",
        ] {
            let refused = vec![(place.to_owned(), "must be a whole number".to_owned())];
            assert_eq!(read(&around(number)).1, refused, "{name} {number}");
            if name != "mood" {
                assert_eq!(read(&around(&format!("\"{number}\""))).1, refused, "{name} {number}");
            }
        }
        for number in ["1e999999999999", "1e40"] {
            assert_eq!(
                read(&around(number)).1,
                [(place.to_owned(), "is too large".to_owned())],
                "{name} {number}"
            );
        }
    }
    for number in [
        "9007199254740993.0",
        "9.007199254740993e15",
        "\"9007199254740993.0\"",
        "\"\\u0039007199254740993\"",
    ] {
        let body = format!("{{\"int64Value\": {number}}}");
        assert_eq!(setting.ours(&read(&body).0)["int64Value"], "9007199254740993", "{body}");
    }
    let real = read("{\"real\": 1e999}").1;
    assert_eq!(real, [("real".to_owned(), "is too large".to_owned())]);
}

#[test]
fn a_number_in_an_any_which_may_have_been_rounded_is_refused() {
    let any = |number: &str| {
        let body = format!("{{\"any\": {{\"@type\": \"type.googleapis.com/{NAME}\", \"int64Value\": {number}}}}}");
        let setting = setting();
        let parsed = setting.plans.parse(setting.id, body.as_bytes(), &mut Vec::new()).unwrap();
        parsed.violations.into_iter().map(|one| one.description).collect::<Vec<_>>()
    };
    assert_eq!(
        any("0.99999999999999999999999"),
        ["must be written in digits alone, or as a string"]
    );
    assert!(any("7").is_empty() && any("\"7.0\"").is_empty());
}

#[test]
fn a_number_that_no_name_of_an_enum_stands_for_is_not_taken_and_yet_printed() {
    let setting = setting();
    for number in [json!(77), json!("77"), json!(-1), json!(4_294_967_297_i64)] {
        let found = setting.violations(json!({ "mood": number }));
        assert!(found.len() == 1 && found[0].1.contains("is none of the"), "{number}: {found:?}");
    }
    let mut message = DynamicMessage::new(setting.descriptor.clone());
    message.set_field_by_name("mood", Value::EnumNumber(77));
    assert_eq!(setting.ours(&message.encode_to_vec())["mood"], 77);
}

#[test]
fn a_value_of_the_wrong_kind_is_told_the_right_one() {
    let found = setting().violations(json!({"wrappedFlag": "true", "time": 5, "duration": 1.5, "inner": 7, "wrappedText": 1}));
    let expected = [
        ("duration", "must be a string"),
        ("inner", "must be an object"),
        ("time", "must be a string"),
        ("wrappedFlag", "must be true or false"),
        ("wrappedText", "must be a string"),
    ];
    let mut found: Vec<_> = found.iter().map(|(field, wrong)| (field.as_str(), wrong.as_str())).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn text_that_is_no_json_is_no_message() {
    let setting = setting();
    for bad in ["", "{", "{\"text\": }", "{} x", "{\"text\": \"\u{1}\"}", "nul"] {
        assert!(setting.plans.parse(setting.id, bad.as_bytes(), &mut Vec::new()).is_err(), "{bad}");
    }
    for other in ["3", "[]", "null", "\"x\""] {
        let parsed = setting.plans.parse(setting.id, other.as_bytes(), &mut Vec::new()).unwrap();
        assert_eq!(parsed.violations[0].description, "must be an object", "{other}");
    }
}

#[test]
fn the_mask_names_the_leaves_that_were_set() {
    let (_, parsed) = setting().parse(&json!({"inner": {"text": "a", "inner": {"mood": null}}, "texts": [], "byText": {"a": 1}, "time": "2026-11-23T00:00:00Z", "choiceInner": {}}));
    let mut mask = parsed.mask;
    mask.sort();
    assert_eq!(mask, ["by_text", "choice_inner", "inner.inner.mood", "inner.text", "texts", "time"]);
}
