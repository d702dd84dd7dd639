//! What the gateway says about itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::setting::{header, read, setting};

#[tokio::test]
async fn every_route_is_described_and_nothing_else() {
    let setting = setting().await;
    let (_, document) = read(setting.get("/openapi.json")).await;
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "/v1/books",
        "/v1/books/{book.id}",
        "/v1/books/{id}",
        "/v1/books/{id}/titles",
        "/v1/books/{id}:print",
        "/v1/books:import",
        "/v1/downloads/{chunks}",
        "/v1/events",
        "/v1/everything",
        "/v1/fail",
        "/v1/files/{name}",
        "/v1/loans/{loan_id}:end",
        "/v1/providers/{provider}/events",
        "/v1/shelves/{shelf}/books",
        "/v1/shelves/{shelvesId}/books/{booksId}",
        "/v1/shelves/{shelvesId}:sort",
        "/v1/uploads/{name}",
    ];
    assert_eq!(paths, expected);
    assert_eq!(
        document["tags"],
        json!([{"name": "TrialService", "description": "Books on shelves."}])
    );
}

#[tokio::test]
async fn whoever_has_the_description_is_not_sent_it_again() {
    let setting = setting().await;
    let plain = setting.get("/openapi.json").send().await.unwrap();
    let etag = header(&plain, "etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() > 10, "{etag}");
    let packed_etag = format!("{}-gzip\"", etag.trim_end_matches('"'));
    let packed = setting.get("/openapi.json").header("accept-encoding", "gzip");
    let packed = packed.send().await.unwrap();
    assert_eq!(
        (header(&packed, "content-encoding"), header(&packed, "etag")),
        ("gzip", packed_etag.as_str())
    );
    for (known, told) in [
        (etag.clone(), &etag),
        (format!("W/{etag}"), &etag),
        (packed_etag.clone(), &packed_etag),
    ] {
        let again = setting.get("/openapi.json").header("if-none-match", known).send().await.unwrap();
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, told.as_str()));
    }
    let other = setting
        .get("/openapi.json")
        .header("if-none-match", "\"other\"")
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn an_operation_says_what_it_takes_and_who_may_call_it() {
    let setting = setting().await;
    let (_, document) = read(setting.get("/openapi.json")).await;
    let create = &document["paths"]["/v1/shelves/{shelf}/books"]["post"];
    assert_eq!(
        (&create["operationId"], &create["security"]),
        (&json!("TrialService.CreateBook"), &json!([{"bearer": ["books.write"]}]))
    );
    assert_eq!(
        create["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/trial.v1.Book-Input"
    );
    assert_eq!(create["parameters"][2]["$ref"], "#/components/parameters/Idempotency-Key-Required");
    // What every operation takes is left out.
    let names = |operation: &Value| {
        let parameters = operation["parameters"].as_array().unwrap().iter();
        let described = parameters.map(|one| one["$ref"].as_str().map_or(one, |place| document.pointer(&place[1..]).unwrap()));
        let all = described.map(|one| format!("{} {}", one["in"].as_str().unwrap(), one["name"].as_str().unwrap()));
        let mut names: Vec<_> = all.collect();
        let everywhere = names.split_off(names.len() - 3);
        assert_eq!(everywhere, ["header Request-Timeout", "header X-Request-Id", "header traceparent"]);
        names
    };
    assert_eq!(
        names(create),
        ["path shelf", "query draft", "header Idempotency-Key", "header If-Match"]
    );
    let list = &document["paths"]["/v1/books"]["get"];
    assert_eq!(
        names(list),
        [
            "query pageSize",
            "query pageToken",
            "query filter.authorName",
            "query filter.minPages",
            "query filter.view",
            "query tags",
            "query mood"
        ]
    );
    assert_eq!(
        names(&document["paths"]["/v1/books/{book.id}"]["patch"]),
        ["path book.id", "query updateMask", "header If-Match"]
    );
    let find = &document["paths"]["/v1/shelves/{shelvesId}/books/{booksId}"]["get"];
    assert_eq!(
        (&find["summary"], &find["security"]),
        (&json!("Find book"), &json!([{}, {"bearer": []}]))
    );
    assert_eq!(find["description"], "Finds a book by its path.");
    let schemas = &document["components"]["schemas"];
    let members = |name: &str| {
        let properties = schemas[name]["properties"].as_object().unwrap();
        (
            properties.keys().map(String::as_str).collect::<Vec<_>>(),
            schemas[name]["required"].clone(),
        )
    };
    assert_eq!(
        members("trial.v1.Book"),
        (
            vec!["author", "etag", "id", "pages", "tags", "title"],
            json!(["id", "title", "tags", "pages", "etag"])
        ),
        "what an answer always has, and never what is only sent"
    );
    assert_eq!(
        members("trial.v1.Book-Input"),
        (vec!["author", "pages", "secret", "tags", "title"], json!(["title"])),
        "what a request must have, and never what only the service sets"
    );
    assert_eq!(members("trial.v1.Author-Input").1, json!(["givenName"]));
    let change = &document["paths"]["/v1/books/{book.id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(
        (&change["required"], &change["properties"]["author"]["$ref"]),
        (&Value::Null, &json!("#/components/schemas/trial.v1.Author-Input")),
        "a change is no whole book"
    );
    let book = &schemas["trial.v1.Book"];
    assert_eq!(book["properties"]["id"]["description"], "\"bok_…\"");
    assert_eq!(
        document["paths"]["/v1/events"]["get"]["responses"]["200"]["content"]
            .as_object()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let setting = setting().await;
    let (_, document) = read(setting.get("/openapi.json")).await;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn what_there_is_nothing_to_say_about_is_left_out_and_not_null() {
    fn nulls(value: &Value, place: &str, found: &mut Vec<String>) {
        match value {
            Value::Null => found.push(place.to_owned()),
            Value::Object(members) => members
                .iter()
                .for_each(|(name, value)| nulls(value, &format!("{place}/{name}"), found)),
            Value::Array(values) => values
                .iter()
                .enumerate()
                .for_each(|(index, value)| nulls(value, &format!("{place}/{index}"), found)),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let setting = setting().await;
    let (_, document) = read(setting.get("/openapi.json")).await;
    let mut found = Vec::new();
    nulls(&document, "", &mut found);
    assert!(found.is_empty(), "{found:#?}");
    // Both kinds are there: a parameter without words, and one with them.
    let told: Vec<_> = document["paths"]["/v1/books"]["get"]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.get("description").is_some())
        .collect();
    assert!(told.contains(&true) && told.contains(&false), "{told:?}");
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let setting = setting().await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/docs", "text/html"),
        ("/docs/page.js", "text/javascript"),
        ("/docs/page.css", "text/css"),
    ] {
        let answer = setting.get(path).send().await.unwrap();
        assert!(answer.status() == 200 && header(&answer, "content-type").starts_with(kind));
        assert!(header(&answer, "content-security-policy").contains("script-src 'self'"));
        let text = answer.text().await.unwrap();
        assert!(
            text.len() > 500 && !text.contains("http://") && !text.contains("https://"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_an_answer_always_has_is_required_and_nothing_else() {
    let setting = setting().await;
    let (_, document) = read(setting.get("/openapi.json")).await;
    let schema = &document["components"]["schemas"]["trial.v1.Everything"];
    let (_, empty) = read(setting.post("/v1/everything", &json!({}))).await;
    let printed: BTreeSet<&str> = empty.as_object().unwrap().keys().map(String::as_str).collect();
    let required = schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    assert_eq!(printed, required.collect());
    assert!(printed.len() > 20 && printed.len() < schema["properties"].as_object().unwrap().len());
}

#[tokio::test]
async fn every_kind_of_field_has_a_schema() {
    let setting = setting().await;
    let (_, document) = read(setting.get("/openapi.json")).await;
    let fields = &document["components"]["schemas"]["trial.v1.Everything"]["properties"];
    let seconds = "^-?[0-9]+(\\.[0-9]{1,9})?s$";
    let everything = json!({"$ref": "#/components/schemas/trial.v1.Everything"});
    let mood = json!({"$ref": "#/components/schemas/trial.v1.Mood"});
    let long = json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"});
    let natural = json!({"type": "string", "format": "uint64", "pattern": "^[0-9]+$"});
    let int = json!({"type": "integer", "format": "int32"});
    let unsigned = json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": 4_294_967_295_u32});
    let (text, flag) = (json!({"type": "string"}), json!({"type": "boolean"}));
    let data = json!({"type": "string", "contentEncoding": "base64"});
    let (double, float) = (
        json!({"type": "number", "format": "double"}),
        json!({"type": "number", "format": "float"}),
    );
    let time = json!({"type": "string", "format": "date-time", "examples": ["2026-11-23T08:00:00Z"]});
    let list = |of: &Value| json!({"type": "array", "items": of});
    let map = |of: &Value| json!({"type": "object", "additionalProperties": of});
    // tests/journeys/bad_input/kind.rs knows each of these.
    let expected = [
        ("real", double.clone()),
        ("shortReal", float),
        ("int32Value", int.clone()),
        ("int64Value", long.clone()),
        ("uint32Value", unsigned.clone()),
        ("uint64Value", natural.clone()),
        ("sint32Value", int.clone()),
        ("sint64Value", long.clone()),
        ("fixed32Value", unsigned),
        ("fixed64Value", natural),
        ("sfixed32Value", int.clone()),
        ("sfixed64Value", long.clone()),
        ("flag", flag.clone()),
        ("text", text.clone()),
        ("data", data.clone()),
        ("mood", mood.clone()),
        ("inner", everything.clone()),
        ("maybeNumber", long.clone()),
        ("longs", list(&long)),
        ("moods", list(&mood)),
        ("inners", list(&everything)),
        ("datas", list(&data)),
        ("byText", map(&int)),
        ("byLong", map(&everything)),
        ("byFlag", map(&text)),
        ("byNumber", map(&mood)),
        ("time", time.clone()),
        ("times", list(&time)),
        ("duration", json!({"type": "string", "pattern": seconds, "examples": ["1.5s"]})),
        (
            "mask",
            json!({"type": "string", "description": "Field paths, separated by commas."}),
        ),
        ("object", json!({"type": "object", "additionalProperties": true})),
        ("anything", json!({})),
        ("list", json!({"type": "array", "items": {}})),
        ("wrappedLong", long),
        ("wrappedText", text),
        ("wrappedFlag", flag),
        ("wrappedData", data),
        ("wrappedReal", double),
        (
            "any",
            json!({"type": "object", "properties": {"@type": {"type": "string"}}, "additionalProperties": true}),
        ),
        ("nothing", json!({"type": "null"})),
    ];
    for (field, schema) in expected {
        assert_eq!(fields[field], schema, "{field}");
    }
}
