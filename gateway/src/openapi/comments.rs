//! The comments of the protos: the words of the document.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor, MethodDescriptor, ServiceDescriptor,
};

/// All leading comments, by file and by the path of what they stand before.
pub(crate) struct Comments(HashMap<(String, Vec<i32>), String>);

impl Comments {
    /// The comments of a pool whose descriptors kept their source information; none otherwise.
    pub(crate) fn of(pool: &DescriptorPool) -> Self {
        let mut comments = HashMap::new();
        for file in pool.files() {
            for location in file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location) {
                let text = location.leading_comments.as_deref().map(clean).filter(|text| !text.is_empty());
                comments.extend(text.map(|text| ((file.name().to_owned(), location.path.clone()), text)));
            }
        }
        Self(comments)
    }

    pub(crate) fn of_service(&self, service: &ServiceDescriptor) -> &str {
        self.find(&service.parent_file(), service.path())
    }

    pub(crate) fn of_rpc(&self, rpc: &MethodDescriptor) -> &str {
        self.find(&rpc.parent_service().parent_file(), rpc.path())
    }

    pub(crate) fn of_message(&self, message: &MessageDescriptor) -> &str {
        self.find(&message.parent_file(), message.path())
    }

    pub(crate) fn of_field(&self, field: &FieldDescriptor) -> &str {
        self.find(&field.parent_message().parent_file(), field.path())
    }

    pub(crate) fn of_enum(&self, described: &EnumDescriptor) -> &str {
        self.find(&described.parent_file(), described.path())
    }

    fn find(&self, file: &FileDescriptor, path: &[i32]) -> &str {
        self.0.get(&(file.name().to_owned(), path.to_vec())).map_or("", String::as_str)
    }
}

/// The first sentence of a comment.
pub(crate) fn summary(comment: &str) -> &str {
    let end = comment.find(". ").unwrap_or(comment.len());
    comment[..end].trim_end_matches('.')
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
        let register = service.methods().next().unwrap();
        assert_eq!(summary(comments.of_rpc(&register)), "Register a person");
    }
}
