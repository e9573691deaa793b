//! Attendance sheets on their way from a host's phone into the store, and back onto a screen.

mod ends;
pub(crate) mod files;
mod looking;
mod pdfs;
mod refused;
mod tickets;

use entity::{attendance_sheet, sheet_page, upload};
use reqwest::Response;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, World, s3::S3};

/// `createUpload` of a sheet of an event, with `over` laid over the input.
pub(crate) async fn ticket(host: &Caller, event: &str, bytes: usize, over: Value) -> Answer {
    let mut input =
        json!({"purpose": "ATTENDANCE_SHEET", "eventId": event, "bytes": bytes, "mediaType": "image/jpeg"});
    for (name, value) in over.as_object().unwrap() {
        input[name] = value.clone();
    }
    host.mutate("createUpload", input, "uploadId url expiresAt").await
}

/// Where the address in an answer is in this world.
pub(crate) fn here(world: &World, url: &str) -> String {
    url.replace(&world.app.config.base_url(), &world.url)
}

pub(crate) async fn put(world: &World, url: &str, bytes: Vec<u8>) -> Response {
    let client = reqwest::Client::new();
    client.put(here(world, url)).body(bytes).send().await.unwrap()
}

/// Sends a file whole, and gives status and answer.
pub(crate) async fn send(
    world: &World,
    host: &Caller,
    event: &str,
    bytes: Vec<u8>,
    over: Value,
) -> (u16, Value) {
    let ticket = ticket(host, event, bytes.len(), over).await;
    let response = put(world, &ticket.text("/createUpload/url"), bytes).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

/// A sheet of one page, and that page.
pub(crate) async fn sheet(world: &World, host: &Caller, event: &str) -> (String, String) {
    let (status, sent) = send(world, host, event, files::photo(event.len()), json!({})).await;
    assert_eq!(status, 201, "{sent}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&sent["sheetId"]), text(&sent["pageIds"][0]))
}

/// What is kept: objects in the store, and rows of sheets, of pages, and of uploads that are used. Fails when a file on its
/// way has a name.
pub(crate) async fn kept(world: &World) -> [usize; 4] {
    let folder = &world.app.config.data_dir;
    let coming = std::fs::read_dir(folder.join("incoming")).unwrap().count();
    assert_eq!(coming, 0, "a file on its way has a name");
    let db = world.app.db.reader();
    let used = upload::Entity::find().all(db).await.unwrap();
    [
        objects(world).len(),
        usize::try_from(attendance_sheet::Entity::find().count(db).await.unwrap()).unwrap(),
        usize::try_from(sheet_page::Entity::find().count(db).await.unwrap()).unwrap(),
        used.iter().filter(|row| row.used_at.is_some()).count(),
    ]
}

/// Name and bytes of every object in the store, whatever it is.
pub(crate) fn objects(world: &World) -> Vec<(String, Vec<u8>)> {
    if let Some(bucket) = world.backend.bucket() {
        let objects = S3::running().objects(bucket);
        return objects
            .into_iter()
            .map(|(name, object)| (name, object.bytes))
            .collect();
    }
    let folder = world.app.config.data_dir.join("files/objects");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return vec![];
    };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read(path).unwrap()))
        .collect()
}

/// Whether `bytes` contain `what`.
pub(crate) fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|part| part == what)
}

const SHEETS: &str = "query($id: ID!) { event(id: $id) { attendanceSheets { edges { node {
    id eventId timeslotId state appliedAt imagesDeletedAt createdAt
    pages { id sheetId number width height hasImage createdAt } } } } } }";

scenario! {
    /// A host photographs two pages, one after the other; they are one sheet, and what is kept of them is sealed.
    async fn pages_become_a_sheet(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let photo = files::with_metadata(&files::photo(1), 6);
        let (status, first) = send(world, &host, &made.id, photo, json!({"timeslotId": made.timeslot})).await;
        assert_eq!(status, 201);
        assert_eq!(first["known"], false);
        let more = json!({"sheetId": first["sheetId"], "mediaType": "image/png"});
        let (status, second) = send(world, &host, &made.id, files::png(40, 30), more).await;
        assert_eq!((status, &second["sheetId"]), (201, &first["sheetId"]));
        let listed = host.ask(SHEETS, json!({"id": made.id})).await;
        let sheet = listed.at("/event/attendanceSheets/edges/0/node");
        assert_eq!(sheet["id"], first["sheetId"]);
        assert_eq!([&sheet["state"], &sheet["timeslotId"]], ["PAGED", made.timeslot.as_str()]);
        let pages = sheet["pages"].as_array().unwrap();
        let of = |name: &str| pages.iter().map(|page| page[name].clone()).collect::<Vec<_>>();
        assert_eq!(of("number"), [1, 2]);
        assert_eq!(of("id"), [first["pageIds"][0].clone(), second["pageIds"][0].clone()]);
        assert_eq!((of("width"), of("height")), (vec![json!(48), json!(40)], vec![json!(64), json!(30)]), "the first is turned");
        assert_eq!(kept(world).await, [2, 1, 2, 2]);
        for (name, bytes) in objects(world) {
            for word in [b"\xFF\xD8\xFF".as_slice(), b"JFIF", b"GPS", b"Wren"] {
                assert!(!contains(&bytes, word), "{word:?} is in {name}");
            }
        }
        let history = host.ask("query($id: ID!) { event(id: $id) { history(first: 2) { edges { node { kind } } } } }", json!({"id": made.id})).await;
        assert_eq!(history.at("/event/history/edges/0/node/kind"), "SHEET_UPLOADED");
        world.drain().await;
    }
}

scenario! {
    /// The same file is one file of an event, also when it comes twice at once; of another event it is another one.
    async fn the_same_file_is_one_file(world) {
        let host = world.activist("Wren").await;
        let (one, other) = (world.event(&host, json!({})).await, world.event(&host, json!({})).await);
        let file = || files::photo(7);
        let (a, b) = tokio::join!(
            send(world, &host, &one.id, file(), json!({})),
            send(world, &host, &one.id, file(), json!({}))
        );
        let mut statuses = [a.0, b.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201]);
        for name in ["sheetId", "pageIds"] {
            assert_eq!(a.1[name], b.1[name], "{name}");
        }
        assert_ne!(a.1["known"], b.1["known"]);
        let (status, again) = send(world, &host, &one.id, file(), json!({})).await;
        assert_eq!((status, &again["known"], &again["sheetId"]), (200, &json!(true), &a.1["sheetId"]));
        assert_eq!(kept(world).await, [1, 1, 1, 3]);
        assert_eq!(send(world, &host, &other.id, file(), json!({})).await.0, 201);
        host.mutate("deleteAttendanceSheet", json!({"id": again["sheetId"]}), "deletedId").await.data();
        world.drain().await;
        assert_eq!(kept(world).await, [1, 1, 1, 1]);
        assert_eq!(send(world, &host, &one.id, file(), json!({})).await.0, 201, "it may come again");
        world.drain().await;
    }
}
