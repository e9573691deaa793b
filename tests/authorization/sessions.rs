//! A session that is over gives nothing that nobody would not get.

use api::domain::{email::Email, session};
use chrono::TimeDelta;
use serde_json::Value;

use super::{callers, mark, objects::Objects, table};
use crate::harness::{Caller, World};

/// Somebody who may do everything, had the session not ended.
async fn admin_again(world: &World) -> Caller {
    let email = Email::parse("admin@example.org", &[]).unwrap();
    let tokens = session::open_for_operator(&world.app, &email).await.unwrap();
    Caller::new(&world.url, Some(tokens.access_token), "")
}

scenario! {
    async fn one_that_is_over_gives_nothing(world) {
        world.staff("Admin", entity::StaffRole::Admin).await;
        let expired = admin_again(world).await;
        world.advance(TimeDelta::minutes(11));
        let signed_out = admin_again(world).await;
        signed_out.ask("mutation { signOut { signedOut } }", Value::Null).await.data();
        let everywhere = admin_again(world).await;
        let by_another = admin_again(world).await;
        by_another.ask("mutation { signOutEverywhere { signedOut } }", Value::Null).await.data();
        let token = everywhere.token();
        let forged = token.rsplit_once('.').unwrap().0.to_owned() + ".c2lnbmF0dXJl";
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
        let made_up = ["nonsense".to_owned(), forged, unsigned];
        let mut over = vec![expired, signed_out, everywhere, by_another];
        over.extend(made_up.map(|token| Caller::new(&world.url, Some(token), "")));

        let callers = callers(world).await;
        let mut wrong = vec![];
        for row in table::section("Queries").into_iter().chain(table::section("Mutations")) {
            let operation = if row.section == "Queries" { "query" } else { "mutation" };
            let mut objects = Objects::new(world, &callers);
            for (number, caller) in over.iter().enumerate() {
                let request = objects.fill(&row.request).await;
                let answer = caller.ask(&format!("{operation} {{ {request} }}"), Value::Null).await;
                let mark = mark(&answer, row.field());
                if mark != "401" && mark != row.marks[0] {
                    wrong.push(format!("{number}: {} gives {mark}", row.request));
                }
                if mark == "✓" && operation == "mutation" {
                    objects.forget();
                }
            }
        }
        world.drain().await;
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
