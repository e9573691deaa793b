//! Staff roles: granting, revoking, and what is written down about it.

use api::domain::{Actor, email::Email, staff};
use entity::{StaffRole, audit};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::harness::{Caller, World};

const QUEUE: &str = "{ reviewQueue { edges { cursor } } }";
const STAFF: &str = "{ staff { edges { node { id personId email role } } } }";

async fn audits(world: &World) -> Vec<audit::Model> {
    let rows = audit::Entity::find().order_by_asc(audit::Column::Id);
    rows.all(world.app.db.reader()).await.unwrap()
}

async fn person_id(caller: &Caller) -> String {
    let answer = caller.ask("{ viewer { id } }", Value::Null).await;
    answer.text("/viewer/id").trim_start_matches("person:").to_owned()
}

scenario! {
    /// The operator makes the first admin, without being anybody; that admin makes others.
    async fn the_operator_makes_the_first_admin(world) {
        let owl = world.activist("Owl").await;
        let finch = world.activist("Finch").await;
        assert_eq!(owl.ask(STAFF, Value::Null).await.code(), "FORBIDDEN");
        let email = Email::parse(&owl.address, &[]).unwrap();
        staff::grant(&world.app, &Actor::System, &email, StaffRole::Admin, None).await.unwrap();
        let row = audits(world).await.pop().unwrap();
        assert_eq!((row.actor_id, row.kind.as_str()), (None, "staff_role.grant"));
        let input = json!({"email": "finch@example.org", "role": "ADMIN"});
        owl.mutate("grantStaffRole", input, "role").await.data();
        let all = finch.ask(STAFF, Value::Null).await;
        let emails: Vec<&Value> = all.at("/staff/edges").as_array().unwrap().iter().map(|edge| &edge["node"]["email"]).collect();
        assert_eq!(emails, ["finch@example.org", "owl@example.org"], "newest first");
    }
}

scenario! {
    /// A role counts from the next request on, and no more from the next request after it was taken back.
    async fn roles_count_at_once(world) {
        let admin = world.staff("Owl", StaffRole::Admin).await;
        let finch = world.activist("Finch").await;
        assert_eq!(finch.ask(QUEUE, Value::Null).await.code(), "FORBIDDEN");
        let input = json!({"email": " Finch@Example.org ", "role": "ORGANIZER"});
        let granted = admin.mutate("grantStaffRole", input.clone(), "id role").await;
        assert_eq!(granted.at("/grantStaffRole/role"), "ORGANIZER");
        finch.ask(QUEUE, Value::Null).await.data();
        let roles = finch.ask("{ viewer { staffRoles } }", Value::Null).await;
        assert_eq!(roles.at("/viewer/staffRoles"), &json!(["ORGANIZER"]));

        let again = admin.mutate("grantStaffRole", input, "id role").await;
        assert_eq!(again.at("/grantStaffRole"), granted.at("/grantStaffRole"), "granting again changes nothing");
        let id = json!({"id": granted.text("/grantStaffRole/id")});
        admin.mutate("revokeStaffRole", id.clone(), "id role").await.data();
        assert_eq!(finch.ask(QUEUE, Value::Null).await.code(), "FORBIDDEN");
        assert_eq!(admin.mutate("revokeStaffRole", id, "id role").await.code(), "NOT_FOUND");
        let all = admin.ask(STAFF, Value::Null).await;
        assert_eq!(all.at("/staff/edges").as_array().unwrap().len(), 1);
    }
}

scenario! {
    /// Granting, revoking and reading the list are written down: who, what, whom, and no address. What was refused or
    /// changed nothing is not.
    async fn what_admins_do_is_written_down(world) {
        let admin = world.staff("Owl", StaffRole::Admin).await;
        let finch = world.activist("Finch").await;
        let (owl_id, finch_id) = (person_id(&admin).await, person_id(&finch).await);
        let before = audits(world).await.len();
        let input = json!({"email": "finch@example.org", "role": "RECRUITER"});
        assert_eq!(finch.mutate("grantStaffRole", input.clone(), "id").await.code(), "FORBIDDEN");
        let granted = admin.mutate("grantStaffRole", input.clone(), "id").await;
        admin.mutate("grantStaffRole", input, "id").await.data();
        admin.ask(STAFF, Value::Null).await.data();
        let id = json!({"id": granted.text("/grantStaffRole/id")});
        assert_eq!(finch.mutate("revokeStaffRole", id.clone(), "id").await.code(), "FORBIDDEN");
        admin.mutate("revokeStaffRole", id, "id").await.data();
        assert_eq!(finch.ask(STAFF, Value::Null).await.code(), "FORBIDDEN");

        let rows = &audits(world).await[before..];
        let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
        assert_eq!(kinds, ["staff_role.grant", "staff_role.list", "staff_role.revoke"]);
        assert!(rows.iter().all(|row| row.actor_id.unwrap().to_string() == owl_id));
        for row in [&rows[0], &rows[2]] {
            assert_eq!(row.subjects, json!([finch_id]).to_string());
        }
        assert_eq!(rows[1].subjects, json!([finch_id, owl_id]).to_string());
    }
}

scenario! {
    /// An address that never signed in can be given a role, and has it from the first sign-in on. None is made of
    /// something that is no address.
    async fn roles_wait_for_their_owner(world) {
        let admin = world.staff("Owl", StaffRole::Admin).await;
        let wrong = admin.mutate("grantStaffRole", json!({"email": "finch", "role": "ORGANIZER"}), "id").await;
        assert_eq!(wrong.wrong_fields(), ["input.email"]);
        let input = json!({"email": "finch@example.org", "role": "ORGANIZER"});
        admin.mutate("grantStaffRole", input, "id").await.data();
        world.activist("Finch").await.ask(QUEUE, Value::Null).await.data();
    }
}
