//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Addresses that are moved at the start take two megabytes of the program otherwise, all of them read then.
    let target = |part| std::env::var(part).unwrap_or_default();
    if target("CARGO_CFG_TARGET_OS") == "linux" && target("CARGO_CFG_TARGET_ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
