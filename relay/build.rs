//! Makes sure that the folder of the page is there, so that a relay can be built before its page.

fn main() {
    println!("cargo::rerun-if-changed=../target/page");
    if !std::path::Path::new("../target/page/index.html").exists() {
        println!(
            "cargo::warning=target/page is empty: this relay will have no page; `./justw build` makes both"
        );
        let _ = std::fs::create_dir_all("../target/page");
    }
}
