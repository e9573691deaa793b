//! stub
use crate::db::Db;
use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use uuid::Uuid;
/// s
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// t
    pub timeslot_id: Uuid,
    /// v
    pub version: i32,
    /// t
    pub taken: i32,
}
/// m
#[derive(Default)]
pub struct Map;
impl Map {
    /// l
    pub async fn load(&self, _: &Db, _: DateTime<Utc>) -> Result<(), DbErr> {
        Ok(())
    }
    /// r
    pub async fn refresh(&self, _: &Db, _: &[Uuid], _: DateTime<Utc>) -> Result<(), DbErr> {
        Ok(())
    }
    /// r
    pub async fn repair(&self, _: &Db, _: DateTime<Utc>) -> Result<(), DbErr> {
        Ok(())
    }
    /// s
    pub async fn sweep(&self, _: &Db, _: DateTime<Utc>) -> Result<usize, DbErr> {
        Ok(0)
    }
    /// s
    pub fn set_seats(&self, _: Seats) {}
}
