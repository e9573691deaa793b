//! Small PDFs, written by hand.

/// Objects from number 1 on, the first of which is the catalog.
pub(crate) struct Document {
    pub(crate) objects: Vec<Vec<u8>>,
    /// What the trailer has beside its usual entries.
    pub(crate) trailer: String,
}

impl Document {
    /// So many pages of a size, each with the same content, as object 3.
    pub(crate) fn with(pages: usize, size: &str, content: &str) -> Self {
        let kids: String = (0..pages).map(|page| format!("{} 0 R ", page + 5)).collect();
        let mut document = Self {
            objects: vec![
                b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
                format!("<< /Type /Pages /Count {pages} /Kids [{kids}] >>").into_bytes(),
                stream("", content.as_bytes()),
                b"<< >>".to_vec(),
            ],
            trailer: String::new(),
        };
        for _ in 0..pages {
            let page =
                format!("<< /Type /Page /Parent 2 0 R /MediaBox {size} /Contents 3 0 R /Resources 4 0 R >>");
            document.objects.push(page.into_bytes());
        }
        document
    }

    /// Another object, and its number.
    pub(crate) fn add(&mut self, object: Vec<u8>) -> usize {
        self.objects.push(object);
        self.objects.len()
    }

    pub(crate) fn set(&mut self, number: usize, object: impl Into<Vec<u8>>) {
        self.objects[number - 1] = object.into();
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"%PDF-1.7\n".to_vec();
        let mut table = String::from("0000000000 65535 f \n");
        for (number, object) in (1..).zip(&self.objects) {
            table += &format!("{:010} 00000 n \n", bytes.len());
            bytes.extend(format!("{number} 0 obj\n").bytes());
            bytes.extend(object);
            bytes.extend(b"\nendobj\n");
        }
        let (start, count) = (bytes.len(), self.objects.len() + 1);
        let trailer = &self.trailer;
        bytes.extend(format!("xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n").bytes());
        bytes
    }
}

/// A stream with what its dictionary has beside its length.
pub(crate) fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    object
}

/// About `count` zeros as zlib packs them: a thousandth of it.
pub(crate) fn packed_zeros(count: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    let mut code = |value: u32, length: u32| bits.extend((0..length).rev().map(|at| value >> at & 1 == 1));
    // A zero, and then again and again: 258 times what was before.
    code(0b0011_0000, 8);
    for _ in 0..count / 258 {
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    let bytes = bits
        .chunks(8)
        .map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit)));
    // The check sum is not asked for by those who want as much as they can get.
    [0x78, 0x9c]
        .into_iter()
        .chain(bytes.collect::<Vec<_>>())
        .chain([0; 4])
        .collect()
}
