//! The figures: how long things take, and what they cost. Nothing fails for being slow.
//!
//! Prints them, and writes them to `target/bench/*.json`. Arguments choose groups by name.

use anyhow::Result;

mod cost;
mod encode;
mod figures;
mod held;
mod in_place;
mod input;
mod layouts;
mod media;
mod page;
mod typing;
mod video;

use figures::Figures;

#[tokio::main]
async fn main() -> Result<()> {
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|group| group == name);
    if is_chosen("video") {
        video::measure(&mut Figures::new("video")).await?;
    }
    if is_chosen("input") {
        input::measure(&mut Figures::new("input")).await?;
    }
    if is_chosen("typing") {
        typing::measure(&mut Figures::new("typing")).await?;
    }
    if is_chosen("layouts") {
        layouts::measure(&mut Figures::new("layouts"))?;
    }
    if is_chosen("encode") {
        encode::measure(&mut Figures::new("encode")).await?;
    }
    if is_chosen("cost") {
        cost::measure(&mut Figures::new("cost")).await?;
    }
    if is_chosen("media") {
        let mut figures = Figures::new("media");
        media::measure(&mut figures).await?;
        in_place::measure(&mut figures).await?;
    }
    if is_chosen("held") {
        held::measure(&mut Figures::new("held")).await?;
    }
    if is_chosen("page") {
        page::measure(&mut Figures::new("page")).await?;
    }
    Ok(())
}
