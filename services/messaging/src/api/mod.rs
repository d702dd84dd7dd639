//! The verbs of messaging: one RPC a file.

mod get_conversation;
mod list_conversations;
mod list_messages;
mod list_notifications;
mod mark_notification_read;
mod mark_read;
mod open_conversation;
mod present;
mod read;
mod send_message;
mod stream_messages;

use std::time::Duration;

use kernel::Time;
use proto::messaging::v1::{
    self as v1, conversation_service_server::ConversationService, notification_service_server::NotificationService,
};
use runtime::Organisations;
use store::Store;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::{live::Live, products::Products};

/// What every handler works with.
pub(crate) struct Api {
    /// The database.
    pub(crate) store: Store,
    /// Whom one may write to.
    pub(crate) organisations: Organisations,
    /// What one may write about.
    pub(crate) products: Products,
    /// Who waits for new messages.
    pub(crate) live: Live,
    /// How long a stream goes on.
    pub(crate) stream: Duration,
    /// Cancelled when the process is to end.
    pub(crate) ending: CancellationToken,
}

impl Api {
    fn now(&self) -> Time {
        self.store.clock().now()
    }
}

#[tonic::async_trait]
impl ConversationService for Api {
    type StreamMessagesStream = stream_messages::Messages;

    async fn open_conversation(&self, request: Request<v1::OpenConversationRequest>) -> Result<Response<v1::Conversation>, Status> {
        open_conversation::handle(self, &request).await.map(Response::new)
    }

    async fn get_conversation(&self, request: Request<v1::GetConversationRequest>) -> Result<Response<v1::Conversation>, Status> {
        get_conversation::handle(self, &request).await.map(Response::new)
    }

    async fn list_conversations(
        &self,
        request: Request<v1::ListConversationsRequest>,
    ) -> Result<Response<v1::ListConversationsResponse>, Status> {
        list_conversations::handle(self, &request).await.map(Response::new)
    }

    async fn send_message(&self, request: Request<v1::SendMessageRequest>) -> Result<Response<v1::Message>, Status> {
        send_message::handle(self, &request).await.map(Response::new)
    }

    async fn list_messages(&self, request: Request<v1::ListMessagesRequest>) -> Result<Response<v1::ListMessagesResponse>, Status> {
        list_messages::handle(self, &request).await.map(Response::new)
    }

    async fn stream_messages(&self, request: Request<v1::StreamMessagesRequest>) -> Result<Response<Self::StreamMessagesStream>, Status> {
        stream_messages::handle(self, &request).await.map(Response::new)
    }

    async fn mark_read(&self, request: Request<v1::MarkReadRequest>) -> Result<Response<v1::Conversation>, Status> {
        mark_read::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl NotificationService for Api {
    async fn list_notifications(
        &self,
        request: Request<v1::ListNotificationsRequest>,
    ) -> Result<Response<v1::ListNotificationsResponse>, Status> {
        list_notifications::handle(self, &request).await.map(Response::new)
    }

    async fn mark_notification_read(
        &self,
        request: Request<v1::MarkNotificationReadRequest>,
    ) -> Result<Response<v1::Notification>, Status> {
        mark_notification_read::handle(self, &request).await.map(Response::new)
    }
}
