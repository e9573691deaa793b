//! What scenarios are written with.

mod backend;
mod background;
mod caller;
mod events;
mod inbox;
pub(crate) mod process;
mod socket;
mod world;

pub(crate) use backend::{Backend, drop_database, empty_database, redis_url, unique};
pub(crate) use background::{Background, eventually};
pub(crate) use caller::{Answer, Caller};
pub(crate) use events::{Made, event_input};
pub(crate) use inbox::{Mail, Text};
pub(crate) use socket::{PROTOCOL, Socket};
pub(crate) use world::{World, serve};

/// Runs one scenario embedded and in production. A job left behind, pending or failed, fails it.
macro_rules! scenario {
    ($(#[$attribute:meta])* async fn $name:ident($world:ident) $body:block) => {
        $(#[$attribute])*
        async fn $name($world: &crate::harness::World) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                let world = crate::harness::World::embedded().await;
                super::$name(&world).await;
                world.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn production() {
                let world = crate::harness::World::production().await;
                super::$name(&world).await;
                world.finish().await;
            }
        }
    };
}
