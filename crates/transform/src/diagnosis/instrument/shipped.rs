//! The instruments that come with the platform.

use std::sync::OnceLock;

use super::{Instrument, read};

/// File names and texts.
const FILES: [(&str, &str); 2] = [
    (
        "sme-digital-2024.toml",
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/instruments/sme-digital-2024.toml")),
    ),
    (
        "four-steps-2021.toml",
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/instruments/four-steps-2021.toml")),
    ),
];

/// All of them; a test reads every file, so none is missing.
pub(in super::super) fn shipped() -> &'static [Instrument] {
    static SHIPPED: OnceLock<Vec<Instrument>> = OnceLock::new();
    SHIPPED.get_or_init(|| FILES.iter().filter_map(|(file, text)| read(file, text).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_file_is_sound() {
        for (file, text) in FILES {
            let faults: Vec<String> =
                read(file, text).err().unwrap_or_default().iter().map(ToString::to_string).collect();
            assert_eq!(faults, Vec::<String>::new());
        }
    }
}
