//! stub
use crate::{app::App, refusal::Refusal};
use entity::*;
use serde::{Deserialize, Serialize};
#[allow(missing_docs)]
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub venue: Option<String>,
    pub address_lines: Vec<String>,
    pub locality: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: String,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}
#[allow(missing_docs)]
#[derive(Clone, Default, PartialEq)]
pub struct PublicPlace {
    pub venue: Option<String>,
    pub address_lines: Vec<String>,
    pub locality: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub precision: Option<PlacePrecision>,
}
/// x
pub async fn public_place(_: &App, _: &Place, _: AddressVisibility) -> Result<PublicPlace, Refusal> {
    Ok(Default::default())
}
