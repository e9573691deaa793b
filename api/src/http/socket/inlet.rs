//! What comes in, no more of it than a message may have: counted by the frames' headers, before anything is kept.
//!
//! The library keeps a frame until it has all of it, however long it says that it is.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{dev::Payload, error::PayloadError, web::Bytes};
use futures_util::Stream;
use tokio::sync::oneshot;

/// What a frame takes beside its bytes, as the library keeps the parts of a message until it has the last: a handle for each.
const HANDLE: u64 = 32;

/// The bytes of a connection, until a message is too large; then nothing more, although they are still taken in, so
/// that the peer comes to read why.
pub struct Inlet {
    payload: Payload,
    sizes: Sizes,
    too_large: Option<oneshot::Sender<()>>,
}

impl Inlet {
    /// Messages of at most `limit` bytes. The receiver tells when one was larger.
    pub fn new(payload: Payload, limit: usize) -> (Self, oneshot::Receiver<()>) {
        let (too_large, told) = oneshot::channel();
        let inlet = Self {
            payload,
            sizes: Sizes::new(limit as u64),
            too_large: Some(too_large),
        };
        (inlet, told)
    }
}

impl Stream for Inlet {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let received = ready!(Pin::new(&mut this.payload).poll_next(cx));
            match (received, this.too_large.take()) {
                (Some(Ok(bytes)), Some(tell)) => {
                    if this.sizes.take(&bytes) {
                        this.too_large = Some(tell);
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                    let _ = tell.send(()); // nobody listens when the socket closes for another reason
                }
                (Some(Ok(_)), None) => {}
                (end, tell) => {
                    this.too_large = tell;
                    return Poll::Ready(end);
                }
            }
        }
    }
}

/// Follows frames (RFC 6455, 5.2) without keeping more than a header of one.
struct Sizes {
    limit: u64,
    header: Vec<u8>,
    /// Bytes of the present frame that are still to come.
    left: u64,
    /// Bytes of the present message, in all its frames.
    message: u64,
    /// What its frames take beside them. Has the same limit, of its own: a message in few frames may use all of the other.
    handles: u64,
}

impl Sizes {
    fn new(limit: u64) -> Self {
        Self {
            limit,
            header: Vec::with_capacity(14),
            left: 0,
            message: 0,
            handles: 0,
        }
    }

    /// Goes on by `bytes`; whether no message in them is too large.
    fn take(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            if self.left > 0 {
                let passed = self.left.min(bytes.len() as u64);
                bytes = bytes.split_at(passed as usize).1;
                self.left -= passed;
            } else if let Some((first, rest)) = bytes.split_first() {
                self.header.push(*first);
                bytes = rest;
                if !self.read_header() {
                    return false;
                }
            }
        }
        true
    }

    /// Whether the frame may come, as far as its header is known.
    fn read_header(&mut self) -> bool {
        let [first, second, rest @ ..] = self.header.as_slice() else {
            return true;
        };
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        if rest.len() < extended + mask {
            return true;
        }
        let length = match extended {
            0 => u64::from(second & 0x7f),
            _ => rest
                .iter()
                .take(extended)
                .fold(0, |length, byte| (length << 8) | u64::from(*byte)),
        };
        let (is_last, opcode) = (first & 0x80 != 0, first & 0x0f);
        self.header.clear();
        self.left = length;
        if opcode >= 8 {
            return length <= self.limit; // a control frame, in between
        }
        (self.message, self.handles) = match opcode {
            0 => (self.message.saturating_add(length), self.handles + HANDLE),
            _ => (length, 0),
        };
        let fits = self.message <= self.limit && self.handles <= self.limit;
        if is_last {
            (self.message, self.handles) = (0, 0);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame.
    fn frame(is_last: bool, opcode: u8, length: u64) -> Vec<u8> {
        let mut frame = vec![u8::from(is_last) << 7 | opcode];
        match length {
            0..=125 => frame.push(0x80 | length as u8),
            126..=0xffff => {
                frame.push(0x80 | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend(length.to_be_bytes());
            }
        }
        frame.extend([7; 4]);
        frame.resize(frame.len() + length.min(100_000) as usize, b'x');
        frame
    }

    fn passes(frames: &[(bool, u8, u64)], limit: u64) -> bool {
        let bytes: Vec<u8> = frames
            .iter()
            .flat_map(|&(last, op, len)| frame(last, op, len))
            .collect();
        let whole = Sizes::new(limit).take(&bytes);
        let mut sizes = Sizes::new(limit);
        let by_bytes = bytes.chunks(1).all(|byte| sizes.take(byte));
        assert_eq!(whole, by_bytes, "however they are cut: {frames:?}");
        whole
    }

    #[test]
    fn messages_are_measured_however_many_frames_they_have() {
        let one = |length| [(true, 1, length)];
        for length in [0, 125, 126, 65_535, 65_536] {
            assert!(passes(&one(length), 65_536), "{length}");
        }
        for length in [65_537, 1 << 40, u64::MAX] {
            assert!(!passes(&one(length), 65_536), "{length}");
        }
        assert!(passes(&[(true, 1, 60), (true, 1, 60)], 100), "each for itself");
        assert!(!passes(&[(false, 1, 60), (true, 0, 60)], 100));
        assert!(passes(&[(false, 1, 60), (true, 0, 40), (true, 1, 100)], 100));
        assert!(
            passes(&[(false, 1, 60), (true, 9, 60), (true, 0, 40)], 100),
            "a ping in between"
        );
        assert!(!passes(&[(false, 2, u64::MAX), (true, 0, 1)], 100));
    }

    #[test]
    fn a_message_in_crumbs_is_too_large() {
        for length in [0, 1] {
            let crumbs = |count| [&[(false, 1, 1)], [(false, 0, length)].repeat(count).as_slice()].concat();
            assert!(passes(&crumbs(2_048), 65_536));
            assert!(!passes(&crumbs(2_049), 65_536));
            let messages = [crumbs(2_047), vec![(true, 0, 1)]].concat();
            assert!(passes(&messages.repeat(2), 65_536), "each for itself");
        }
    }

    #[test]
    fn the_header_alone_is_enough_to_refuse() {
        let mut header = frame(true, 1, 1 << 30);
        header.truncate(14);
        assert!(!Sizes::new(65_536).take(&header));
    }
}
