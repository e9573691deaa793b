//! Facts, as they are kept.

use api::domain::attendance::{By, What};
use chrono::TimeDelta;
use entity::attendance_fact;
use futures_util::future::join_all;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{fact, person, recorded, rows, walk_in, whom};
use crate::rsvps::rsvp;

scenario! {
    /// Three devices send what they saw in any order, more than once, and what takes it back before it: one end state.
    async fn order_and_repetition_change_nothing(world) {
        let wren = world.activist("Wren").await;
        let finch = person(&world.activist("Finch").await).await;
        let mut ends = vec![];
        // The third takes back what the first saw; the second saw them come back with two more, and leave.
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            let event = world.event(&wren, json!({})).await;
            let start = world.app.clock.now();
            let mut facts = vec![
                fact("north", "1", world, What::In(whom(&event, finch), 1)),
                fact("south", "1", world, What::In(whom(&event, finch), 3)),
                fact("south", "2", world, What::Out(whom(&event, finch))),
                fact("list", "1", world, What::Undo("north".to_owned(), "1".to_owned())),
            ];
            for (minute, fact) in (1..).zip(&mut facts) {
                fact.at = start + TimeDelta::minutes(minute);
            }
            for index in order {
                let sent = [facts[index].clone(), facts[order[0]].clone()];
                let answers = recorded(world, &event, By::default(), &sent).await.unwrap();
                assert_eq!(answers[0].fact.nonce, facts[index].nonce);
                let new = answers.iter().filter(|answer| answer.is_new).count();
                assert_eq!(new, 1, "{order:?}");
            }
            let all = rows(world, &event).await;
            assert_eq!(all.len(), 1);
            let row = &all[0];
            let minutes = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| (at - start).num_minutes());
            ends.push((row.came, row.party_size, minutes(row.first_in_at), minutes(row.out_at), row.source));
        }
        assert_eq!(&ends[0].0, &Some(true));
        assert_eq!((ends[0].1, ends[0].2, ends[0].3), (3, Some(2), Some(3)));
        assert!(ends.iter().all(|end| end == &ends[0]), "{ends:?}");
    }
}

scenario! {
    /// Twenty at once see the same person, and each of them twice: one row, and every fact once.
    async fn many_at_once_make_one_row(world) {
        let wren = world.activist("Wren").await;
        let event = world.event(&wren, json!({})).await;
        let finch = person(&world.activist("Finch").await).await;
        let sent = (0..40).map(|number| {
            let fact = fact(&format!("device {}", number / 2), "1", world, What::In(whom(&event, finch), 1 + number / 20));
            let event = &event;
            async move { recorded(world, event, By::default(), &[fact]).await.unwrap().remove(0).is_new }
        });
        let new = join_all(sent).await.into_iter().filter(|is_new| *is_new).count();
        assert_eq!(new, 20);
        let row = rows(world, &event).await;
        assert_eq!((row.len(), row[0].came), (1, Some(true)));
        assert_eq!(attendance_fact::Entity::find().count(world.app.db.reader()).await.unwrap(), 20);
    }
}

scenario! {
    /// A year later it is only known that so many came, and how many of them were expected.
    async fn what_is_long_ago_is_nobodys(world) {
        let wren = world.activist("Wren").await;
        let event = world.event(&wren, json!({})).await;
        let finch = world.activist("Finch").await;
        rsvp(&finch, &event, 1).await.data();
        let seen = fact("list", "2", world, What::In(whom(&event, person(&finch).await), 2));
        recorded(world, &event, By::default(), &[seen]).await.unwrap();
        walk_in(world, &wren, &event, &world.activist("Jay").await).await;
        world.advance(TimeDelta::days(360));
        api::jobs::retain::schedule(&world.app, world.now()).await.unwrap();
        world.drain().await;
        let kept = rows(world, &event).await;
        assert!(kept.iter().all(|row| row.person_id.is_some() && row.was_expected.is_none()));
        world.advance(TimeDelta::days(9));
        api::jobs::retain::schedule(&world.app, world.now()).await.unwrap();
        world.drain().await;
        let left = rows(world, &event).await;
        let told: Vec<_> = left.iter().map(|row| (row.came, row.party_size, row.was_expected)).collect();
        assert_eq!(told, [(Some(true), 2, Some(true)), (Some(true), 1, Some(false))]);
        let is_nobodys = |row: &entity::attendance::Model| {
            (row.person_id, row.rsvp_id) == (None, None) && row.name.is_none() && row.first_in_at.is_none()
        };
        assert!(left.iter().all(is_nobodys));
        assert_eq!(attendance_fact::Entity::find().count(world.app.db.reader()).await.unwrap(), 0);
    }
}
