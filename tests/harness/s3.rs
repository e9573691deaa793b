//! A server that speaks S3, on loopback: buckets in memory, and every request is refused whose signature (AWS, version 4) is not
//! right for each of its signed headers, its address and its body.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, LazyLock, Mutex},
    thread,
};

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub(crate) const ACCESS_KEY: &str = "TESTACCESSKEY";
pub(crate) const SECRET_KEY: &str = "test/secret+key";
const REGION: &str = "test-1";
/// Few, so that lists come in pages.
const PAGE: usize = 3;

/// By bucket and name.
type Objects = BTreeMap<(String, String), Object>;

#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) written_at: DateTime<Utc>,
}

/// One for all tests; each world has a bucket of its own.
pub(crate) struct S3 {
    port: u16,
    objects: Arc<Mutex<Objects>>,
}

static RUNNING: LazyLock<S3> = LazyLock::new(S3::start);

struct Request {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl S3 {
    pub(crate) fn running() -> &'static Self {
        &RUNNING
    }

    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let objects = Arc::new(Mutex::new(Objects::new()));
        let kept = Arc::clone(&objects);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || converse(stream.unwrap(), &kept));
            }
        });
        Self { port, objects }
    }

    /// For the setting `files.url`.
    pub(crate) fn url(&self, bucket: &str) -> String {
        let port = self.port;
        format!("s3://{bucket}/some/folder?endpoint=http://127.0.0.1:{port}&region={REGION}")
    }

    /// What is in a bucket.
    pub(crate) fn objects(&self, bucket: &str) -> BTreeMap<String, Object> {
        let objects = self.objects.lock().unwrap();
        let of = objects.iter().filter(|((name, _), _)| name == bucket);
        of.map(|((_, name), object)| (name.clone(), object.clone()))
            .collect()
    }

    /// As if everything in a bucket had been written then.
    pub(crate) fn date(&self, bucket: &str, time: DateTime<Utc>) {
        for ((of, _), object) in self.objects.lock().unwrap().iter_mut() {
            if of == bucket {
                object.written_at = time;
            }
        }
    }

    /// Changes what is in a bucket behind everybody's back.
    pub(crate) fn each(&self, bucket: &str, change: impl Fn(&mut Vec<u8>)) {
        for ((of, _), object) in self.objects.lock().unwrap().iter_mut() {
            if of == bucket {
                change(&mut object.bytes);
            }
        }
    }

    pub(crate) fn empty(&self, bucket: &str) {
        self.objects.lock().unwrap().retain(|(of, _), _| of != bucket);
    }
}

/// One request. An I/O error is the client's leaving.
fn converse(mut stream: TcpStream, objects: &Mutex<Objects>) -> Option<()> {
    let request = read(&stream)?;
    let (status, headers, body) = match is_signed(&request) {
        true => answer(&request, objects),
        false => (403, vec![], error("SignatureDoesNotMatch")),
    };
    let mut head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "content-length") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    stream.write_all(&body).ok()
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut input = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    input.read_line(&mut first).ok()?;
    let mut parts = first.split(' ');
    let (method, target) = (parts.next()?.to_owned(), parts.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    let query = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(pair)
        .collect();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        path: path.to_owned(),
        query,
        headers,
        body,
    })
}

/// As in "Authenticating Requests: Using the Authorization Header".
fn is_signed(request: &Request) -> bool {
    let of = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
    let (hash, time, given) = (of("x-amz-content-sha256"), of("x-amz-date"), of("authorization"));
    let part = |name: &str| {
        let rest = given.split(&format!("{name}=")).nth(1).unwrap_or_default();
        rest.split(',').next().unwrap_or_default().trim().to_owned()
    };
    let (signed, signature) = (part("SignedHeaders"), part("Signature"));
    let scope = format!("{}/{REGION}/s3/aws4_request", time.get(..8).unwrap_or_default());
    let needed = ["host", "x-amz-content-sha256", "x-amz-date"];
    if hash != hex(&Sha256::digest(&request.body))
        || part("AWS4-HMAC-SHA256 Credential") != format!("{ACCESS_KEY}/{scope}")
        || !needed
            .iter()
            .all(|name| signed.split(';').any(|signed| signed == *name))
    {
        return false;
    }
    let mut query: Vec<String> = request
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    query.sort();
    let query = query.join("&");
    let headers: String = signed
        .split(';')
        .map(|name| format!("{name}:{}\n", of(name)))
        .collect();
    let canonical = [&request.method, &request.path, &query, &headers, &signed, &hash].map(String::as_str);
    let canonical = hex(&Sha256::digest(canonical.join("\n").as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}");
    let start = format!("AWS4{SECRET_KEY}").into_bytes();
    let key = scope.split('/').fold(start, |key, part| mac(&key, part));
    hex(&mac(&key, &to_sign)) == signature
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>);

fn answer(request: &Request, objects: &Mutex<Objects>) -> Answer {
    let mut objects = objects.lock().unwrap();
    let (bucket, name) = request.path[1..]
        .split_once('/')
        .unwrap_or((&request.path[1..], ""));
    let key = (bucket.to_owned(), name.to_owned());
    match (&*request.method, name) {
        ("GET", "") => (200, vec![], list(request, bucket, &objects).into_bytes()),
        ("PUT", _) => {
            let etag = hex(&Sha256::digest(&request.body));
            let (bytes, written_at) = (request.body.clone(), api::clock::system_now());
            objects.insert(key, Object { bytes, written_at });
            (200, vec![("etag", format!("\"{etag}\""))], vec![])
        }
        ("DELETE", _) => {
            objects.remove(&key);
            (204, vec![], vec![])
        }
        ("GET" | "HEAD", _) => match objects.get(&key) {
            None => (
                404,
                vec![],
                if request.method == "GET" {
                    error("NoSuchKey")
                } else {
                    vec![]
                },
            ),
            Some(object) => {
                let headers = vec![
                    ("etag", format!("\"{}\"", hex(&Sha256::digest(&object.bytes)))),
                    (
                        "last-modified",
                        object.written_at.to_rfc2822().replace("+0000", "GMT"),
                    ),
                    ("content-length", object.bytes.len().to_string()),
                ];
                let body = if request.method == "GET" {
                    object.bytes.clone()
                } else {
                    vec![]
                };
                (200, headers, body)
            }
        },
        _ => (405, vec![], error("MethodNotAllowed")),
    }
}

fn list(request: &Request, bucket: &str, objects: &Objects) -> String {
    let of = |name: &str| {
        let found = request.query.iter().find(|(given, _)| given == name);
        found
            .map(|(_, value)| value.replace("%2F", "/"))
            .unwrap_or_default()
    };
    let (prefix, after) = (of("prefix"), of("continuation-token"));
    let mut found = objects
        .iter()
        .filter(|((of, name), _)| of == bucket && name.starts_with(&prefix) && *name > after);
    let page: Vec<_> = found.by_ref().take(PAGE).collect();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>".to_owned();
    if let (Some(_), Some(((_, last), _))) = (found.next(), page.last()) {
        text.push_str(&format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>"
        ));
    }
    for ((_, name), object) in page {
        let (time, size) = (object.written_at.to_rfc3339(), object.bytes.len());
        text.push_str(&format!(
            "<Contents><Key>{name}</Key><LastModified>{time}</LastModified><Size>{size}</Size></Contents>"
        ));
    }
    text + "</ListBucketResult>"
}

fn error(code: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>").into_bytes()
}
