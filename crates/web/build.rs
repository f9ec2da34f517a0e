//! Embeds the browser assets; says how to get them when they are missing.

fn main() {
    if !std::path::Path::new("assets/vendor/tabler.min.css").exists() {
        println!(
            "cargo::error=browser assets are missing: run `make assets` (npm ci --ignore-scripts && node scripts/assets.mjs)"
        );
        return;
    }
    memory_serve::load_directory("./assets");
}
