//! What is printed on every sheet, by language.

/// The words of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Beside the name of somebody on the list: a tick means that they came.
    pub came: &'static str,
    /// Above names.
    pub name: &'static str,
    /// Above how many come with them.
    pub party: &'static str,
    /// Above the space for corrections.
    pub correction: &'static str,
    /// Above names of those who are not on the list.
    pub walk_in: &'static str,
    /// Above their addresses.
    pub email: &'static str,
    /// Above their numbers.
    pub phone: &'static str,
    /// Above the box that says that they consent.
    pub consents: &'static str,
    /// How to tick.
    pub how: &'static str,
    page: &'static str,
    of: &'static str,
}

impl Words {
    /// English: what every language falls back to.
    pub const ENGLISH: Self = Self {
        came: "Here",
        name: "Name",
        party: "Party of",
        correction: "Correction",
        walk_in: "Not on the list: name",
        email: "Email",
        phone: "Phone",
        consents: "I agree",
        how: "Tick the box of everybody who came, with a dark pen. Please leave the corners of the page free.",
        page: "Page",
        of: "of",
    };
    /// Spanish.
    pub const SPANISH: Self = Self {
        came: "Vino",
        name: "Nombre",
        party: "Personas",
        correction: "Corrección",
        walk_in: "No está en la lista: nombre",
        email: "Correo",
        phone: "Teléfono",
        consents: "Acepto",
        how: "Marque con bolígrafo oscuro la casilla de cada persona que vino. Deje libres las esquinas de la hoja.",
        page: "Página",
        of: "de",
    };

    /// The words for a language tag such as `es-MX`.
    pub fn of(language: &str) -> Self {
        match language.split(['-', '_']).next() {
            Some("es") => Self::SPANISH,
            _ => Self::ENGLISH,
        }
    }

    pub(crate) fn page(&self, number: usize, count: usize) -> String {
        format!("{} {number} {} {count}", self.page, self.of)
    }
}
