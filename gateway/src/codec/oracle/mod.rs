//! The codec against prost-reflect: whatever one writes, the other must read as the same message.

mod faults;

use proptest::{collection::vec, prelude::*};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MapKey, MessageDescriptor, SerializeOptions, Value};
use serde_json::json;

use super::*;

const NAME: &str = "tradewind.trial.v1.Everything";

struct Setting {
    descriptor: MessageDescriptor,
    plans: Plans,
    id: MessageId,
}

fn setting() -> Setting {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut compiler = protox::Compiler::new([format!("{root}/tests/protos"), format!("{root}/../proto")]).unwrap();
    compiler.include_imports(true).open_file("tradewind/trial/v1/trial.proto").unwrap();
    let pool = DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).unwrap();
    let plans = Plans::of(&pool);
    Setting {
        descriptor: pool.get_message_by_name(NAME).unwrap(),
        id: plans.find(NAME).unwrap(),
        plans,
    }
}

impl Setting {
    fn ours(&self, wire: &[u8]) -> serde_json::Value {
        let mut out = Vec::new();
        self.plans.print(self.id, wire, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out)))
    }

    fn theirs(&self, wire: &[u8]) -> serde_json::Value {
        let message = DynamicMessage::decode(self.descriptor.clone(), wire).unwrap();
        let options = SerializeOptions::new().skip_default_fields(false);
        let mut out = Vec::new();
        message
            .serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options)
            .unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    fn parse(&self, json: &serde_json::Value) -> (Vec<u8>, Parsed) {
        let mut out = Vec::new();
        let parsed = self.plans.parse(self.id, json.to_string().as_bytes(), &mut out).unwrap();
        (out, parsed)
    }

    fn violations(&self, json: serde_json::Value) -> Vec<(String, String)> {
        self.parse(&json)
            .1
            .violations
            .into_iter()
            .map(|one| (one.field, one.description))
            .collect()
    }
}

/// Messages, as JSON of what a client could send: all kinds of fields, some of them, nested.
fn messages() -> impl Strategy<Value = serde_json::Value> {
    let leaf = vec(member(), 0..12).prop_map(object);
    leaf.prop_recursive(3, 24, 4, |inner| {
        let nested = prop_oneof![
            inner.clone().prop_map(|one| ("inner".to_owned(), one)),
            vec(inner.clone(), 0..3).prop_map(|some| ("inners".to_owned(), json!(some))),
            (any::<i64>(), inner.clone()).prop_map(|(key, one)| ("byLong".to_owned(), json!({ key.to_string(): one }))),
            inner.prop_map(|one| ("choiceInner".to_owned(), one)),
        ];
        (vec(member(), 0..12), vec(nested, 0..3)).prop_map(|(members, nested)| object(members.into_iter().chain(nested)))
    })
}

/// Of the members of a oneof, the last stays.
fn object(members: impl IntoIterator<Item = (String, serde_json::Value)>) -> serde_json::Value {
    let mut object = serde_json::Map::new();
    for (name, value) in members {
        if name.starts_with("choice") {
            object.retain(|name, _| !name.starts_with("choice"));
        }
        object.insert(name, value);
    }
    object.into()
}

fn member() -> impl Strategy<Value = (String, serde_json::Value)> {
    let reals = prop_oneof![
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(|value| json!(value)),
        Just(json!("NaN")),
        Just(json!("-Infinity"))
    ];
    let longs = any::<i64>().prop_map(|value| json!(value.to_string()));
    let texts = prop_oneof![any::<String>(), "[a-z\"\\\\/\u{0}-\u{1f}é中😀]{0,8}"].prop_map(|text| json!(text));
    let moods = prop_oneof![Just(json!("MOOD_GOOD")), Just(json!("MOOD_UNSPECIFIED")), Just(json!(2))];
    let times = (-62_135_596_800_i64..=253_402_300_799, 0..1_000_000_000_i32).prop_map(|(seconds, nanos)| {
        let wire = prost_types::Timestamp { seconds, nanos };
        json!(wire.to_string())
    });
    let data = vec(any::<u8>(), 0..20).prop_map(|bytes| json!(base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes)));
    let dynamic = prop_oneof![
        Just(json!(null)),
        Just(json!({"a": [1.5, "x", null, {"b": true}]})),
        Just(json!([[], {}])),
        Just(json!("text")),
        Just(json!(-0.25))
    ];
    let named =
        |name: &'static str, values: BoxedStrategy<serde_json::Value>| values.prop_map(move |value| (name.to_owned(), value)).boxed();
    let lists = |values: BoxedStrategy<serde_json::Value>| vec(values, 0..4).prop_map(|values| json!(values)).boxed();
    let (reals, longs, texts, moods, times, data) = (
        reals.boxed(),
        longs.boxed(),
        texts.boxed(),
        moods.boxed(),
        times.boxed(),
        data.boxed(),
    );
    prop_oneof![
        named("real", reals.clone()),
        named(
            "shortReal",
            any::<f32>()
                .prop_filter("finite", |value| value.is_finite())
                .prop_map(|value| json!(value))
                .boxed()
        ),
        named("int32Value", any::<i32>().prop_map(|value| json!(value)).boxed()),
        named("int64Value", longs.clone()),
        named("uint32Value", any::<u32>().prop_map(|value| json!(value)).boxed()),
        named("uint64Value", any::<u64>().prop_map(|value| json!(value.to_string())).boxed()),
        named("sint32Value", any::<i32>().prop_map(|value| json!(value)).boxed()),
        named("sint64Value", longs.clone()),
        named("fixed32Value", any::<u32>().prop_map(|value| json!(value)).boxed()),
        named("fixed64Value", any::<u64>().prop_map(|value| json!(value)).boxed()),
        named("sfixed32Value", any::<i32>().prop_map(|value| json!(value)).boxed()),
        named("sfixed64_value", longs.clone()),
        named("flag", any::<bool>().prop_map(|value| json!(value)).boxed()),
        named("text", texts.clone()),
        named("data", data.clone()),
        named("mood", moods.clone()),
        named("maybeNumber", longs.clone()),
        named("maybeText", texts.clone()),
        named("reals", lists(reals)),
        named("numbers", lists(any::<i32>().prop_map(|value| json!(value)).boxed())),
        named("longs", lists(longs.clone())),
        named("texts", lists(texts.clone())),
        named("moods", lists(moods.clone())),
        named("datas", lists(data.clone())),
        named("unpacked", lists(any::<i32>().prop_map(|value| json!(value)).boxed())),
        named(
            "byText",
            (any::<String>(), any::<i32>())
                .prop_map(|(key, value)| json!({ key: value }))
                .boxed()
        ),
        named("byFlag", Just(json!({"true": "yes", "false": ""})).boxed()),
        named(
            "byNumber",
            any::<i32>().prop_map(|key| json!({ key.to_string(): "MOOD_BAD" })).boxed()
        ),
        named("choiceText", texts.clone()),
        named("choiceNumber", longs.clone()),
        named("choiceMood", moods),
        named("time", times.clone()),
        named("times", lists(times)),
        named(
            "duration",
            (-315_576_000_000_i64..=315_576_000_000)
                .prop_map(|seconds| json!(format!("{seconds}.5s")))
                .boxed()
        ),
        named("mask", Just(json!("a,bC.dE")).boxed()),
        named("object", Just(json!({"a": {"b": [1.0, null]}, "": false})).boxed()),
        named("anything", dynamic.clone().boxed()),
        named("list", lists(dynamic.boxed())),
        named("wrappedLong", longs),
        named("wrappedText", texts.clone()),
        named("wrappedFlag", any::<bool>().prop_map(|value| json!(value)).boxed()),
        named("wrappedData", data),
        // The oracle prints a wrapped NaN as null, which it is not.
        named(
            "wrappedReal",
            any::<f64>()
                .prop_filter("finite", |value| value.is_finite())
                .prop_map(|value| json!(value))
                .boxed()
        ),
        named(
            "any",
            texts
                .prop_map(|text| json!({"@type": "type.googleapis.com/tradewind.trial.v1.Event", "text": text}))
                .boxed()
        ),
        named(
            "any",
            Just(json!({"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1.500s"})).boxed()
        ),
        named("nothing", Just(json!(null)).boxed()),
    ]
}

/// Maps have no order on the wire, so messages are compared as messages. NaN differs from itself, but not in JSON.
fn same(setting: &Setting, one: &[u8], other: &[u8]) -> bool {
    setting.theirs(one) == setting.theirs(other)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_is_read_as_the_same_message_and_printed_as_the_same_json(json in messages()) {
        let setting = setting_once();
        let (wire, parsed) = setting.parse(&json);
        prop_assert_eq!(parsed.violations, Vec::new());
        let oracle = DynamicMessage::deserialize(setting.descriptor.clone(), json).unwrap();
        prop_assert!(same(setting, &wire, &oracle.encode_to_vec()), "{}\n{}", setting.theirs(&wire), setting.theirs(&oracle.encode_to_vec()));
        prop_assert_eq!(setting.ours(&oracle.encode_to_vec()), setting.theirs(&oracle.encode_to_vec()));
        prop_assert_eq!(setting.ours(&wire), setting.theirs(&wire));
    }

    #[test]
    fn scattered_fields_are_printed_as_one_message(one in messages(), other in messages()) {
        let setting = setting_once();
        let (mut wire, _) = setting.parse(&one);
        setting.parse(&other).0.iter().for_each(|byte| wire.push(*byte));
        // The merged message may repeat keys of a map; the last wins in both.
        prop_assert_eq!(setting.ours(&wire), setting.theirs(&wire));
    }

    #[test]
    fn no_bytes_make_the_printer_panic(wire in vec(any::<u8>(), 0..64)) {
        let setting = setting_once();
        let mut out = Vec::new();
        let printed = setting.plans.print(setting.id, &wire, &mut out);
        if printed.is_ok() {
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok(), "{}", String::from_utf8_lossy(&out));
        }
    }
}

fn setting_once() -> &'static Setting {
    static SETTING: std::sync::OnceLock<Setting> = std::sync::OnceLock::new();
    SETTING.get_or_init(setting)
}

#[test]
fn unknown_fields_of_the_wire_are_passed_over() {
    let setting = setting();
    let mut message = DynamicMessage::new(setting.descriptor.clone());
    message.set_field_by_name("text", Value::String("a".to_owned()));
    message.set_field_by_name("by_text", Value::Map([(MapKey::String("k".to_owned()), Value::I32(1))].into()));
    let mut wire = Vec::new();
    put_bytes(&mut wire, 99, b"new");
    wire.extend(message.encode_to_vec());
    put_bytes(&mut wire, 1_000, b"newer");
    assert_eq!(setting.ours(&wire), setting.theirs(&message.encode_to_vec()));
}
