//! The fold, by examples and by properties.

use chrono::TimeDelta;
use proptest::{collection::vec, prelude::*, sample::Index};
use uuid::Uuid;

use super::*;

const CLIENTS: [&str; 3] = ["north gate", "south gate", "list"];
const START: DateTime<Utc> = DateTime::from_timestamp(1_900_000_000, 0).unwrap();

fn fact(client: &str, nonce: usize, minute: i64, kind: FactKind) -> attendance_fact::Model {
    attendance_fact::Model {
        id: Uuid::nil(),
        attendance_id: None,
        event_id: Uuid::nil(),
        timeslot_id: None,
        kind,
        at: START + TimeDelta::minutes(minute),
        received_at: START,
        source: AttendanceSource::Host,
        client_id: client.to_owned(),
        nonce: nonce.to_string(),
        undoes_client: None,
        undoes_nonce: None,
        party_size: (kind == FactKind::In).then_some(1),
        remark: None,
        by_person: None,
        by_link: None,
        sheet_row_id: None,
    }
}

fn undo(client: &str, nonce: usize, of: &attendance_fact::Model) -> attendance_fact::Model {
    attendance_fact::Model {
        undoes_client: Some(of.client_id.clone()),
        undoes_nonce: Some(of.nonce.clone()),
        ..fact(client, nonce, 0, FactKind::Undo)
    }
}

/// Facts of three devices: what each saw, and what each takes back of all that.
fn facts() -> impl Strategy<Value = Vec<attendance_fact::Model>> {
    let kinds = prop_oneof![
        4 => Just(FactKind::In), 2 => Just(FactKind::Out), 1 => Just(FactKind::Absent), 2 => Just(FactKind::Undo),
    ];
    let one = (0..CLIENTS.len(), kinds, 0..20_i64, 1..4_i32, any::<Index>());
    vec(one, 1..16).prop_map(|all| {
        let mut facts: Vec<attendance_fact::Model> = vec![];
        for (nonce, (client, kind, minute, party, of)) in all.into_iter().enumerate() {
            let client = CLIENTS[client];
            let next = match kind {
                FactKind::Undo if !facts.is_empty() => undo(client, nonce, &facts[of.index(facts.len())]),
                FactKind::Undo => continue,
                _ => attendance_fact::Model {
                    party_size: (kind == FactKind::In).then_some(party),
                    ..fact(client, nonce, minute, kind)
                },
            };
            facts.push(next);
        }
        facts
    })
}

/// The same facts in another order, each once or several times.
fn shuffled_and_repeated() -> impl Strategy<Value = (Vec<attendance_fact::Model>, Vec<attendance_fact::Model>)>
{
    facts().prop_flat_map(|facts| {
        let repeated: Vec<_> = facts.iter().cloned().chain(facts.iter().cloned()).collect();
        let again = vec(any::<bool>(), facts.len());
        let shuffled = (Just(repeated).prop_shuffle(), again).prop_map(|(all, again)| {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            let keep = |fact: &attendance_fact::Model| {
                let times = seen.entry(fact.nonce.clone()).or_default();
                *times += 1;
                *times == 1 || again[fact.nonce.len() % again.len()]
            };
            let mut keep = keep;
            all.into_iter().filter(|fact| keep(fact)).collect()
        });
        (Just(facts), shuffled)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Facts of three devices, shuffled and repeated: one end state.
    #[test]
    fn order_and_repetition_change_nothing((facts, shuffled) in shuffled_and_repeated()) {
        prop_assert_eq!(fold(&facts), fold(&shuffled));
    }

    /// What is taken back might as well never have been said.
    #[test]
    fn what_is_taken_back_was_never_said(facts in facts()) {
        let undone: BTreeSet<_> = facts.iter().filter_map(|fact| fact.undoes_nonce.clone()).collect();
        let left = facts.iter().filter(|fact| fact.kind != FactKind::Undo && !undone.contains(&fact.nonce));
        prop_assert_eq!(fold(&facts), fold(left));
    }

    /// Whoever was seen was there.
    #[test]
    fn being_seen_outweighs_a_mark(minute in 0..20_i64) {
        let seen = fact("north gate", 1, 10, FactKind::In);
        let marked = fact("list", 2, minute, FactKind::Absent);
        let folded = fold([&marked, &seen]);
        prop_assert_eq!((folded.came, folded.first_in_at), (Some(true), Some(seen.at)));
    }
}

#[test]
fn it_is_known_who_is_in_and_since_when() {
    let came = fact("north gate", 1, 10, FactKind::In);
    let left = fact("south gate", 2, 30, FactKind::Out);
    let more = attendance_fact::Model {
        party_size: Some(3),
        ..fact("north gate", 3, 40, FactKind::In)
    };
    assert_eq!(fold([]), Folded::default());
    assert_eq!(fold([&came, &left]).out_at, Some(left.at));
    let back = fold([&more, &left, &came]);
    assert_eq!(
        (back.first_in_at, back.out_at, back.party_size),
        (Some(came.at), None, Some(3))
    );
    assert_eq!(fold([&left]).came, Some(true), "who leaves was there");
    assert_eq!(fold([&undo("list", 4, &came), &came]), Folded::default());
    let absent = fact("list", 5, 0, FactKind::Absent);
    assert_eq!(fold([&absent, &came, &undo("list", 6, &came)]).came, Some(false));
}

#[test]
fn an_undo_stays() {
    let came = fact("north gate", 1, 10, FactKind::In);
    let first = undo("list", 2, &came);
    assert_eq!(fold([&came, &first, &undo("list", 3, &first)]).came, None);
}
