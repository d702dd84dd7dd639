//! The trial service: a real tonic server that reads and writes messages by their descriptors.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, BufMut};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor, Value};
use runtime::Problem;
use tokio_stream::{Stream, StreamExt};
use tonic::{
    Code, Request, Response, Status, Streaming,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::MetadataMap,
    server::{ClientStreamingService, Grpc, NamedService, ServerStreamingService, UnaryService},
};
use tower::Service;

/// The protos of the trial, with ours beneath them.
pub(crate) fn pool() -> &'static DescriptorPool {
    static POOL: std::sync::OnceLock<DescriptorPool> = std::sync::OnceLock::new();
    POOL.get_or_init(|| compile("tradewind/trial/v1/trial.proto"))
}

pub(crate) fn compile(file: &str) -> DescriptorPool {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut compiler = protox::Compiler::new([format!("{root}/tests/protos"), format!("{root}/../proto")]).unwrap();
    compiler.include_imports(true).include_source_info(true).open_file(file).unwrap();
    DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).unwrap()
}

#[derive(Clone)]
pub(crate) struct Trial;

/// How many bytes the streams have sent that never end.
pub(crate) static FLOODED: AtomicUsize = AtomicUsize::new(0);

/// Whether the gateway has let a stream go that its client did not read.
pub(crate) static STALLED: AtomicBool = AtomicBool::new(false);

/// Whether the request that a test of draining waits for has come.
pub(crate) static DRAINING: AtomicBool = AtomicBool::new(false);

impl NamedService for Trial {
    const NAME: &'static str = "tradewind.trial.v1.TrialService";
}

impl Service<http::Request<Body>> for Trial {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let service = pool().get_service_by_name(Self::NAME).unwrap();
        let method = service
            .methods()
            .find(|method| method.name() == name)
            .expect("the gateway calls only what there is");
        let mut grpc = Grpc::new(Dynamic(method.input()));
        Box::pin(async move {
            Ok(match (method.is_client_streaming(), method.is_server_streaming()) {
                (false, false) => grpc.unary(Rpc(method), request).await,
                (true, _) => grpc.client_streaming(Rpc(method), request).await,
                (false, true) => grpc.server_streaming(Rpc(method), request).await,
            })
        })
    }
}

struct Rpc(MethodDescriptor);

impl UnaryService<DynamicMessage> for Rpc {
    type Response = DynamicMessage;
    type Future = Pin<Box<dyn Future<Output = Result<Response<DynamicMessage>, Status>> + Send>>;

    fn call(&mut self, request: Request<DynamicMessage>) -> Self::Future {
        let method = self.0.clone();
        Box::pin(async move { unary(&method, request).await.map(Response::new) })
    }
}

impl ClientStreamingService<DynamicMessage> for Rpc {
    type Response = DynamicMessage;
    type Future = Pin<Box<dyn Future<Output = Result<Response<DynamicMessage>, Status>> + Send>>;

    fn call(&mut self, request: Request<Streaming<DynamicMessage>>) -> Self::Future {
        let method = self.0.clone();
        Box::pin(async move {
            let (metadata, _, mut messages) = request.into_parts();
            let mut first = None;
            let (mut bytes, mut chunks) = (Vec::new(), 0);
            while let Some(message) = messages.message().await? {
                let content = message.get_field_by_name("content").unwrap();
                let data = content.as_message().unwrap().get_field_by_name("data").unwrap();
                bytes.extend_from_slice(data.as_bytes().unwrap());
                chunks += 1;
                first.get_or_insert(message);
            }
            let mut first = first.expect("a first message always comes");
            let content = first.get_field_by_name_mut("content").unwrap().as_message_mut().unwrap();
            content.set_field_by_name(
                "data",
                Value::Bytes(
                    format!("{} bytes, more than one chunk: {}", bytes.len(), chunks > 1)
                        .into_bytes()
                        .into(),
                ),
            );
            Ok(Response::new(seen(&method.output(), &first, &metadata)))
        })
    }
}

type Messages = Pin<Box<dyn Stream<Item = Result<DynamicMessage, Status>> + Send>>;

impl ServerStreamingService<DynamicMessage> for Rpc {
    type Response = DynamicMessage;
    type ResponseStream = Messages;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Messages>, Status>> + Send>>;

    fn call(&mut self, request: Request<DynamicMessage>) -> Self::Future {
        let method = self.0.clone();
        Box::pin(async move {
            let request = request.into_inner();
            Ok(Response::new(if method.name() == "Watch" {
                watch(&method, &request)
            } else {
                download(&method, &request)
            }))
        })
    }
}

async fn unary(method: &MethodDescriptor, request: Request<DynamicMessage>) -> Result<DynamicMessage, Status> {
    let (metadata, _, request) = request.into_parts();
    let output = method.output();
    match method.name() {
        "Echo" => Ok(request),
        "GetBook" => Ok(book(&output, text(&request, "id"))),
        "ListTitles" => {
            let mut titles = DynamicMessage::new(output);
            titles.set_field_by_name(
                "titles",
                Value::List(vec![Value::String("one".into()), Value::String("two".into())]),
            );
            Ok(titles)
        }
        "Print" => Ok(http_body(&output, "application/pdf", b"%PDF-\x00\xff")),
        "Fail" => fail(&text(&request, "how")).await.map(|()| DynamicMessage::new(output)),
        _ => Ok(seen(&output, &request, &metadata)),
    }
}

async fn fail(how: &str) -> Result<(), Status> {
    match how {
        "stale" => Err(Problem::stale(7).into()),
        "fields" => Err(Problem::invalid(vec![
            ("lines[0].unit_price".into(), "must be positive".into()),
            ("how".into(), "is odd".into()),
        ])
        .into()),
        "exhausted" => Err(Problem::exhausted("QUOTA", "no more today", Duration::from_millis(2_500)).into()),
        "precondition" => Err(Problem::failed_precondition("ORDER_CANCELLED", "it was cancelled")
            .with("state", "cancelled")
            .into()),
        "internal" => Err(Status::new(Code::Unknown, "the database password is hunter2")),
        "slow" | "draining" => {
            DRAINING.fetch_or(how == "draining", Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(600)).await;
            Ok(())
        }
        _ => Err(Problem::not_found("way to fail").into()),
    }
}

fn book(descriptor: &MessageDescriptor, id: String) -> DynamicMessage {
    let mut book = DynamicMessage::new(descriptor.clone());
    book.set_field_by_name("id", Value::String(id));
    book.set_field_by_name("title", Value::String("x".repeat(2_000)));
    book.set_field_by_name("etag", Value::String("v7".into()));
    book.set_field_by_name("secret", Value::String("hush".into()));
    book
}

/// What the service saw: the request as JSON, and the metadata.
fn seen(descriptor: &MessageDescriptor, request: &DynamicMessage, metadata: &MetadataMap) -> DynamicMessage {
    let headers = metadata.clone().into_headers();
    let entries = headers.iter().map(|(name, value)| {
        let value = Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned());
        (prost_reflect::MapKey::String(name.to_string()), value)
    });
    let mut seen = DynamicMessage::new(descriptor.clone());
    seen.set_field_by_name("request", Value::String(serde_json::to_string(request).unwrap()));
    seen.set_field_by_name("metadata", Value::Map(entries.collect()));
    seen
}

fn watch(method: &MethodDescriptor, request: &DynamicMessage) -> Messages {
    let number = |name: &str| request.get_field_by_name(name).unwrap().as_i64().unwrap();
    let (after, count, then) = (number("after_sequence"), number("count"), text(request, "then"));
    let output = method.output();
    let events = (after + 1..=after + count).map(move |sequence| {
        let mut event = DynamicMessage::new(output.clone());
        event.set_field_by_name("sequence", Value::I64(sequence));
        event.set_field_by_name("text", Value::String(format!("line\n{sequence}")));
        Ok(event)
    });
    let events = tokio_stream::iter(events);
    match then.as_str() {
        "fail" => Box::pin(events.chain(tokio_stream::once(Err(Problem::not_found("more").into())))),
        "wait" => Box::pin(events.chain(tokio_stream::pending())),
        "flood" => Box::pin(flood(method)),
        "stall" => {
            let told = Told(&STALLED);
            Box::pin(flood(method).map(move |event| {
                let _told = &told;
                event
            }))
        }
        _ => Box::pin(events),
    }
}

/// Large events without an end.
fn flood(method: &MethodDescriptor) -> impl Stream<Item = Result<DynamicMessage, Status>> + Send + use<> {
    const SIZE: usize = 100_000;
    let mut event = DynamicMessage::new(method.output());
    event.set_field_by_name("text", Value::String("x".repeat(SIZE)));
    tokio_stream::iter(std::iter::repeat_with(move || {
        FLOODED.fetch_add(SIZE, Ordering::SeqCst);
        Ok(event.clone())
    }))
}

/// Says when it is dropped.
struct Told(&'static AtomicBool);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn download(method: &MethodDescriptor, request: &DynamicMessage) -> Messages {
    let output = method.output();
    let chunks = request.get_field_by_name("chunks").unwrap().as_i32().unwrap();
    Box::pin(tokio_stream::iter((0..chunks).map(move |at| {
        let content_type = if at == 0 { "text/csv" } else { "" };
        Ok(http_body(&output, content_type, format!("row {at}\n").as_bytes()))
    })))
}

fn http_body(descriptor: &MessageDescriptor, content_type: &str, data: &[u8]) -> DynamicMessage {
    let mut body = DynamicMessage::new(descriptor.clone());
    body.set_field_by_name("content_type", Value::String(content_type.to_owned()));
    body.set_field_by_name("data", Value::Bytes(data.to_vec().into()));
    body
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).unwrap().as_str().unwrap().to_owned()
}

/// Reads messages of one kind, writes messages of any.
#[derive(Clone)]
pub(crate) struct Dynamic(pub(crate) MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        self.clone()
    }

    fn decoder(&mut self) -> Self {
        self.clone()
    }
}

impl Encoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, message: DynamicMessage, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put_slice(&message.encode_to_vec());
        Ok(())
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        let message = DynamicMessage::decode(self.0.clone(), bytes).map_err(|error| Status::internal(error.to_string()))?;
        Ok(Some(message))
    }
}
