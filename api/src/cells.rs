//! stub
/// x
pub fn home_cell(_: crate::postal::Point) -> i64 {
    0
}
