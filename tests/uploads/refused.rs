//! Files that nobody should take: each is refused by name, and nothing of it is left. And odd ones that are good.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    files::{self, heic, jpeg_of_size, photo, png, png_of_size, png_with, webp},
    here, kept, send, ticket,
};
use crate::harness::{Backend, Made, World, eventually};

/// A file, and how it is refused: status and name of the problem.
type Bad = (String, Vec<u8>, u16, &'static str);

/// The data of a PNG that unpack to as many zeros, made without packing them: stored blocks would be as long.
const TINY: &[u8] = &[0x78, 0x9C, 0x63, 0x60, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01];

fn bad_files() -> Vec<Bad> {
    let mut all: Vec<Bad> = vec![];
    let mut add =
        |name: &str, bytes: Vec<u8>, status, problem| all.push((name.to_owned(), bytes, status, problem));
    let (wrong, damaged, pixels) = ((415, "WRONG_TYPE"), (422, "DAMAGED"), (422, "TOO_MANY_PIXELS"));
    for (name, bytes) in [
        ("one zero", vec![0]),
        ("zeros", vec![0; 5_000]),
        ("many zeros", vec![0; 3 << 20]),
        ("text", b"hello, this is no picture".to_vec()),
        ("html", b"<!doctype html><script>alert(1)</script>".to_vec()),
        (
            "html that begins with a comment",
            b"<!--\xFF\xD8\xFF--><script>alert(1)</script>".to_vec(),
        ),
        (
            "svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(),
        ),
        (
            "svg with a prolog",
            b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>".to_vec(),
        ),
        ("zip", b"PK\x03\x04\x14\0\0\0\x08\0 and so on".to_vec()),
        ("gzip", b"\x1F\x8B\x08\0\0\0\0\0\0\x03 and so on".to_vec()),
        (
            "gif",
            b"GIF89a\x01\0\x01\0\x80\0\0\xFF\xFF\xFF\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec(),
        ),
        ("bmp", [b"BM".as_slice(), &[0; 60]].concat()),
        ("tiff", b"II*\0\x08\0\0\0\0\0\0\0".to_vec()),
        ("a program", b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec()),
        ("another program", b"MZ\x90\0\x03\0\0\0\x04\0\0\0".to_vec()),
        ("a script", b"#!/bin/sh\nrm -rf /\n".to_vec()),
        ("postscript", b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file".to_vec()),
        (
            "mvg",
            b"push graphic-context\nfill 'url(https://x.example/)'\n".to_vec(),
        ),
        ("a path", b"../../../../etc/passwd\0.jpg".to_vec()),
        ("jpeg behind a byte", [b"\n".as_slice(), &photo(1)].concat()),
        ("png behind text", [b"GIF or so".as_slice(), &png(5, 5)].concat()),
        ("two bytes of a jpeg", vec![0xFF, 0xD8]),
        ("riff that is no picture", b"RIFF\x24\0\0\0WAVEfmt ".to_vec()),
        ("video", b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".to_vec()),
    ] {
        add(name, bytes, wrong.0, wrong.1);
    }
    for brand in [b"heic", b"mif1", b"avif"] {
        add(
            &format!("{}", String::from_utf8_lossy(brand)),
            heic(brand),
            415,
            "HEIC",
        );
    }
    let jpeg = photo(1);
    for part in 1..8 {
        let end = jpeg.len() * part / 8;
        add(
            &format!("a jpeg of {part}/8"),
            jpeg[..end].to_vec(),
            damaged.0,
            damaged.1,
        );
    }
    add(
        "a jpeg without its last byte",
        jpeg[..jpeg.len() - 1].to_vec(),
        damaged.0,
        damaged.1,
    );
    for (name, whole) in [("png", png(60, 60)), ("webp", webp())] {
        for part in 1..5 {
            let end = whole.len() * part / 6;
            add(
                &format!("a {name} of {part}/6"),
                whole[..end].to_vec(),
                damaged.0,
                damaged.1,
            );
        }
    }
    for (name, bytes) in [
        ("a jpeg and nothing", b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01".to_vec()),
        (
            "a jpeg of markers",
            [b"\xFF\xD8".as_slice(), &[0xFF; 4_000], b"\xD9"].concat(),
        ),
        (
            "a jpeg whose segment is too long",
            b"\xFF\xD8\xFF\xE1\xFF\xFFExif\0\0".to_vec(),
        ),
        (
            "a jpeg whose segment has no length",
            b"\xFF\xD8\xFF\xE1\0\0\xFF\xD9 and more".to_vec(),
        ),
        (
            "a jpeg without a scan",
            b"\xFF\xD8\xFF\xDB\0\x03\0\xFF\xD9 and more".to_vec(),
        ),
        (
            "a jpeg with html inside",
            [
                b"\xFF\xD8\xFF".as_slice(),
                b"<html><script>alert(1)</script></html>",
            ]
            .concat(),
        ),
        ("a jpeg of a thousand scans", many_scans(&jpeg)),
        ("a jpeg of no size", jpeg_of_size(0, 0)),
        ("a png head alone", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR".to_vec()),
        ("a png of no size", png_of_size(0, 0, 8, 2, TINY)),
        ("a png without data", png_of_size(9, 9, 8, 2, b"")),
        ("a png with data of nothing", png_of_size(900, 900, 8, 2, TINY)),
        ("a png of no known colour", png_of_size(9, 9, 8, 5, TINY)),
        ("a png of no known depth", png_of_size(9, 9, 7, 2, TINY)),
        ("a webp of nothing", b"RIFF\x0C\0\0\0WEBPVP8 \0\0\0\0".to_vec()),
        (
            "a webp that claims to be long",
            b"RIFF\xFF\xFF\xFF\xFFWEBPVP8L\xFF\xFF\xFF\x7F\x2F".to_vec(),
        ),
    ] {
        add(name, bytes, damaged.0, damaged.1);
    }
    for (name, bytes) in [
        ("a jpeg of 65,535 by 65,535", jpeg_of_size(65_535, 65_535)),
        ("a jpeg a line too large", jpeg_of_size(8_000, 5_001)),
        (
            "a png of 2,147,483,647 by 2,147,483,647",
            png_of_size(i32::MAX as u32, i32::MAX as u32, 8, 2, TINY),
        ),
        (
            "a png of 100,000 by 100,000",
            png_of_size(100_000, 100_000, 1, 0, TINY),
        ),
        ("a png long and thin", png_of_size(40_000_001, 1, 8, 0, TINY)),
        (
            "a png of 16 bits a channel",
            png_of_size(6_000, 6_000, 16, 6, TINY),
        ),
    ] {
        add(name, bytes, pixels.0, pixels.1);
    }
    all
}

/// A JPEG whose only scan comes a thousand times.
fn many_scans(jpeg: &[u8]) -> Vec<u8> {
    let start = jpeg.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let scan = &jpeg[start..jpeg.len() - 2];
    [&jpeg[..start], &scan.repeat(1_000), b"\xFF\xD9"].concat()
}

scenario! {
    /// At least forty bad files: each is told by name, and nothing is left of any.
    async fn bad_files_leave_nothing(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let all = bad_files();
        assert!(all.len() >= 60, "{}", all.len());
        for (name, bytes, expected, problem) in all {
            let (status, answer) = send(world, &host, &made.id, bytes, json!({})).await;
            let error = &answer["errors"][0];
            assert_eq!((status, &error["extensions"]["file"]), (expected, &json!(problem)), "{name}: {answer}");
            assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{name}");
            assert!(!error["message"].as_str().unwrap().is_empty());
            assert_eq!(kept(world).await, [0; 4], "{name}");
        }
    }
}

scenario! {
    /// Odd files that are pictures all the same: what is not seen of them is not kept.
    async fn odd_files_are_pictures(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let jpeg = photo(1);
        let bomb = [b"Comment\0\0".as_slice(), &zlib_zeros()].concat();
        let odd: Vec<(&str, Vec<u8>)> = vec![
            ("webp", webp()),
            ("grey", files::grey_jpeg()),
            ("16 bits", files::grey_png_16()),
            ("a jpeg and a zip", [jpeg.clone(), b"PK\x03\x04 secret-canary".to_vec()].concat()),
            ("a jpeg and a pdf", [jpeg.clone(), b"%PDF-1.7 secret-canary".to_vec()].concat()),
            ("a jpeg and html", [jpeg.clone(), b"<script>alert('secret-canary')</script>".to_vec()].concat()),
            ("a pdf in a comment", files::with_segment(&jpeg, 0xFE, b"%PDF-1.7 secret-canary")),
            ("a script in a comment", files::with_segment(&jpeg, 0xFE, b"<script>secret-canary</script>")),
            ("a broken exif", files::with_segment(&jpeg, 0xE1, b"Exif\0\0MM\0*\xFF\xFF\xFF\xFFsecret-canary")),
            ("a profile of colours that is none", files::with_segment(&jpeg, 0xE2, b"ICC_PROFILE\0\x01\x01secret-canary")),
            ("text in a png", png_with(b"tEXt", b"Author\0secret-canary")),
            ("much text in a png", png_with(b"zTXt", &bomb)),
            ("an exif in a png", png_with(b"eXIf", b"II*\0\x08\0\0\0\0\0secret-canary")),
            ("a png and more", [png(9, 9), b"secret-canary".to_vec()].concat()),
            ("a file that lies upside down eight times", files::with_metadata(&files::with_metadata(&jpeg, 8), 3)),
        ];
        let count = odd.len();
        for (name, bytes) in odd {
            let (status, answer) = send(world, &host, &made.id, bytes, json!({})).await;
            assert_eq!(status, 201, "{name}: {answer}");
            let page = answer["pageIds"][0].clone();
            let link = host.mutate("viewSheetPage", json!({"pageId": page}), "url").await;
            let picture = reqwest::get(here(world, &link.text("/viewSheetPage/url"))).await.unwrap().bytes().await.unwrap();
            for word in [b"canary".as_slice(), b"PDF", b"PK\x03", b"script", b"Exif", b"ICC_PROFILE"] {
                assert!(!super::contains(&picture, word), "{name} keeps {word:?}");
            }
        }
        assert_eq!(kept(world).await, [count; 4]);
        world.drain().await;
    }
}

/// A stream of zlib that says it is there and is nothing.
fn zlib_zeros() -> Vec<u8> {
    TINY.to_vec()
}

/// Sends bytes to an address as they are, and gives the answer's status and problem, if any comes.
async fn raw(world: &World, url: &str, head: &str, body: &[u8]) -> (u16, String) {
    let url = here(world, url);
    let rest = url.strip_prefix("http://").unwrap();
    let (address, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("PUT /{path} HTTP/1.1\r\nhost: {address}\r\n{head}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    _ = stream.write_all(body).await; // it may not be waited for
    read(&mut stream).await
}

async fn read(stream: &mut TcpStream) -> (u16, String) {
    let mut answer = vec![];
    let mut part = [0; 4096];
    while !super::contains(&answer, b"]}") {
        match tokio::time::timeout(Duration::from_secs(20), stream.read(&mut part))
            .await
            .unwrap()
        {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend(&part[..read]),
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text
        .get(9..12)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    // What follows is the answer to what was sent beyond the end.
    let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
    let body = serde_json::Deserializer::from_str(body)
        .into_iter::<Value>()
        .next();
    let body = body.and_then(Result::ok).unwrap_or_default();
    let file = body["errors"][0]["extensions"]["file"]
        .as_str()
        .unwrap_or_default();
    (status, file.to_owned())
}

async fn address(world: &World, made: &Made, bytes: usize) -> String {
    let host = world.activist("Wren").await;
    ticket(&host, &made.id, bytes, json!({}))
        .await
        .text("/createUpload/url")
}

scenario! {
    /// Senders that lie about how much they send, or how.
    async fn lying_senders(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let jpeg = photo(1);
        let length = jpeg.len();
        let of = |length: usize| format!("content-length: {length}\r\n");
        let url = address(world, &made, length).await;
        let most = 20 * 1024 * 1024;
        for (head, body, expected) in [
            (of(most + 1), &jpeg[..0], (413, "TOO_LARGE")),
            (of(usize::MAX), &jpeg[..0], (413, "TOO_LARGE")),
            (of(length + 1), &jpeg[..], (422, "WRONG_SIZE")),
            (of(length - 1), &jpeg[..], (422, "WRONG_SIZE")),
            (of(0), &jpeg[..0], (422, "WRONG_SIZE")),
            ("content-length: -1\r\n".to_owned(), &jpeg[..0], (400, "")),
            ("content-length: 5\r\ncontent-length: 6\r\n".to_owned(), &jpeg[..0], (400, "")),
            (of(length) + "content-encoding: gzip\r\n", &jpeg[..], (415, "ENCODED")),
            (of(length) + "content-encoding: br\r\ncontent-encoding: identity\r\n", &jpeg[..], (415, "ENCODED")),
        ] {
            let (status, file) = raw(world, &url, &head, body).await;
            assert_eq!((status, &*file), expected, "{head}");
            assert_eq!(kept(world).await, [0; 4], "{head}");
        }
        // In chunks nobody says how long it is.
        let chunked = "transfer-encoding: chunked\r\n";
        let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        let endless = chunk(&jpeg).repeat(2);
        assert_eq!(raw(world, &url, chunked, &endless).await, (422, "WRONG_SIZE".to_owned()));
        let short = [chunk(&jpeg[..50]), b"0\r\n\r\n".to_vec()].concat();
        assert_eq!(raw(world, &url, chunked, &short).await, (400, "INCOMPLETE".to_owned()));
        let (status, _) = raw(world, &url, chunked, b"zz\r\nwhat").await;
        assert!([0, 400].contains(&status), "{status}: what is no HTTP may be cut off without an answer");
        assert_eq!(kept(world).await, [0; 4]);
        // After all of that the address still takes what it was made for.
        let whole = [chunk(&jpeg[..50]), chunk(&jpeg[50..]), b"0\r\n\r\n".to_vec()].concat();
        assert_eq!(raw_created(world, &url, chunked, &whole).await, 201);
        assert_eq!(kept(world).await, [1; 4]);
        world.drain().await;
    }
}

async fn raw_created(world: &World, url: &str, head: &str, body: &[u8]) -> u16 {
    let close = format!("{head}connection: close\r\n");
    raw(world, url, &close, body).await.0
}

scenario! {
    /// One that breaks off in the middle leaves nothing, and may be sent again to the same address.
    async fn what_breaks_off_is_sent_again(world) {
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let jpeg = photo(1);
        let url = address(world, &made, jpeg.len()).await;
        let local = here(world, &url);
        let (address, path) = local.strip_prefix("http://").unwrap().split_once('/').unwrap();
        for part in [0, 1, 2, 3] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let head = format!("PUT /{path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", jpeg.len());
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&jpeg[..jpeg.len() * part / 4]).await.unwrap();
            drop(stream);
        }
        let limit = Duration::from_secs(20);
        eventually(limit, "nothing is left", async || kept(world).await == [0; 4]).await;
        assert_eq!(super::put(world, &url, jpeg).await.status(), 201);
        world.drain().await;
    }
}

/// Who sends a byte now and then does not keep a place for long; and who comes when all places are taken is told to come back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_senders_are_cut_off() {
    for backend in [Backend::embedded(), Backend::production().await] {
        let settings = [
            ("uploads.idle_seconds", "2"),
            ("uploads.seconds", "5"),
            ("uploads.at_once", "1"),
        ];
        let world = World::with(backend, &settings).await;
        let host = world.activist("Wren").await;
        let made = world.event(&host, json!({})).await;
        let jpeg = photo(1);
        let url = address(&world, &made, jpeg.len()).await;
        let head = format!("content-length: {}\r\n", jpeg.len());
        let stalled = raw(&world, &url, &head, &jpeg[..100]);
        let other = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            send(&world, &host, &made.id, photo(2), json!({})).await.0
        };
        let (stalled, other) = tokio::join!(stalled, other);
        assert_eq!(stalled, (408, "TOO_SLOW".to_owned()));
        assert_eq!(other, 503);
        // A byte every now and then is no stall, and yet not for ever.
        let local = here(&world, &url);
        let (address, path) = local.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("PUT /{path} HTTP/1.1\r\nhost: x\r\n{head}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        for byte in &jpeg[..11] {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        assert_eq!(read(&mut stream).await, (408, "TOO_SLOW".to_owned()));
        assert_eq!(kept(&world).await, [0; 4]);
        assert_eq!(super::put(&world, &url, jpeg).await.status(), 201);
        world.finish().await;
    }
}
