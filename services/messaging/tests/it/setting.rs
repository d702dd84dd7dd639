//! A running messaging service, and those who call it.

use std::time::Duration;

use harness::{Authority, Database, Identity, Nats, channel};
use kernel::OrganisationId;
use messaging::Config;
use proto::{
    messaging::v1::{
        self as v1, context::Subject, conversation_service_client::ConversationServiceClient,
        notification_service_client::NotificationServiceClient,
    },
    operations::v1::{RunAuditRequest, operations_service_client::OperationsServiceClient},
};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming, transport::Channel};
use uuid::Uuid;

use crate::catalog::Catalog;

/// One messaging service under test, in as many replicas as the test wants.
pub(crate) struct Setting {
    pub(crate) authority: Authority,
    pub(crate) nats: Nats,
    pub(crate) catalog: Catalog,
    pub(crate) database: Database,
}

/// One process of it.
#[derive(Clone)]
pub(crate) struct Replica {
    pub(crate) channel: Channel,
    pub(crate) shutdown: CancellationToken,
}

impl Setting {
    pub(crate) async fn on(database: Database) -> Self {
        Self {
            authority: Authority::new(),
            nats: Nats::start().await,
            catalog: Catalog::default(),
            database,
        }
    }

    pub(crate) async fn replica(&self) -> Replica {
        self.replica_with(Config::default()).await
    }

    pub(crate) async fn replica_with(&self, config: Config) -> Replica {
        let peers = [("identity", Identity::start().await), ("catalog", self.catalog.start().await)];
        let settings = self.authority.settings("messaging", self.database.url(), &self.nats.url(), &peers);
        let start = self.authority.start("messaging", settings, config).await;
        let (address, shutdown) = (start.address(), start.shutdown.clone());
        tokio::spawn(async move { messaging::run(start).await.unwrap() });
        let replica = Replica {
            channel: channel(address),
            shutdown,
        };
        // Nobody is of this organisation; any answer will do.
        let nobody = self.caller(&replica, organisation());
        harness::until("the service answers", || async { nobody.notifications(false).await.is_ok() }).await;
        replica
    }

    /// Somebody who acts for this organisation, at this replica.
    pub(crate) fn caller<'s>(&'s self, replica: &Replica, organisation: OrganisationId) -> Caller<'s> {
        Caller {
            authority: &self.authority,
            channel: replica.channel.clone(),
            organisation,
        }
    }

    /// What the audit of sequences finds.
    pub(crate) async fn findings(&self, replica: &Replica) -> Vec<String> {
        let message = RunAuditRequest {
            service: "messaging".to_owned(),
            audit: "sequences".to_owned(),
            ..RunAuditRequest::default()
        };
        let request = self.authority.operator(organisation(), message);
        let report = OperationsServiceClient::new(replica.channel.clone()).run_audit(request).await;
        report.unwrap().into_inner().findings
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.database.count(table).await
    }
}

/// Somebody who acts for an organisation.
pub(crate) struct Caller<'s> {
    authority: &'s Authority,
    channel: Channel,
    pub(crate) organisation: OrganisationId,
}

impl Caller<'_> {
    fn conversations(&self) -> ConversationServiceClient<Channel> {
        ConversationServiceClient::new(self.channel.clone())
    }

    fn request<T>(&self, message: T) -> tonic::Request<T> {
        self.authority.person(self.organisation, message)
    }

    pub(crate) async fn open(&self, other: OrganisationId, subject: Option<Subject>) -> Result<v1::Conversation, Status> {
        let message = v1::OpenConversationRequest {
            organisation_id: other.to_string(),
            context: subject.map(|subject| v1::Context { subject: Some(subject) }),
            ..v1::OpenConversationRequest::default()
        };
        self.open_as(message).await
    }

    pub(crate) async fn open_as(&self, message: v1::OpenConversationRequest) -> Result<v1::Conversation, Status> {
        let opened = self.conversations().open_conversation(self.request(message)).await;
        opened.map(tonic::Response::into_inner)
    }

    pub(crate) async fn get(&self, conversation: &str) -> Result<v1::Conversation, Status> {
        let message = v1::GetConversationRequest {
            conversation_id: conversation.to_owned(),
        };
        let found = self.conversations().get_conversation(self.request(message)).await;
        found.map(tonic::Response::into_inner)
    }

    pub(crate) async fn list(&self, page_size: i32, page_token: &str) -> Result<v1::ListConversationsResponse, Status> {
        let message = v1::ListConversationsRequest {
            page_size,
            page_token: page_token.to_owned(),
        };
        let page = self.conversations().list_conversations(self.request(message)).await;
        page.map(tonic::Response::into_inner)
    }

    pub(crate) async fn send(&self, conversation: &str, key: &str, text: &str) -> Result<v1::Message, Status> {
        let message = v1::SendMessageRequest {
            request_id: key.to_owned(),
            conversation_id: conversation.to_owned(),
            text: text.to_owned(),
            quotation_id: String::new(),
        };
        self.send_as(message).await
    }

    pub(crate) async fn send_as(&self, message: v1::SendMessageRequest) -> Result<v1::Message, Status> {
        let sent = self.conversations().send_message(self.request(message)).await;
        sent.map(tonic::Response::into_inner)
    }

    pub(crate) async fn messages(&self, conversation: &str, after_sequence: i64, page_size: i32) -> Result<Vec<v1::Message>, Status> {
        let message = v1::ListMessagesRequest {
            conversation_id: conversation.to_owned(),
            after_sequence,
            page_size,
        };
        let page = self.conversations().list_messages(self.request(message)).await;
        page.map(|page| page.into_inner().messages)
    }

    /// A stream that is begun with a token for so many seconds.
    pub(crate) async fn stream_with_a_token_for(&self, seconds: i64, conversation: &str) -> Result<Streaming<v1::Message>, Status> {
        let message = v1::StreamMessagesRequest {
            conversation_id: conversation.to_owned(),
            after_sequence: 0,
        };
        let request = self.authority.person_for(seconds, self.organisation, message);
        let stream = self.conversations().stream_messages(request).await;
        stream.map(tonic::Response::into_inner)
    }

    pub(crate) async fn stream(&self, conversation: &str, after_sequence: i64) -> Result<Streaming<v1::Message>, Status> {
        self.stream_within(Duration::from_secs(30), conversation, after_sequence).await
    }

    /// A stream that a request with this deadline begins.
    pub(crate) async fn stream_within(
        &self,
        deadline: Duration,
        conversation: &str,
        after_sequence: i64,
    ) -> Result<Streaming<v1::Message>, Status> {
        let message = v1::StreamMessagesRequest {
            conversation_id: conversation.to_owned(),
            after_sequence,
        };
        let mut request = self.request(message);
        request.set_timeout(deadline);
        let stream = self.conversations().stream_messages(request).await;
        stream.map(tonic::Response::into_inner)
    }

    pub(crate) async fn mark_read(&self, conversation: &str, sequence: i64) -> Result<v1::Conversation, Status> {
        let message = v1::MarkReadRequest {
            conversation_id: conversation.to_owned(),
            sequence,
            ..v1::MarkReadRequest::default()
        };
        let read = self.conversations().mark_read(self.request(message)).await;
        read.map(tonic::Response::into_inner)
    }

    /// The first page of the notifications.
    pub(crate) async fn notifications(&self, unread_only: bool) -> Result<Vec<v1::Notification>, Status> {
        let page = self.notification_page(100, "", unread_only).await;
        page.map(|page| page.notifications)
    }

    pub(crate) async fn notification_page(
        &self,
        page_size: i32,
        page_token: &str,
        unread_only: bool,
    ) -> Result<v1::ListNotificationsResponse, Status> {
        let message = v1::ListNotificationsRequest {
            page_size,
            page_token: page_token.to_owned(),
            unread_only,
        };
        let mut client = NotificationServiceClient::new(self.channel.clone());
        let page = client.list_notifications(self.request(message)).await;
        page.map(tonic::Response::into_inner)
    }

    pub(crate) async fn mark_notification_read(&self, notification: &str) -> Result<v1::Notification, Status> {
        let message = v1::MarkNotificationReadRequest {
            notification_id: notification.to_owned(),
            ..v1::MarkNotificationReadRequest::default()
        };
        let mut client = NotificationServiceClient::new(self.channel.clone());
        let read = client.mark_notification_read(self.request(message)).await;
        read.map(tonic::Response::into_inner)
    }
}

/// An organisation that nobody else has.
pub(crate) fn organisation() -> OrganisationId {
    OrganisationId::from_uuid(Uuid::new_v4())
}
