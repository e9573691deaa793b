//! Limits while Redis is away, does not answer, or does not count.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

use super::{PROXY, ask_for_code, codes};
use crate::harness::{Backend, World, eventually, redis_url, serve, unique};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Connections stay, and nothing goes through.
    Silent,
    /// No connection lasts.
    Cut,
}

/// A way to Redis that a test may close.
struct Way {
    url: String,
    state: watch::Sender<State>,
    /// Connections so far.
    connections: Arc<AtomicUsize>,
}

impl Way {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let (state, seen) = watch::channel(State::Open);
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(carry(client, seen.clone()));
            }
        });
        Self {
            url,
            state,
            connections,
        }
    }
}

/// Carries one connection until the way is closed.
async fn carry(mut client: TcpStream, mut state: watch::Receiver<State>) {
    let address = redis_url().replace("redis://", "");
    let Ok(mut server) = TcpStream::connect(address.trim_end_matches('/')).await else {
        return;
    };
    tokio::select! {
        _ = state.wait_for(|state| *state != State::Open) => {}
        _ = copy_bidirectional(&mut client, &mut server) => return,
    }
    let _ = state.wait_for(|state| *state != State::Silent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_each_process_counts_and_nobody_waits() {
    let way = Way::open().await;
    let settings = [
        PROXY,
        ("redis_url", way.url.as_str()),
        ("rates.codes_per_client_and_hour", "6"),
    ];
    let world = World::with(Backend::production().await.limited(), &settings).await;
    let other = world.another_process_with(&settings).await;
    let (url, server) = serve(&other);
    for (n, state) in [State::Cut, State::Silent].into_iter().enumerate() {
        let here = world.anonymous().from(&format!("203.0.113.{n}"));
        assert_eq!(codes(&here, 1).await, 2, "with Redis");
        way.state.send_replace(state);
        let begun = Instant::now();
        assert_eq!(
            codes(&here, 6).await,
            4,
            "without it, two were counted here before"
        );
        assert_eq!(codes(&here.at(&url), 6).await, 6, "another process knows of none");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());

        way.state.send_replace(State::Open);
        let mut address = 0;
        eventually(
            Duration::from_secs(30),
            "processes count together again",
            async || {
                address += 1;
                let here = world.anonymous().from(&format!("198.51.{n}.{address}"));
                codes(&here, 2).await + codes(&here.at(&url), 6).await == 3 + 3
            },
        )
        .await;
    }
    world.drain().await;
    server.stop(false).await;
    world.finish().await;
}

async fn redis<T: redis::FromRedisValue>(words: &[&str]) -> T {
    let client = redis::Client::open(redis_url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = redis::Cmd::new();
    command.arg(words).query_async(&mut connection).await.unwrap()
}

/// One that takes connections and refuses to write, as a replica does, or one that is full.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_does_not_count_is_not_tried_all_the_time() {
    let user = unique();
    redis::<()>(&[
        "ACL", "SETUSER", &user, "on", ">secret", "~*", "&*", "+@all", "-eval",
    ])
    .await;
    let way = Way::open().await;
    let url = way.url.replace("//", &format!("//{user}:secret@"));
    let settings = [PROXY, ("redis_url", url.as_str())];
    let world = World::with(Backend::production().await.limited(), &settings).await;
    let (before, begun) = (way.connections.load(Ordering::Relaxed), Instant::now());
    for n in 0..20 {
        let here = world.anonymous().from(&format!("203.0.113.{n}"));
        ask_for_code(&here, "finch@example.org").await;
        sleep(Duration::from_millis(50)).await; // it could connect meanwhile
    }
    let made = way.connections.load(Ordering::Relaxed) - before;
    let few = 3 + begun.elapsed().as_secs() / 2;
    assert!(made as u64 <= few, "{made} connections");

    redis::<()>(&["ACL", "SETUSER", &user, "+eval"]).await;
    let counted = format!("{{{}}}:limit:*", world.app.config.redis_prefix);
    eventually(Duration::from_secs(30), "it counts again", async || {
        ask_for_code(&world.anonymous(), "robin@example.org").await;
        !redis::<Vec<String>>(&["KEYS", &counted]).await.is_empty()
    })
    .await;
    redis::<()>(&["ACL", "DELUSER", &user]).await;
    world.drain().await;
    world.finish().await;
}
