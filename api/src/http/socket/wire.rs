//! A WebSocket as the protocol above it sees it: bounded both ways, and closed for good.

use std::{
    any::Any,
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    rc::Rc,
    sync::{Arc, Weak},
    time::Duration,
};

use actix_web::{
    Error, FromRequest, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{self, Extensions},
    error::PayloadError,
    rt::net,
    web::{Bytes, Payload},
};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError, Session};
use futures_util::{FutureExt, future::Fuse};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout, timeout_at},
};

use super::{
    PROTOCOL,
    inlet::Inlet,
    message::Close,
    outlet::{Outlet, Room},
};

/// A peer that takes nothing for so long is given up.
const STUCK: Duration = Duration::from_secs(10);
/// How long a peer may take to answer that the socket is closed.
const PARTING: Duration = Duration::from_secs(2);

/// Both directions, and the connection itself.
pub struct Wire {
    /// What the peer says.
    pub inbound: Inbound,
    /// What it is told.
    pub outbound: Outbound,
    connection: Weak<TcpStream>,
    /// The response goes on until this is dropped.
    _done: oneshot::Sender<()>,
}

/// What the peer says.
pub struct Inbound {
    messages: AggregatedMessageStream,
    too_large: Fuse<oneshot::Receiver<()>>,
}

/// Something the peer said.
pub enum Received {
    /// A message.
    Text(String),
    /// A sign of life, to be answered.
    Ping(Bytes),
    /// A sign of life.
    Pong,
    /// It wants to part, for this reason.
    Close(Option<CloseReason>),
    /// It broke a rule.
    Wrong(Close),
    /// It is gone.
    Gone,
}

/// What the peer is told; for any number of senders.
#[derive(Clone)]
pub struct Outbound {
    session: Session,
    room: Rc<Room>,
}

/// The peer is gone, or takes nothing.
#[derive(Debug)]
pub struct Stuck;

/// For each new connection: keeps a handle to it, by which it can be ended even when the peer takes nothing.
pub fn keep_handle(io: &dyn Any, extensions: &mut Extensions) {
    let handle = io
        .downcast_ref::<net::TcpStream>()
        .and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
    if let Some(handle) = handle {
        extensions.insert(Arc::new(TcpStream::from(handle)));
    }
}

impl Wire {
    /// The response that opens the socket, and the socket. Messages have at most `limit` bytes.
    pub async fn accept(
        http: &HttpRequest,
        payload: Payload,
        limit: usize,
    ) -> Result<(HttpResponse, Self), Error> {
        let (inlet, too_large) = Inlet::new(payload.into_inner(), limit);
        let mut counted: dev::Payload = dev::Payload::Stream {
            payload: Box::pin(inlet),
        };
        let payload = Payload::from_request(http, &mut counted).await?;
        let (response, session, messages) = actix_ws::handle_with_protocols(http, payload, &[PROTOCOL])?;
        let messages = messages
            .max_frame_size(limit)
            .aggregate_continuations()
            .max_continuation_size(limit);
        let room = Rc::new(Room::default());
        let mut done = None;
        let response = response.map_body(|_, frames| {
            let (outlet, sender) = Outlet::new(frames, Rc::clone(&room));
            done = Some(sender);
            outlet.boxed()
        });
        let wire = Self {
            inbound: Inbound {
                messages,
                too_large: too_large.fuse(),
            },
            outbound: Outbound { session, room },
            connection: http
                .conn_data::<Arc<TcpStream>>()
                .map(Arc::downgrade)
                .unwrap_or_default(),
            _done: done.unwrap_or_else(|| oneshot::channel().0),
        };
        Ok((response, wire))
    }

    /// Says why, waits for the answer a moment, and ends the connection.
    pub async fn close(mut self, close: Close) {
        let until = Instant::now() + PARTING;
        let said = timeout_at(until, self.outbound.session.clone().close(Some(close.into()))).await;
        let has_parted =
            matches!(said, Ok(Ok(()))) && timeout_at(until, self.inbound.is_parting()).await == Ok(true);
        if !has_parted {
            self.cut();
        }
    }

    /// Answers that the peer wants to part.
    pub async fn part(self, reason: Option<CloseReason>) {
        let said = timeout(PARTING, self.outbound.session.clone().close(reason)).await;
        if said.is_err() {
            self.cut();
        }
    }

    /// Ends the connection, whether the peer takes notice or not.
    pub fn cut(&self) {
        if let Some(connection) = self.connection.upgrade() {
            let _ = connection.shutdown(Shutdown::Both); // an error means that it had ended
        }
    }
}

impl Inbound {
    /// What comes next.
    pub async fn next(&mut self) -> Received {
        tokio::select! {
            biased;
            Ok(()) = &mut self.too_large => Received::Wrong(Close::TOO_LARGE),
            message = self.messages.recv() => match message {
                Some(Ok(AggregatedMessage::Text(text))) => Received::Text(text.to_string()),
                Some(Ok(AggregatedMessage::Binary(_))) => Received::Wrong(Close::BAD_MESSAGE),
                Some(Ok(AggregatedMessage::Ping(bytes))) => Received::Ping(bytes),
                Some(Ok(AggregatedMessage::Pong(_))) => Received::Pong,
                Some(Ok(AggregatedMessage::Close(reason))) => Received::Close(reason),
                Some(Err(error)) => wrong(&error),
                None => Received::Gone,
            },
        }
    }

    /// Passes over what still comes; whether the peer parts in the end.
    async fn is_parting(&mut self) -> bool {
        loop {
            match self.next().await {
                Received::Close(_) | Received::Gone => return true,
                Received::Wrong(_) => return false,
                Received::Text(_) | Received::Ping(_) | Received::Pong => {}
            }
        }
    }
}

fn wrong(error: &ProtocolError) -> Received {
    match error {
        ProtocolError::Overflow => Received::Wrong(Close::TOO_LARGE),
        ProtocolError::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<PayloadError>()) => {
            Received::Gone
        }
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Received::Wrong(Close::NOT_TEXT)
        }
        _ => Received::Wrong(Close::NOT_A_FRAME),
    }
}

impl Outbound {
    /// Sends a message, once there is room for it.
    pub async fn send(&mut self, text: String) -> Result<(), Stuck> {
        let send = async {
            let taken = self.room.take(text.len()).await;
            self.session.text(text).await?;
            taken.keep();
            Ok(())
        };
        sent(timeout(STUCK, send).await)
    }

    /// Asks whether the peer is there.
    pub async fn ping(&mut self) -> Result<(), Stuck> {
        sent(timeout(STUCK, self.session.ping(b"")).await)
    }

    /// Answers that we are.
    pub async fn pong(&mut self, bytes: &Bytes) -> Result<(), Stuck> {
        sent(timeout(STUCK, self.session.pong(bytes)).await)
    }
}

fn sent(outcome: Result<Result<(), actix_ws::Closed>, tokio::time::error::Elapsed>) -> Result<(), Stuck> {
    match outcome {
        Ok(Ok(())) => Ok(()),
        _ => Err(Stuck),
    }
}

impl From<Close> for CloseReason {
    fn from(close: Close) -> Self {
        Self {
            code: CloseCode::from(close.code),
            description: Some(close.reason.to_owned()),
        }
    }
}
