//! What the query of an address asks for. Whatever is wrong with a parameter is told by its name.

use std::str::FromStr;

use actix_web::web::Query;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    app::App,
    domain::{
        page::PageArgs,
        search::{self, Filter, Place},
    },
    map::{BoundingBox, Hit, Order},
    refusal::{Problems, Refusal},
};

/// Metres, where nothing is said.
const RADIUS: f64 = 50_000.0;
/// What has begun is still shown: a calendar would otherwise lose a date at the moment it begins.
const BEGUN: TimeDelta = TimeDelta::days(1);

const FILTERS: [&str; 4] = ["type", "from", "until", "text"];
const AROUND: [&str; 4] = ["near", "postal", "country", "radius"];

/// Events around a place, or everywhere where none is named: soonest first, at most `limits.feed`.
pub(super) async fn near(app: &App, query: &str) -> Result<(Vec<Hit>, Filter), Refusal> {
    let mut asked = Asked::read(query, &AROUND)?;
    let filter = asked.filter(app);
    let place = asked.place();
    let radius = asked.number("radius");
    if place.is_none() {
        for name in ["country", "radius"] {
            let is_absent = asked.first(name).is_none();
            asked
                .problems
                .check(is_absent, name, "goes with `near` or `postal`");
        }
    }
    asked.problems.finish()?;
    let page = PageArgs {
        size: app.config.limits.feed,
        past: None,
        backward: false,
    };
    let found = match place {
        Some(place) => {
            let radius = radius.unwrap_or(RADIUS);
            search::nearby(app, &place, radius, filter.clone(), Order::Start, page).await
        }
        None => search::everywhere(app, filter.clone(), page),
    };
    let (page, _) = found.map_err(by_parameters)?;
    Ok((page.hits, filter))
}

/// The box `bbox`, and what to look for in it.
pub(super) fn bounds(app: &App, query: &str) -> Result<(BoundingBox, Filter), Refusal> {
    let mut asked = Asked::read(query, &["bbox"])?;
    let filter = asked.filter(app);
    let bounds = match asked.numbers("bbox").as_deref() {
        Some(&[west, south, east, north]) => Some(BoundingBox {
            north,
            south,
            east,
            west,
        }),
        _ => None,
    };
    asked.problems.check(
        bounds.is_some(),
        "bbox",
        "must be west,south,east,north in degrees",
    );
    asked.problems.finish()?;
    let bounds = bounds.ok_or_else(|| Refusal::internal("a problem was forgotten"))?;
    Ok((bounds, filter))
}

/// Names parameters where the schema has other names.
pub(super) fn by_parameters(refusal: Refusal) -> Refusal {
    let Refusal::Input(mut problems) = refusal else {
        return refusal;
    };
    for problem in &mut problems {
        let name = match problem.path.join(".").as_str() {
            "near.latitude" | "near.longitude" => "near",
            "near.postalCode" => "postal",
            "window.until" => "until",
            _ => continue,
        };
        problem.path = vec![name.to_owned()];
    }
    Refusal::Input(problems)
}

/// Parameters of one request.
const MOST: usize = 100;

/// Parameters, and what is wrong with them so far.
struct Asked {
    parameters: Vec<(String, String)>,
    problems: Problems,
}

impl Asked {
    /// Takes the filters and `more`. Others are refused: a misspelt one would otherwise find something else, for ever.
    fn read(query: &str, more: &[&str]) -> Result<Self, Refusal> {
        let Ok(Query(parameters)) = Query::<Vec<(String, String)>>::from_query(query) else {
            return Err(Refusal::input(&["query"], "cannot be decoded"));
        };
        if parameters.len() > MOST {
            let problem = format!("has more than {MOST} parameters");
            return Err(Refusal::input(&["query"], problem));
        }
        let mut problems = Problems::default();
        for (i, (name, _)) in parameters.iter().enumerate() {
            let is_known = FILTERS.iter().chain(more).any(|known| known == name);
            let shown: String = name.chars().take(50).filter(|c| !c.is_control()).collect();
            problems.check(is_known, &shown, "is not a parameter of this page");
            let is_repeated = parameters.iter().take(i).any(|(before, _)| before == name);
            let once = !is_known || !is_repeated || name == "type";
            problems.check(once, name, "is there more than once");
        }
        Ok(Self { parameters, problems })
    }

    fn filter(&mut self, app: &App) -> Filter {
        let mut types = Vec::new();
        let names = self.parameters.iter().filter(|(name, _)| name == "type");
        for name in names.flat_map(|(_, value)| value.split(',')) {
            match search::type_named(name) {
                Some(found) => types.push(found),
                None => self.problems.add("type", "must be names of EventType"),
            }
        }
        let from = self.time("from");
        Filter {
            from: from.or_else(|| app.clock.now().checked_sub_signed(BEGUN)),
            until: self.time("until"),
            types,
            text: self.first("text").map(str::to_owned),
            ..Filter::default()
        }
    }

    fn place(&mut self) -> Option<Place> {
        let country = self.first("country").unwrap_or("US").to_owned();
        let postal = self.first("postal").map(str::to_owned);
        if self.first("near").is_none() {
            return postal.map(|code| Place::PostalCode(country, code));
        }
        let is_one = postal.is_none();
        self.problems
            .check(is_one, "postal", "cannot go together with `near`");
        match self.numbers("near").as_deref() {
            Some(&[latitude, longitude]) => return Some(Place::Point(latitude, longitude)),
            _ => self.problems.add("near", "must be latitude,longitude in degrees"),
        }
        Some(Place::Point(0.0, 0.0)) // not looked at any more
    }

    fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        self.parsed(name, "must be a time such as 2030-01-31T18:00:00Z")
    }

    fn number(&mut self, name: &str) -> Option<f64> {
        self.parsed(name, "must be a number")
    }

    fn parsed<T: FromStr>(&mut self, name: &str, rule: &str) -> Option<T> {
        let parsed = self.first(name)?.parse();
        if parsed.is_err() {
            self.problems.add(name, rule);
        }
        parsed.ok()
    }

    /// Numbers with commas between them; none when one cannot be read.
    fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        let parts = self.first(name)?.split(',');
        parts.map(|part| part.trim().parse().ok()).collect()
    }

    fn first(&self, name: &str) -> Option<&str> {
        let mut named = self.parameters.iter().filter(|(given, _)| given == name);
        named.next().map(|(_, value)| value.as_str())
    }
}
