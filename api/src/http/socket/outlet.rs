//! What goes out, and how much of it waits for a peer that reads slowly.

use std::{
    cell::Cell,
    error::Error,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use tokio::sync::{Notify, oneshot};

/// Messages wait outside while so many bytes have not been taken by the connection.
const MOST_WAITING: usize = 128 * 1024;

/// Bytes that were given to a socket and not taken by its connection yet.
#[derive(Default)]
pub struct Room {
    waiting: Cell<usize>,
    freed: Notify,
}

impl Room {
    /// Waits until there is room, and takes it for `bytes`. A message of any size goes in when little else waits.
    pub async fn take(&self, bytes: usize) {
        while self.waiting.get() >= MOST_WAITING {
            self.freed.notified().await;
        }
        self.waiting.set(self.waiting.get() + bytes);
        if self.waiting.get() < MOST_WAITING {
            self.freed.notify_one(); // there may be room for the next one as well
        }
    }

    fn free(&self, bytes: usize) {
        self.waiting.set(self.waiting.get().saturating_sub(bytes));
        if self.waiting.get() < MOST_WAITING {
            self.freed.notify_one();
        }
    }
}

/// The body of the response: the library's frames, counted. It ends when the socket is done rather than with the last
/// frame, so that the connection stays until the peer had time to read that one and to answer it.
pub struct Outlet {
    frames: BoxBody,
    room: Rc<Room>,
    done: oneshot::Receiver<()>,
    is_over: bool,
}

impl Outlet {
    /// `frames` until its end, and then until the sender is dropped.
    pub fn new(frames: BoxBody, room: Rc<Room>) -> (Self, oneshot::Sender<()>) {
        let (sender, done) = oneshot::channel();
        let outlet = Self {
            frames,
            room,
            done,
            is_over: false,
        };
        (outlet, sender)
    }
}

impl MessageBody for Outlet {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        if !this.is_over {
            match ready!(Pin::new(&mut this.frames).poll_next(cx)) {
                Some(Ok(bytes)) => {
                    this.room.free(bytes.len());
                    return Poll::Ready(Some(Ok(bytes)));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => this.is_over = true,
            }
        }
        Pin::new(&mut this.done).poll(cx).map(|_| None)
    }
}
