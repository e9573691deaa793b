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

/// Room that was taken. Given back when it is dropped, unless a message went into it.
pub struct Taken<'a> {
    room: &'a Room,
    bytes: usize,
}

impl Room {
    /// Waits until there is room, and takes it for `bytes`. A message of any size goes in when little else waits.
    pub async fn take(&self, bytes: usize) -> Taken<'_> {
        while self.waiting.get() >= MOST_WAITING {
            self.freed.notified().await;
        }
        self.waiting.set(self.waiting.get() + bytes);
        if self.waiting.get() < MOST_WAITING {
            self.freed.notify_one(); // there may be room for the next one as well
        }
        Taken { room: self, bytes }
    }

    fn free(&self, bytes: usize) {
        self.waiting.set(self.waiting.get().saturating_sub(bytes));
        if self.waiting.get() < MOST_WAITING {
            self.freed.notify_one();
        }
    }
}

impl Taken<'_> {
    /// The message was given to the socket: the connection frees the room when it takes it.
    pub fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.room.free(self.bytes);
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn room_is_given_back_by_whoever_does_not_come_to_use_it() {
        let room = Room::default();
        room.take(MOST_WAITING / 2).now_or_never().unwrap().keep();
        let given_up = room.take(MOST_WAITING).now_or_never().unwrap();
        assert!(room.take(1).now_or_never().is_none(), "it is full");
        drop(given_up);
        assert_eq!(room.waiting.get(), MOST_WAITING / 2);
        room.take(1).now_or_never().unwrap().keep();
        assert_eq!(room.waiting.get(), MOST_WAITING / 2 + 1);
    }
}
