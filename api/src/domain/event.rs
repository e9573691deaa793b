//! stub
/// p
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Private {
    /// p
    pub place: Option<Place>,
    /// v
    pub virtual_url: Option<String>,
    /// i
    pub instructions: Option<String>,
    /// g
    pub gathering: Option<Gathering>,
}
/// g
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Gathering {
    /// p
    pub place: String,
    /// m
    pub minutes_before: i32,
}
/// p
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// v
    pub venue: Option<String>,
    /// a
    pub address_lines: Vec<String>,
    /// l
    pub locality: Option<String>,
    /// r
    pub region: Option<String>,
    /// p
    pub postal_code: Option<String>,
    /// c
    pub country: Option<String>,
    /// l
    pub latitude: Option<f64>,
    /// l
    pub longitude: Option<f64>,
}
