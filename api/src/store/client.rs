//! HTTP for buckets, of the parts that requests to other services are made of: one connection for each request, to an address
//! that the operator named.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    Request, Uri,
    body::Bytes,
    client::conn::http1,
    header::{CONNECTION, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
        HttpService,
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};

use crate::channel::http::{Failure, Http, Reach, Stream, read};

/// All of one request.
const DEADLINE: Duration = Duration::from_secs(30);
/// The largest answer that is read: more than any object of ours has.
const MOST: usize = 64 * 1024 * 1024;

/// Gives the store its client.
#[derive(Clone)]
pub(super) struct Connector {
    http: Http,
}

impl Connector {
    pub(super) fn new(http: Http) -> Self {
        Self { http }
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

type Called<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Connector {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> Called<'b>
    where
        'a: 'b,
    {
        Box::pin(self.ask(request))
    }
}

/// What went wrong, without the address, which the store adds itself.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Wrong(&'static str);

fn wrong(kind: HttpErrorKind, what: &'static str) -> HttpError {
    HttpError::new(kind, Wrong(what))
}

impl Connector {
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let end = Instant::now() + DEADLINE;
        let (mut parts, body) = request.into_parts();
        let url = read(&parts.uri.to_string(), Reach::Anywhere).map_err(not_sent)?;
        let host = parts
            .uri
            .authority()
            .map(|authority| authority.as_str().to_owned());
        let host = HeaderValue::try_from(host.unwrap_or_default());
        let host = host.map_err(|_| wrong(HttpErrorKind::Unknown, "the address has no host"))?;
        parts.headers.entry(HOST).or_insert(host);
        parts
            .headers
            .insert(CONNECTION, HeaderValue::from_static("close"));
        // Only path and query, as it is sent to who answers for the host.
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        parts.uri = Uri::try_from(target).map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let body = body.collect().await?.to_bytes();
        let request = Request::from_parts(parts, Full::new(body));
        let stream = self.http.connect(&url, Reach::Anywhere, end).await;
        let answer = async {
            match stream.map_err(not_sent)? {
                Stream::Plain(stream) => exchange(stream, request).await,
                Stream::Tls(stream) => exchange(stream, request).await,
            }
        };
        let answer = timeout_at(end, answer).await;
        answer.unwrap_or_else(|_| Err(wrong(HttpErrorKind::Timeout, "no answer in time")))
    }
}

fn not_sent(failure: Failure) -> HttpError {
    let kind = match failure {
        Failure::NotSent(_) => HttpErrorKind::Connect,
        Failure::NotAllowed(_) | Failure::Unknown(_) => HttpErrorKind::Unknown,
    };
    wrong(kind, failure.reason())
}

/// The whole answer; one that is cut off is an error.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<HttpResponse, HttpError> {
    let broke = |error: hyper::Error| HttpError::new(HttpErrorKind::Request, error);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broke)?;
    let connection = tokio::spawn(connection);
    let answer = async {
        let (parts, body) = sender.send_request(request).await.map_err(broke)?.into_parts();
        let body = Limited::new(body, MOST).collect().await;
        let body = body.map_err(|error| match error.is::<LengthLimitError>() {
            true => wrong(HttpErrorKind::Decode, "the answer is too large"),
            false => HttpError::new_boxed(HttpErrorKind::Interrupted, error),
        })?;
        Ok(HttpResponse::from_parts(
            parts,
            HttpResponseBody::from(body.to_bytes()),
        ))
    };
    let answer = answer.await;
    connection.abort();
    answer
}
