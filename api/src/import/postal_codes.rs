//! Centres of postal codes out of a CSV file, for other countries than the USA and for codes that are missing there.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, ensure};
use csv::StringRecord;
use entity::postal_code::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{
    app::{App, Tx},
    import::Complaint,
    postal::{Point, normalise},
    refusal::Refusal,
};

const COLUMNS: [&str; 4] = ["country", "code", "latitude", "longitude"];
const CHUNK: usize = 1_000;

/// Country and code, as they are stored.
type Key = (String, String);

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines taken.
    pub taken: usize,
    /// Why lines were not taken.
    pub refused: Vec<Complaint>,
}

/// Takes the lines of `file`, a CSV file that begins with `country,code,latitude,longitude` (ISO 3166-1 alpha-2,
/// degrees in WGS 84). Codes that are known are moved; of a code that occurs twice the last line counts.
/// `progress` is told how many lines are taken.
pub async fn import(app: &App, file: &Path, mut progress: impl FnMut(usize)) -> Result<Report> {
    let bytes = tokio::fs::read(file)
        .await
        .with_context(|| file.display().to_string())?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes.as_slice());
    ensure!(
        reader.headers().context("line 1")?.iter().eq(COLUMNS),
        "line 1: must be {}",
        COLUMNS.join(",")
    );
    let mut report = Report::default();
    let mut chunk = BTreeMap::new();
    for record in reader.records() {
        match record
            .map_err(|error| unreadable(&error))
            .and_then(|record| row_of(&record))
        {
            Ok((key, point)) => {
                chunk.insert(key, point);
                report.taken += 1;
            }
            Err(complaint) => report.refused.push(complaint),
        }
        if chunk.len() == CHUNK {
            save(app, std::mem::take(&mut chunk)).await?;
            progress(report.taken);
        }
    }
    save(app, chunk).await?;
    progress(report.taken);
    Ok(report)
}

fn row_of(record: &StringRecord) -> Result<(Key, Point), Complaint> {
    let line = record.position().map_or(0, csv::Position::line);
    let complain = |field: &str, reason: &str| complaint(line, field, reason);
    let [country, code, latitude, longitude] = COLUMNS;
    if record.len() != COLUMNS.len() {
        return Err(complain("it", "does not have four columns"));
    }
    let cell = |index| record.get(index).unwrap_or_default();
    let key = normalise(cell(0), cell(1));
    if key.0.len() != 2 || !key.0.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(complain(country, "is not a code of two letters"));
    }
    if key.1.is_empty() || key.1.chars().count() > 16 {
        return Err(complain(code, "does not have 1 to 16 characters"));
    }
    let degrees = |index, most: f64| {
        let number: Option<f64> = cell(index).parse().ok();
        number.filter(|number| number.abs() <= most)
    };
    let north = degrees(2, 90.0).ok_or_else(|| complain(latitude, "is not a number from -90 to 90"))?;
    let east = degrees(3, 180.0).ok_or_else(|| complain(longitude, "is not a number from -180 to 180"))?;
    let point = Point::new(north, east).ok_or_else(|| complain(latitude, "is not a place"))?;
    Ok((key, point))
}

fn unreadable(error: &csv::Error) -> Complaint {
    let line = error.position().map_or(0, csv::Position::line);
    complaint(line, "it", "is not text in UTF-8")
}

fn complaint(line: u64, field: &str, reason: &str) -> Complaint {
    Complaint {
        row: format!("line {line}"),
        field: field.to_owned(),
        reason: reason.to_owned(),
    }
}

async fn save(app: &App, chunk: BTreeMap<Key, Point>) -> Result<(), Refusal> {
    if chunk.is_empty() {
        return Ok(());
    }
    let rows: Vec<ActiveModel> = chunk
        .into_iter()
        .map(|((country, code), point)| ActiveModel {
            country: Set(country),
            code: Set(code),
            latitude: Set(point.latitude()),
            longitude: Set(point.longitude()),
        })
        .collect();
    let on_conflict = OnConflict::columns([Column::Country, Column::Code])
        .update_columns([Column::Latitude, Column::Longitude])
        .to_owned();
    app.write(async |tx: &Tx| {
        let insert = Entity::insert_many(rows).on_conflict(on_conflict);
        insert.exec_without_returning(tx.db()).await?;
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::TestApp;
    use sea_orm::PaginatorTrait;

    #[tokio::test]
    async fn good_lines_are_taken_and_bad_ones_named_by_their_number() {
        let app = TestApp::start("2026-03-01T12:00:00Z").await;
        let text = "country,code,latitude,longitude\nDE,10115,52.53,13.38\nXXX,1,0,0\nGB,SW1A 1AA,51.5,-0.14\n\
                    DE,10117,92,13\nDE,10119\nDE,,1,1\nDE,10115,52.54,13.39\nDE,1,NaN,1\n";
        let report = import(&app, &app.file("codes.csv", text), |_| {}).await.unwrap();
        assert_eq!(report.taken, 3);
        let refused: Vec<String> = report.refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            refused,
            [
                "line 3: country is not a code of two letters",
                "line 5: latitude is not a number from -90 to 90",
                "line 6: it does not have four columns",
                "line 7: code does not have 1 to 16 characters",
                "line 9: latitude is not a number from -90 to 90",
            ]
        );
        let berlin = app.postal.find(&app.db, "de", "10115").await.unwrap();
        assert_eq!(berlin, Point::new(52.54, 13.39));
        let london = app.postal.find(&app.db, "GB", "sw1a-1aa").await.unwrap();
        assert_eq!(london, Point::new(51.5, -0.14));
    }

    #[tokio::test]
    async fn many_lines_twice_are_the_same_rows() {
        let app = TestApp::start("2026-03-01T12:00:00Z").await;
        let mut text = "country,code,latitude,longitude\n".to_owned();
        for code in 0..2_500 {
            text += &format!("CA,A{code},50,-100\n");
        }
        let file = app.file("codes.csv", &text);
        for _ in 0..2 {
            assert_eq!(import(&app, &file, |_| {}).await.unwrap().taken, 2_500);
        }
        assert_eq!(Entity::find().count(app.db.reader()).await.unwrap(), 2_500);
    }

    #[tokio::test]
    async fn a_file_of_another_shape_is_refused() {
        let app = TestApp::start("2026-03-01T12:00:00Z").await;
        let file = app.file("codes.csv", "code,latitude,longitude\n1,1,1\n");
        let error = import(&app, &file, |_| {}).await.unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
    }
}
