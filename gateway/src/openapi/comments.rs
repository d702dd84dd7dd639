//! The comments of the protos: the words of the document.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, EnumValueDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor, MethodDescriptor,
    ServiceDescriptor,
};

/// What the fields are that many messages have (AIP-148, AIP-154, AIP-158), where nothing else is said of them.
const STANDARD: [(&str, &str); 7] = [
    ("create_time", "When it was made."),
    ("update_time", "When it was changed last."),
    ("etag", "The version; in quotes it is what If-Match takes."),
    (
        "page_size",
        "How many a page has at most: 20 where nothing is said, and never more than 100.",
    ),
    ("page_token", "The `nextPageToken` of the page before; nothing for the first one."),
    ("next_page_token", "Asks for the next page; empty on the last one."),
    (
        "update_mask",
        "The fields that are changed; those that the body has, when nothing is named.",
    ),
];

/// The number of a file's first line, `syntax = "proto3"`, before which stands what the file is about.
const SYNTAX: i32 = 12;

/// All leading comments.
pub(crate) struct Comments {
    /// By file and by the path of what they stand before.
    found: HashMap<(String, Vec<i32>), String>,
    /// What an id looks like, by the name of a field that holds it: `order_id` is the `id` of an `Order`.
    ids: HashMap<String, String>,
}

impl Comments {
    /// The comments of a pool whose descriptors kept their source information; none otherwise.
    pub(crate) fn of(pool: &DescriptorPool) -> Self {
        let mut comments = Self {
            found: HashMap::new(),
            ids: HashMap::new(),
        };
        for file in pool.files() {
            for location in file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location) {
                let text = location.leading_comments.as_deref().map(clean).filter(|text| !text.is_empty());
                let place = || (file.name().to_owned(), location.path.clone());
                comments.found.extend(text.map(|text| (place(), text)));
            }
        }
        for message in pool.all_messages() {
            let Some(id) = message.get_field_by_name("id") else { continue };
            // Such as `"ord_…"`, whatever else is said of it.
            let Some(looks) = comments.of_field(&id).strip_prefix('"').and_then(|words| words.split_once('"')) else {
                continue;
            };
            let looks = format!("\"{}\"", looks.0);
            let holder = words(message.name()).to_lowercase().replace(' ', "_");
            comments.ids.insert(format!("{holder}_id"), looks);
        }
        comments
    }

    /// What is said of a service, or else of its file.
    pub(crate) fn of_service(&self, service: &ServiceDescriptor) -> &str {
        let file = service.parent_file();
        match self.find(&file, service.path()) {
            "" => self.find(&file, &[SYNTAX]),
            words => words,
        }
    }

    pub(crate) fn of_rpc(&self, rpc: &MethodDescriptor) -> &str {
        self.find(&rpc.parent_service().parent_file(), rpc.path())
    }

    pub(crate) fn of_message(&self, message: &MessageDescriptor) -> &str {
        self.find(&message.parent_file(), message.path())
    }

    /// What is said of a field, or else of the id that it holds.
    pub(crate) fn of_field(&self, field: &FieldDescriptor) -> &str {
        let own = self.find(&field.parent_message().parent_file(), field.path());
        let standard = || STANDARD.iter().find(|(name, _)| *name == field.name()).map(|(_, words)| *words);
        let of_ids = || self.ids.get(field.name()).map(String::as_str);
        Some(own)
            .filter(|own| !own.is_empty())
            .or_else(of_ids)
            .or_else(standard)
            .unwrap_or_default()
    }

    pub(crate) fn of_enum(&self, described: &EnumDescriptor) -> &str {
        self.find(&described.parent_file(), described.path())
    }

    pub(crate) fn of_value(&self, value: &EnumValueDescriptor) -> &str {
        self.find(&value.parent_enum().parent_file(), value.path())
    }

    fn find(&self, file: &FileDescriptor, path: &[i32]) -> &str {
        self.found.get(&(file.name().to_owned(), path.to_vec())).map_or("", String::as_str)
    }
}

/// `GetOrder` becomes `Get order`.
pub(crate) fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// `storeId` becomes `StoreId`.
pub(crate) fn capital(name: &str) -> String {
    let (first, rest) = name.split_at(name.len().min(1));
    first.to_ascii_uppercase() + rest
}

fn clean(comment: &str) -> String {
    comment.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_protos_are_kept() {
        let comments = Comments::of(proto::pool());
        let service = proto::pool().get_service_by_name("tradewind.identity.v1.AccountService").unwrap();
        assert!(comments.of_service(&service).starts_with("People. Registering opens"));
        let search = proto::pool().get_service_by_name("tradewind.catalog.v1.SearchService").unwrap();
        assert_eq!(comments.of_service(&search), "Finding products.");
        assert!(
            comments
                .of_rpc(&service.methods().next().unwrap())
                .starts_with("Register a person.")
        );
    }

    #[test]
    fn an_id_looks_the_same_wherever_it_is_held() {
        let comments = Comments::of(proto::pool());
        let request = proto::pool().get_message_by_name("tradewind.order.v1.GetOrderRequest").unwrap();
        assert_eq!(comments.of_field(&request.get_field_by_name("order_id").unwrap()), "\"ord_…\"");
    }

    #[test]
    fn pages_are_as_large_as_is_said() {
        let words = STANDARD.iter().find(|(name, _)| *name == "page_size").unwrap().1;
        let numbers: Vec<u32> = words
            .split(|letter: char| !letter.is_ascii_digit())
            .filter_map(|text| text.parse().ok())
            .collect();
        assert_eq!(numbers, [kernel::PageSize::DEFAULT, kernel::PageSize::MAX]);
    }
}
