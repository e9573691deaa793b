//! After an event: who came of those who said yes, what is left to do for its hosts, and what those who came hear next.
//!
//! Attendance is known one by one, from facts. That a date is *closed* says that its hosts know no more of it: from then on,
//! whoever was registered and not seen did not come. It is a statement of its own, beside facts that somebody was not there,
//! because nobody should have to say that of each, and because until somebody says it, silence means nothing. Facts that come
//! later still count, and a date may be opened again.

mod attended;
mod close;
mod counts;
mod hours;
mod list;
mod mine;
mod next;
mod remind;
mod thanks;
mod turnout;

pub use attended::{Attended, attended};
pub(crate) use attended::{condition, standing};
pub use close::{close, reopen};
pub(crate) use close::{closed, retain};
pub use counts::Counts;
pub use hours::{Work, hours, record_hours};
pub use list::{Closing, DateCounts, Sheets, closing, dismiss};
pub use mine::{Mine, find_mine, mine};
pub(crate) use next::next_near;
pub(crate) use remind::{left, plan};
pub(crate) use thanks::is_thanked;
pub use turnout::{Turnout, turnouts};
