//! The doors for what is read most: products, pages and results go out as the bytes that they were encoded to once, without being built and
//! encoded again. Everything else goes on to the generated services.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use prost::Message;
use tonic::{
    Request, Response, Status,
    body::Body,
    server::{Grpc, NamedService},
};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use super::{Api, encoded::Encoded, get_product, list_products, search_products};

type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

/// A generated service with shortcuts.
#[derive(Clone)]
pub(crate) struct Encoding<S> {
    api: Arc<Api>,
    generated: S,
}

impl<S> Encoding<S> {
    /// The service that was generated for `api`, with shortcuts to it.
    pub(crate) fn new(api: &Arc<Api>, generated: impl FnOnce(Arc<Api>) -> S) -> Self {
        Self {
            api: Arc::clone(api),
            generated: generated(Arc::clone(api)),
        }
    }
}

impl<S: NamedService> NamedService for Encoding<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<http::Request<Body>> for Encoding<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible, Future = Answer>,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        let api = Arc::clone(&self.api);
        match request.uri().path() {
            "/tradewind.catalog.v1.ProductService/GetProduct" => {
                shortcut(api, request, |api, asked| async move { get_product::handle(&api, &asked).await })
            }
            "/tradewind.catalog.v1.ProductService/ListProducts" => {
                shortcut(api, request, |api, asked| async move { list_products::handle(&api, &asked).await })
            }
            "/tradewind.catalog.v1.SearchService/SearchProducts" => shortcut(api, request, |api, asked| async move {
                search_products::handle(&api, asked.into_inner()).await
            }),
            _ => self.generated.call(request),
        }
    }
}

/// Answers a request with what this handler has encoded.
fn shortcut<M, F>(api: Arc<Api>, request: http::Request<Body>, handle: fn(Arc<Api>, Request<M>) -> F) -> Answer
where
    M: Message + Default + Send + 'static,
    F: Future<Output = Result<Encoded, Status>> + Send + 'static,
{
    let answer = service_fn(move |asked| {
        let answer = handle(Arc::clone(&api), asked);
        async move { answer.await.map(Response::new) }
    });
    Box::pin(async move {
        let codec = ProstCodec::<Encoded, M>::default();
        Ok(Grpc::new(codec).unary(answer, request).await)
    })
}
