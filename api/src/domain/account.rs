//! An account as a whole: everything known of it, one more address for it, and its end.

mod addresses;
mod data;
mod erase;

pub use addresses::{Added, add_address, request_address_code};
pub use data::{Data, data};
pub use erase::{Residue, ResidueKind, erase, request_erasure_code};
