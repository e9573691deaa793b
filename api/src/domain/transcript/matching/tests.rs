//! Names as people write them.

use std::time::Instant;

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> Name {
    let (given, family) = text.split_once('/').unwrap_or((text, ""));
    Name {
        given: given.trim().to_owned(),
        family: family.trim().to_owned(),
    }
}

fn compare(one: &str, two: &str) -> Option<Match> {
    Prepared::new(&name(one)).compare(&Prepared::new(&name(two)))
}

use Likeness::{
    Accents, Divided, ExtraWord, FamilyOnly, GivenOnly, Initial, Nickname, Same, Sound, Swapped, Transposed,
    Typo,
};

/// What stands on paper, whom it means, the least score and a reason.
const ALIKE: [(&str, &str, f64, Likeness); 50] = [
    ("Ada/Obi", "Ada/Obi", 1.0, Same),
    ("ADA/OBI", "Ada/Obi", 1.0, Same),
    ("ada /  obi", "Ada/Obi", 1.0, Same),
    ("José/Núñez", "Jose/Nunez", 0.95, Accents),
    ("Zoe/Bronte", "Zoë/Brontë", 0.95, Accents),
    ("Søren/Dahl", "Soren/Dahl", 0.95, Accents),
    ("Lukasz/Wolny", "Łukasz/Wolny", 0.95, Accents),
    ("Jurgen/Strasser", "Jürgen/Straßer", 0.95, Accents),
    ("Bob/Marsh", "Robert/Marsh", 0.9, Nickname),
    ("Robert/Marsh", "Bobby/Marsh", 0.9, Nickname),
    ("Liz/Karanja", "Elizabeth/Karanja", 0.9, Nickname),
    ("Bill/Quinn", "William/Quinn", 0.9, Nickname),
    ("Peggy/Lund", "Margaret/Lund", 0.9, Nickname),
    ("Pepe/Rivas", "José/Rivas", 0.9, Nickname),
    ("Paco/Soto", "Francisco/Soto", 0.9, Nickname),
    ("Lupita/Reyes", "Guadalupe/Reyes", 0.9, Nickname),
    ("Chuy/Mora", "Jesús/Mora", 0.9, Nickname),
    ("Nacho/Vidal", "Ignacio/Vidal", 0.9, Nickname),
    ("Memo/Salas", "Guillermo/Salas", 0.9, Nickname),
    ("Quique/Mata", "Enrique/Mata", 0.9, Nickname),
    ("Dick/Pell", "Richard/Pell", 0.9, Nickname),
    ("Alex/Petrov", "Alexandra/Petrov", 0.9, Nickname),
    ("Alex/Petrov", "Alexander/Petrov", 0.9, Nickname),
    ("Brain/Keller", "Brian/Keller", 0.9, Transposed),
    ("Ada/Okfaor", "Ada/Okafor", 0.9, Transposed),
    ("Jon/Kleinert", "Jon/Klienert", 0.9, Transposed),
    ("Ada/Okafer", "Ada/Okafor", 0.85, Typo),
    ("Marta/Lindqvist", "Marta/Lindquist", 0.85, Typo),
    ("Jonas/Bergstrm", "Jonas/Bergström", 0.85, Typo),
    ("Priya/Ramanathann", "Priya/Ramanathan", 0.85, Typo),
    ("Sara/Lind", "Sarah/Lind", 0.85, Typo),
    ("Carl/Haas", "Karl/Haas", 0.8, Typo),
    ("Ada/Wrighton", "Ada/Ryton", 0.8, Sound),
    ("Philip/Cox", "Filip/Cox", 0.8, Typo),
    ("Ada/Xavier", "Ada/Havier", 0.85, Typo),
    ("Lee/Stephens", "Lee/Stevens", 0.75, Typo),
    ("Ada/Vasques", "Ada/Basquez", 0.75, Typo),
    ("A./Obi", "Ada/Obi", 0.8, Initial),
    ("Ada/O", "Ada/Obi", 0.75, Initial),
    ("A/Obi", "Ada/Obi", 0.8, Initial),
    ("Obi/Ada", "Ada/Obi", 0.9, Swapped),
    ("García/Lucía", "Lucia/Garcia", 0.85, Swapped),
    ("Ada Obi/", "Ada/Obi", 0.95, Divided),
    ("Obi Ada/", "Ada/Obi", 0.9, Swapped),
    ("Ana/María López", "Ana María/López", 0.95, Divided),
    ("Annamaria/Rossi", "Anna Maria/Rossi", 0.95, Divided),
    ("Sean/O Brien", "Sean/O'Brien", 0.95, Divided),
    ("Ana/López", "Ana/López García", 0.9, ExtraWord),
    ("Ada Ngozi/Obi", "Ada/Obi", 0.9, ExtraWord),
    ("Jean/Dupont-Moreau", "Jean/Dupont", 0.9, ExtraWord),
];

/// Only half of a name.
const HALVES: [(&str, &str, Likeness); 5] = [
    ("Ada/", "Ada/Obi", GivenOnly),
    ("/Obi", "Ada/Obi", FamilyOnly),
    ("Obi/", "Ada/Obi", FamilyOnly),
    ("Bob/", "Robert/Marsh", GivenOnly),
    ("/Nunez", "José/Núñez", FamilyOnly),
];

/// Two people.
const OTHERS: [(&str, &str); 14] = [
    ("Ben/Obi", "Ada/Obi"),
    ("Ada/Obi", "Ada/Lind"),
    ("Ana/Soto", "Luz/Soto"),
    ("Mark/Twist", "Mary/Kimani"),
    ("John/Marsh", "Peter/Marsh"),
    ("A/Obi", "Ben/Obi"),
    ("Bo/Li", "Al/Li"),
    ("Ada/Obi", "Ben/Lind"),
    ("", "Ada/Obi"),
    (".", "Ada/Obi"),
    ("?/?", "Ada/Obi"),
    ("王/伟", "李/伟"),
    ("Иван/Петров", "Олег/Петров"),
    ("Xu/", "Ada/Obi"),
];

#[test]
fn what_is_written_otherwise_is_found_with_its_reason() {
    for (one, two, least, why) in ALIKE {
        let found = compare(one, two).unwrap_or_else(|| panic!("{one} is not {two}"));
        assert!(found.score >= least, "{one}, {two}: {found:?}");
        assert!(found.reasons.contains(&why), "{one}, {two}: {found:?}");
    }
    for (one, two, why) in HALVES {
        let found = compare(one, two).unwrap_or_else(|| panic!("{one} is not {two}"));
        assert!(
            (THRESHOLD..PROPOSED).contains(&found.score),
            "{one}, {two}: {found:?}"
        );
        assert!(found.reasons.contains(&why), "{one}, {two}: {found:?}");
    }
    for (one, two) in OTHERS {
        assert_eq!(compare(one, two), None, "{one}, {two}");
    }
}

#[test]
fn names_in_other_scripts_are_compared_too() {
    for same in ["王/小明", "Иван/Петров", "محمد/علي", "Νίκος/Παππάς"] {
        assert_eq!(compare(same, same).unwrap().reasons, [Same], "{same}");
    }
    assert!(compare("Иван/Петрвов", "Иван/Петров").unwrap().score > 0.8);
    assert!(compare("Νικος/Παππας", "Νίκος/Παππάς").unwrap().score > 0.9);
}

/// What stands on paper, and whom it may mean from the likeliest on.
const ORDERED: [(&str, &[&str]); 8] = [
    ("Ada/Obi", &["Ada/Obi", "Adah/Obi", "A/Obi", "Ada/"]),
    ("Bob/Marsh", &["Bob/Marsh", "Robert/Marsh", "B/Marsh", "Bob/"]),
    (
        "José/Núñez",
        &["José/Núñez", "Jose/Nunez", "Pepe/Núñez", "J/Núñez"],
    ),
    (
        "Ana/López",
        &["Ana/López", "Ana/Lopez", "Ana/López García", "Anna/Lopes"],
    ),
    ("Brian/Keller", &["Brian/Keller", "Brain/Keller", "Bryan/Keler"]),
    ("Obi/Ada", &["Obi/Ada", "Ada/Obi", "Ada/O"]),
    (
        "Sarah/Lindquist",
        &["Sarah/Lindquist", "Sarah/Lindqvist", "Sally/Lindqvist"],
    ),
    (
        "Elena/Ruiz",
        &["Elena/Ruiz", "Elena/Ruíz", "Elenna/Ruíz", "E/Ruiz"],
    ),
];

#[test]
fn the_likelier_comes_first() {
    for (one, others) in ORDERED {
        let known: Vec<Prepared> = others
            .iter()
            .rev()
            .map(|other| Prepared::new(&name(other)))
            .collect();
        let found = candidates(&Prepared::new(&name(one)), known.iter());
        let order: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
        let wanted: Vec<usize> = (0..others.len()).rev().collect();
        assert_eq!(order, wanted, "{one}: {found:?}");
    }
}

#[test]
fn only_who_stands_out_is_proposed() {
    assert!(stands_out(&[0.97]) && stands_out(&[1.0, 0.9, 0.9]));
    assert!(!stands_out(&[]) && !stands_out(&[0.8]) && !stands_out(&[0.97, 0.95]));
}

#[test]
fn of_many_the_best_five_are_shown() {
    let known: Vec<Prepared> = (0..40).map(|_| Prepared::new(&name("Ada/Obi"))).collect();
    let found = candidates(&Prepared::new(&name("Ada/Obi")), known.iter());
    assert_eq!(
        found.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4]
    );
}

#[test]
fn long_texts_take_little_time() {
    let long = name(&format!("{}/{}", "Ab ".repeat(50_000), "x".repeat(100_000)));
    let begin = Instant::now();
    for _ in 0..20 {
        let prepared = Prepared::new(&long);
        assert_eq!(prepared.compare(&Prepared::new(&long)).unwrap().reasons, [Same]);
    }
    assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_two_texts_are_compared_alike_from_both_sides(a in ".{0,30}", b in ".{0,30}", c in ".{0,30}", d in ".{0,30}") {
        let one = Prepared::new(&Name { given: a, family: b });
        let two = Prepared::new(&Name { given: c, family: d });
        let (there, back) = (one.compare(&two), two.compare(&one));
        let score = |found: &Option<Match>| found.as_ref().map_or(0.0, |found| found.score);
        prop_assert!((score(&there) - score(&back)).abs() < 1e-9);
        prop_assert!((0.0..=1.0).contains(&score(&there)));
    }

    #[test]
    fn everybody_is_themselves(a in "[a-zé]{1,12}", b in "[A-Zñ ]{0,9}[a-z]") {
        let one = Prepared::new(&Name { given: a, family: b });
        prop_assert!((one.compare(&one).unwrap().score - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_slip_of_a_finger_is_found(a in "[a-z]{5,12}", b in "[a-z]{6,12}", at in 0_usize..5) {
        let mut letters: Vec<char> = b.chars().collect();
        letters.swap(at, at + 1);
        let slipped = Name { given: a.clone(), family: letters.iter().collect() };
        let found = Prepared::new(&Name { given: a, family: b }).compare(&Prepared::new(&slipped));
        prop_assert!(found.unwrap().score >= 0.9);
    }
}
