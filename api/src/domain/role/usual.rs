//! The usual roles: those of the action guide for actions and for meetings with officials, and those of any event.

use entity::{EventType, RoleKind};
use sea_orm::ActiveEnum;

use super::Template;
use crate::letter::Language;

struct Usual {
    key: &'static str,
    types: &'static [EventType],
    kind: RoleKind,
    people: (i32, i32),
    due_hours: Option<i32>,
    skills: &'static [&'static str],
    en: [&'static str; 2],
    es: [&'static str; 2],
}

const ACTION: &[EventType] = &[EventType::Action];
const MEETING: &[EventType] = &[EventType::OfficialMeeting];
const DAY: i32 = 24;

const USUAL: [Usual; 16] = [
    Usual {
        key: "schedule-official-meeting",
        types: ACTION,
        kind: RoleKind::Task,
        people: (1, 2),
        due_hours: Some(14 * DAY),
        skills: &[],
        en: [
            "Schedule the meeting with the official",
            "Call or write to the official's office until a meeting is fixed, within two weeks of the action. Post it as an event, so that all who came can be invited.",
        ],
        es: [
            "Fijar la reunión con la autoridad",
            "Llama o escribe a la oficina hasta que haya una reunión fijada, dentro de las dos semanas siguientes a la acción. Publícala como evento para poder invitar a quienes vinieron.",
        ],
    },
    Usual {
        key: "invite-to-official-meeting",
        types: ACTION,
        kind: RoleKind::Task,
        people: (1, 2),
        due_hours: Some(15 * DAY),
        skills: &[],
        en: [
            "Invite all who came to the meeting with the official",
            "As soon as the meeting is posted, invite everybody who came to the action to it.",
        ],
        es: [
            "Invitar a la reunión a quienes vinieron",
            "En cuanto la reunión esté publicada, invita a todas las personas que vinieron a la acción.",
        ],
    },
    Usual {
        key: "fix-next-meeting",
        types: ACTION,
        kind: RoleKind::Task,
        people: (1, 2),
        due_hours: Some(0),
        skills: &[],
        en: [
            "Fix the next organizing meeting",
            "Agree with the group on day, time and place of the next organizing meeting before you part.",
        ],
        es: [
            "Fijar la próxima reunión de organización",
            "Acuerda con el grupo día, hora y lugar de la próxima reunión antes de despedirse.",
        ],
    },
    Usual {
        key: "post-next-meeting",
        types: ACTION,
        kind: RoleKind::Task,
        people: (1, 2),
        due_hours: Some(2 * DAY),
        skills: &[],
        en: [
            "Post the next organizing meeting",
            "Post the next organizing meeting as an event within two days, so that people can say that they come.",
        ],
        es: [
            "Publicar la próxima reunión de organización",
            "Publica la próxima reunión como evento en los dos días siguientes, para que la gente pueda apuntarse.",
        ],
    },
    Usual {
        key: "upload-sheets",
        types: ACTION,
        kind: RoleKind::Task,
        people: (1, 2),
        due_hours: Some(DAY),
        skills: &[],
        en: [
            "Scan and upload the attendance sheets",
            "Photograph or scan every page of the attendance sheets and upload them within a day. Keep the paper safe until then.",
        ],
        es: [
            "Escanear y subir las hojas de asistencia",
            "Fotografía o escanea todas las hojas de asistencia y súbelas en un día. Guarda bien el papel hasta entonces.",
        ],
    },
    Usual {
        key: "chief-spokesperson",
        types: MEETING,
        kind: RoleKind::OnSite,
        people: (1, 1),
        due_hours: None,
        skills: &["public speaking"],
        en: [
            "Chief spokesperson",
            "You lead the conversation, say what we ask for, and ask for a clear answer.",
        ],
        es: [
            "Portavoz principal",
            "Diriges la conversación, dices qué pedimos y pides una respuesta clara.",
        ],
    },
    Usual {
        key: "introductions",
        types: MEETING,
        kind: RoleKind::OnSite,
        people: (2, 10),
        due_hours: None,
        skills: &[],
        en: [
            "People who introduce themselves",
            "In a minute: who you are, where you live, and why this matters to you.",
        ],
        es: [
            "Personas que se presentan",
            "En un minuto: quién eres, dónde vives y por qué te importa.",
        ],
    },
    Usual {
        key: "note-taker",
        types: MEETING,
        kind: RoleKind::OnSite,
        people: (1, 2),
        due_hours: None,
        skills: &["note-taking"],
        en: [
            "Note taker",
            "Write down what is asked, what is answered, and what is promised, in the words that are said.",
        ],
        es: [
            "Toma de notas",
            "Anota lo que se pide, lo que se responde y lo que se promete, con las palabras que se dicen.",
        ],
    },
    Usual {
        key: "report-back",
        types: MEETING,
        kind: RoleKind::Task,
        people: (1, 2),
        due_hours: Some(3 * DAY),
        skills: &[],
        en: [
            "Report back",
            "Tell all who came to the action how the meeting went, within three days.",
        ],
        es: [
            "Informar al grupo",
            "Cuenta a quienes vinieron a la acción cómo fue la reunión, en los tres días siguientes.",
        ],
    },
    Usual {
        key: "greeter",
        types: &[],
        kind: RoleKind::OnSite,
        people: (0, 4),
        due_hours: None,
        skills: &[],
        en: [
            "Greeter",
            "Welcome people as they arrive, tell them where to go, and see that everybody is on the attendance sheet.",
        ],
        es: [
            "Bienvenida",
            "Recibe a la gente, indícale adónde ir y cuida de que todas las personas estén en la hoja de asistencia.",
        ],
    },
    Usual {
        key: "marshal",
        types: &[],
        kind: RoleKind::OnSite,
        people: (0, 10),
        due_hours: None,
        skills: &["marshalling"],
        en: [
            "Marshal",
            "Keep people safe and together, keep ways free, and stay calm with whoever is not.",
        ],
        es: [
            "Orden y seguridad",
            "Cuida de que la gente esté segura y junta, mantén libres los pasos y conserva la calma.",
        ],
    },
    Usual {
        key: "medic",
        types: &[],
        kind: RoleKind::OnSite,
        people: (0, 4),
        due_hours: None,
        skills: &["first aid"],
        en: [
            "Medic",
            "Bring a first aid kit, know where you can be found, and call for help early.",
        ],
        es: [
            "Primeros auxilios",
            "Trae un botiquín, que se sepa dónde encontrarte y pide ayuda pronto.",
        ],
    },
    Usual {
        key: "photographer",
        types: &[],
        kind: RoleKind::OnSite,
        people: (0, 2),
        due_hours: None,
        skills: &["photography"],
        en: [
            "Photographer",
            "Take pictures that show what we do. Ask before you show a face, and never one of somebody who said no.",
        ],
        es: [
            "Fotografía",
            "Haz fotos que muestren lo que hacemos. Pregunta antes de mostrar una cara, y nunca la de quien dijo que no.",
        ],
    },
    Usual {
        key: "interpreter",
        types: &[],
        kind: RoleKind::OnSite,
        people: (0, 4),
        due_hours: None,
        skills: &["interpreting"],
        en: [
            "Interpreter",
            "Interpret what is said, for who asks for it. Agree with the hosts on languages and where you stand.",
        ],
        es: [
            "Interpretación",
            "Interpreta lo que se dice para quien lo pida. Acuerda con quienes organizan los idiomas y tu lugar.",
        ],
    },
    Usual {
        key: "childcare",
        types: &[],
        kind: RoleKind::OnSite,
        people: (0, 6),
        due_hours: None,
        skills: &["childcare"],
        en: [
            "Childcare",
            "Look after the children of those who come, never alone, and give them back only to who brought them.",
        ],
        es: [
            "Cuidado infantil",
            "Cuida a los niños y niñas de quienes vienen, nunca a solas, y entrégalos solo a quien los trajo.",
        ],
    },
    Usual {
        key: "driver",
        types: &[],
        kind: RoleKind::OnSite,
        people: (0, 10),
        due_hours: None,
        skills: &["driving"],
        en: [
            "Driver",
            "Drive people who cannot come by themselves, there and back. Agree on times the day before.",
        ],
        es: [
            "Transporte",
            "Lleva a quienes no pueden venir por su cuenta, ida y vuelta. Acuerda las horas el día antes.",
        ],
    },
];

/// The usual roles of events of a type, those made for it first.
pub(super) fn all(event_type: EventType, language: Language) -> impl Iterator<Item = Template> {
    let fits = move |usual: &&Usual| usual.types.is_empty() || usual.types.contains(&event_type);
    USUAL.iter().filter(fits).map(move |usual| {
        let [title, brief] = match language {
            Language::English => usual.en,
            Language::Spanish => usual.es,
        };
        Template {
            key: usual.key.to_owned(),
            types: usual.types.iter().map(ActiveEnum::to_value).collect(),
            is_task: usual.kind == RoleKind::Task,
            title: title.to_owned(),
            brief: brief.to_owned(),
            skills: usual.skills.iter().map(|&skill| skill.to_owned()).collect(),
            min_people: usual.people.0,
            max_people: usual.people.1,
            due_hours: usual.due_hours,
            is_open: usual.types.is_empty(),
            open_to_all: false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_s_list_comes_first() {
        for language in Language::ALL {
            let keys: Vec<String> = all(EventType::Action, language).map(|usual| usual.key).collect();
            assert_eq!(keys.len(), 12);
            assert_eq!(keys.first().unwrap(), "schedule-official-meeting");
            assert_eq!(all(EventType::OfficialMeeting, language).count(), 11);
            assert_eq!(all(EventType::Rally, language).count(), 7);
        }
    }

    #[test]
    fn nothing_is_missing_where_nobody_asked_for_it() {
        let unasked = USUAL.iter().filter(|usual| usual.types.is_empty());
        assert!(unasked.map(|usual| usual.people.0).all(|fewest| fewest == 0));
    }
}
