//! Requests to services of others. Each has a connection of its own, to an address that was looked up once and checked,
//! so that a name cannot mean something else a moment later. Redirects are not followed, and nothing is waited for
//! longer than its deadline.

mod reach;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{CONNECTION, CONTENT_LENGTH, HOST, RETRY_AFTER, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{self, ClientConfig, RootCertStore, pki_types::ServerName},
};
use url::{Host, Url};

pub use reach::Reach;

/// Of an answer's body, so much is read.
const MOST_READ: usize = 64 * 1024;
/// A server that does not take the connection within this time is not there.
const CONNECT: Duration = Duration::from_secs(4);

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    tls: TlsConnector,
}

/// A request: always a POST.
pub struct Post<'a> {
    /// Whole address, with http or https.
    pub url: &'a str,
    /// Names in small letters, and values.
    pub headers: &'a [(&'static str, String)],
    /// What is sent.
    pub body: Vec<u8>,
    /// What the address may be of.
    pub reach: Reach,
    /// How long all of it may take.
    pub deadline: Duration,
}

/// An answer, whatever it says.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// How many seconds to wait, if it says so.
    pub retry_after: Option<u64>,
    /// Its body, at most 64 KiB of it.
    pub body: Vec<u8>,
}

/// Why there is no answer. The texts name no address and quote nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The address is none, or one that must not be asked. It will not be better another time.
    NotAllowed(&'static str),
    /// Known not to have been sent; may be tried again.
    NotSent(&'static str),
    /// It may have arrived or not.
    Unknown(&'static str),
}

impl Failure {
    /// Why, as a sentence without its end.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotAllowed(reason) | Self::NotSent(reason) | Self::Unknown(reason) => reason,
        }
    }
}

impl Http {
    /// Trusts the authorities that Mozilla trusts.
    pub fn new() -> Result<Self, rustls::Error> {
        let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: Arc::new(config).into(),
        })
    }

    /// Sends `post`, once.
    pub async fn send(&self, post: &Post<'_>) -> Result<Answer, Failure> {
        let end = Instant::now() + post.deadline;
        let url = read(post.url, post.reach)?;
        let request = request(&url, post)?;
        let connected = timeout_at(end.min(Instant::now() + CONNECT), connect(&url, post.reach)).await;
        let stream = connected.map_err(|_| Failure::NotSent("the service cannot be reached in time"))??;
        if url.scheme() == "http" {
            return exchange(stream, request, end).await;
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).ok(),
            Some(Host::Ipv4(ip)) => Some(ServerName::from(std::net::IpAddr::V4(ip))),
            Some(Host::Ipv6(ip)) => Some(ServerName::from(std::net::IpAddr::V6(ip))),
            None => None,
        };
        let name = name.ok_or(Failure::NotAllowed("the address has no host"))?;
        let shaken = timeout_at(end, self.tls.connect(name, stream)).await;
        match shaken {
            Ok(Ok(stream)) => exchange(stream, request, end).await,
            Ok(Err(_)) => Err(Failure::NotSent("the service does not prove who it is (TLS)")),
            Err(_) => Err(Failure::NotSent("the service cannot be reached in time")),
        }
    }
}

/// The parts of an address, if requests may go there at all: what is wrong with one can be told before anything is sent. A
/// name is looked up later, and what it stands for is checked then.
pub fn read(url: &str, reach: Reach) -> Result<Url, Failure> {
    let url = Url::parse(url).map_err(|_| Failure::NotAllowed("it is no address"))?;
    let ip = match url.host() {
        None => return Err(Failure::NotAllowed("the address has no host")),
        Some(Host::Domain(_)) => None,
        Some(Host::Ipv4(ip)) => Some(ip.into()),
        Some(Host::Ipv6(ip)) => Some(ip.into()),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::NotAllowed("the address is none of http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::NotAllowed("the address holds a name or a password"));
    }
    match ip {
        Some(ip) if !reach.has(ip) => Err(NOT_PUBLIC),
        _ => Ok(url),
    }
}

const NOT_PUBLIC: Failure = Failure::NotAllowed("the address is of a network that is not public");

/// Connects to one of the addresses that the name stands for now; all of them have to be allowed.
async fn connect(url: &Url, reach: Reach) -> Result<TcpStream, Failure> {
    let port = url.port_or_known_default().unwrap_or(443);
    let found: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![(ip, port).into()],
        Some(Host::Ipv6(ip)) => vec![(ip, port).into()],
        Some(Host::Domain(name)) => {
            let found = lookup_host((name, port)).await;
            found
                .map_err(|_| Failure::NotSent("the name of the service is not known"))?
                .collect()
        }
        None => vec![],
    };
    if !found.iter().all(|address| reach.has(address.ip())) {
        return Err(NOT_PUBLIC);
    }
    let connected = TcpStream::connect(found.as_slice()).await;
    connected.map_err(|_| Failure::NotSent("the service takes no connection"))
}

fn request(url: &Url, post: &Post<'_>) -> Result<Request<Full<Bytes>>, Failure> {
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let mut request = Request::post(target)
        .header(HOST, host)
        .header(USER_AGENT, concat!("Turnout/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_LENGTH, post.body.len())
        .header(CONNECTION, "close");
    for (name, value) in post.headers {
        request = request.header(*name, value);
    }
    request
        .body(Full::new(Bytes::from(post.body.clone())))
        .map_err(|_| Failure::NotAllowed("the address or a header cannot be written"))
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    end: Instant,
) -> Result<Answer, Failure> {
    const BROKE: Failure = Failure::Unknown("the connection broke before an answer");
    let shaken = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|_| BROKE)?;
    let connection = tokio::spawn(connection);
    let answer = timeout_at(end, async {
        let response = sender.send_request(request).await.map_err(|_| BROKE)?;
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        Ok(Answer {
            status: response.status().as_u16(),
            retry_after,
            body: body(response.into_body(), end).await,
        })
    })
    .await;
    connection.abort();
    answer.unwrap_or(Err(Failure::Unknown("no answer in time")))
}

/// What came of the body by `end`: whoever needs all of it sees that it does not fit together.
async fn body(mut incoming: Incoming, end: Instant) -> Vec<u8> {
    let mut body = Vec::new();
    // A moment before the end, so that the status is still told when the body never ends.
    let end = end - Duration::from_millis(50);
    while let Ok(Some(Ok(frame))) = timeout_at(end, incoming.frame()).await {
        let data = frame.into_data().unwrap_or_default();
        let room = MOST_READ.saturating_sub(body.len());
        body.extend_from_slice(data.get(..room).unwrap_or(&data));
        if data.len() > room {
            break;
        }
    }
    body
}

#[cfg(test)]
mod tests;
