//! What the code of a printed page says.

/// What the code of a page says, beside its event: the version of the sheet, and the page.
pub(super) fn payload(version: i32, page: usize) -> Vec<u8> {
    let page = u16::try_from(page).unwrap_or(u16::MAX);
    [version.to_be_bytes().as_slice(), &page.to_be_bytes()].concat()
}

/// Reads what [`payload`] wrote.
pub(in crate::domain::transcript) fn read_payload(payload: &[u8]) -> Option<(i32, usize)> {
    let (version, page) = payload.split_first_chunk::<4>()?;
    let page: [u8; 2] = page.try_into().ok()?;
    Some((
        i32::from_be_bytes(*version),
        usize::from(u16::from_be_bytes(page)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_code_says_is_read_back() {
        for (version, page) in [(1, 1), (40_000, 50), (i32::MAX, 65_535)] {
            assert_eq!(read_payload(&payload(version, page)), Some((version, page)));
        }
        for other in [&[][..], &[1, 2, 3], &[0; 5], &[0; 7]] {
            assert_eq!(read_payload(other), None);
        }
    }
}
