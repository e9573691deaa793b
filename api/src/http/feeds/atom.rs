//! Atom (RFC 4287): events to come for feed readers, soonest first. Readers show as new what they have not seen, so the
//! newest need not stand at the top; and of what is far away in time, they hear while there is room.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Campaigns, ask, calendar_of, campaigns, page_of};
use crate::{
    app::App,
    domain::{place, search},
    graphql::id,
    map::Hit,
    refusal::Refusal,
};

/// `/events.atom`: events around a place.
pub(super) async fn near(app: &App, query: &str) -> Result<String, Refusal> {
    let (hits, _) = ask::near(app, query).await?;
    let campaigns = campaigns(app, hits.iter().map(|hit| hit.listing.campaign_id)).await?;
    let changed = hits.iter().map(|hit| hit.listing.changed_at).max();
    let address = address(app, query);
    let mut xml = Xml::default();
    xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    xml.element("id", &address);
    xml.empty(
        "link",
        &[
            ("rel", "self"),
            ("type", "application/atom+xml"),
            ("href", &address),
        ],
    );
    xml.element("title", &app.config.organisation);
    xml.element("updated", &time(changed.unwrap_or(DateTime::UNIX_EPOCH)));
    xml.raw("<author>");
    xml.element("name", &app.config.organisation);
    xml.raw("</author>\n");
    for hit in &hits {
        entry(app, hit, &campaigns, &mut xml);
    }
    xml.raw("</feed>\n");
    Ok(xml.0)
}

fn entry(app: &App, hit: &Hit, campaigns: &Campaigns, xml: &mut Xml) {
    let listing = &hit.listing;
    let local = hit.timeslot.starts_at.with_timezone(&listing.timezone);
    let mut text = vec![local.format("%Y-%m-%d %H:%M %Z").to_string()];
    text.extend(listing.place.as_ref().map(|place| place::lines(place).join(", ")));
    text.extend(listing.summary.as_deref().map(str::to_owned));
    let (page, media_type) = match page_of(app, listing.id) {
        Some(page) => (page, "text/html"),
        None => (calendar_of(app, listing.id), "text/calendar"),
    };
    xml.raw("<entry>\n");
    xml.element("id", &format!("urn:uuid:{}", listing.id));
    xml.element("title", &listing.title);
    xml.element("updated", &time(listing.changed_at));
    xml.empty(
        "link",
        &[("rel", "alternate"), ("type", media_type), ("href", &page)],
    );
    if let Some(url) = &listing.external_url {
        xml.empty("link", &[("rel", "related"), ("href", url)]); // where one joins
    }
    xml.empty("category", &[("term", &search::name_of(&listing.event_type))]);
    if let Some((id, name)) = listing.campaign_id.and_then(|id| campaigns.get_key_value(&id)) {
        xml.empty("category", &[("term", &id::of_campaign(*id)), ("label", name)]);
    }
    xml.element("summary", &text.join("\n"));
    xml.raw("</entry>\n");
}

/// Of the feed itself. What a parser of addresses let through and the standard does not is encoded.
fn address(app: &App, query: &str) -> String {
    let mut address = format!("{}/events.atom", app.config.base_url());
    if !query.is_empty() {
        address.push('?');
    }
    for byte in query.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&b) => address.push(b.into()),
            b => address.push_str(&format!("%{b:02X}")),
        }
    }
    address
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Markup, whose texts are escaped.
#[derive(Default)]
struct Xml(String);

impl Xml {
    fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    fn element(&mut self, name: &str, text: &str) {
        self.0.push_str(&format!("<{name}>{}</{name}>\n", escape(text)));
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push_str(&format!("<{name}"));
        for (attribute, value) in attributes {
            self.0.push_str(&format!(" {attribute}=\"{}\"", escape(value)));
        }
        self.0.push_str("/>\n");
    }
}

/// Characters that XML cannot hold, even escaped, are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\u{FFFE}' | '\u{FFFF}' => {}
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_no_markup() {
        assert_eq!(
            escape("<a href=\"x\">&amp;\u{0}\u{1b}\u{FFFE}\r\n]]>"),
            "&lt;a href=&quot;x&quot;&gt;&amp;amp;\n]]&gt;"
        );
    }
}
