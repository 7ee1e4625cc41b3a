//! What is on the screen, taken along: as a picture and as a film.

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use tests::{
    chromium::{Chromium, Element, Tab},
    film,
    page::{CODEC_ERROR, Page},
    picture::Picture,
    relay::Relay,
    wait::wait_until,
};

/// Answers the question where to save with a file that the page keeps for itself: headless Chromium asks nobody.
const CHOOSES_A_FILE: &str = "window.showSaveFilePicker = async (options) => {
    window.proposed = options.suggestedName;
    const folder = await navigator.storage.getDirectory();
    return folder.getFileHandle('film.mp4', { create: true });
}";

const CHOOSES_NO_FILE: &str =
    "window.showSaveFilePicker = async () => { throw new DOMException('', 'AbortError'); }";

const CANNOT_CHOOSE_A_FILE: &str = "delete window.showSaveFilePicker";

#[tokio::test]
async fn a_recording_is_a_film_of_the_stream() -> Result<()> {
    let (relay, account) = Relay::demo_of_size("640x400").await?;
    relay.sim.time_code("still", 30).await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.inject(CHOOSES_A_FILE).await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;

    page.open_tool("Record").await?;
    records_for(&page, 3).await?;
    let drawn = relay.sim.picture().await?;
    page.open_tool("Record").await?;
    page.reads("The recording is saved as").await?;
    let proposed = page.tab.evaluate("window.proposed").await?;
    let proposed = proposed.as_str().context("a name")?;
    assert!(
        proposed.starts_with("Armchair PC 20") && proposed.ends_with(".mp4"),
        "{proposed}"
    );

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("film.mp4");
    std::fs::write(&file, own_file(&page.tab, "film.mp4").await?)?;
    let about = film::probe(&file).await?;
    let stream = &about["streams"][0];
    assert_eq!(stream["codec_name"], "h264");
    assert_eq!(
        (&stream["width"], &stream["height"]),
        (&json!(640), &json!(400))
    );
    assert_eq!(
        stream["nb_frames"], stream["nb_read_frames"],
        "all samples decode"
    );
    let seconds: f64 = about["format"]["duration"]
        .as_str()
        .context("a duration")?
        .parse()?;
    ensure!((3.0..20.0).contains(&seconds), "{seconds} s");

    let (frames, pictures) = (film::frames(&file).await?, film::pictures(&file).await?);
    assert_eq!(frames.len(), pictures.len());
    assert!(frames[0].key && frames[0].shown_s == 0.0, "{:?}", frames[0]);
    stand_where_they_were_drawn(&frames, &pictures)?;
    let last = pictures.last().context("a picture")?;
    let error = last.mean_error(&drawn)?;
    assert!(
        error.iter().all(|channel| *channel < CODEC_ERROR),
        "{error:?}"
    );
    chromium.end().await
}

/// The frames say themselves when they were drawn; their places in the film must agree, but for the time between
/// drawing and capture. One picture may come twice: as a key frame for a viewer, or sharper.
fn stand_where_they_were_drawn(frames: &[film::Frame], pictures: &[Picture]) -> Result<()> {
    let codes: Vec<_> = pictures
        .iter()
        .map(Picture::time_code)
        .collect::<Option<_>>()
        .context("time codes")?;
    ensure!(codes.len() >= 20, "{} frames in 3 s", codes.len());
    let off = codes.iter().zip(frames).map(|(code, frame)| {
        let drawn_s = (code.drawn_us - codes[0].drawn_us) as f64 / 1e6;
        frame.shown_s - drawn_s
    });
    let mut off: Vec<f64> = off.collect();
    assert!(
        codes
            .windows(2)
            .all(|pair| pair[0].number <= pair[1].number),
        "{codes:?}"
    );
    off.sort_by(f64::total_cmp);
    let median = off[off.len() / 2];
    let near = off
        .iter()
        .filter(|off| (**off - median).abs() < 0.05)
        .count();
    ensure!(near * 10 >= off.len() * 9, "off by {off:?} s");
    Ok(())
}

#[tokio::test]
async fn a_recording_goes_on_when_the_pictures_size_changes() -> Result<()> {
    let (relay, account) = Relay::demo_of_size("640x400").await?;
    relay.sim.time_code("motion", 20).await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.inject(CANNOT_CHOOSE_A_FILE).await?;
    let folder = tempfile::tempdir()?;
    page.tab.downloads_to(folder.path()).await?;
    page.tab.go(&account.base).await?;
    page.tab.element("application", "Remote screen").await?;
    page.reads("640 × 400").await?;

    page.open_tool("Record").await?;
    records_for(&page, 1).await?;
    relay.sim.screen(&json!({ "size": "800x600" })).await?;
    page.reads("800 × 600").await?;
    relay.sim.screen(&json!({ "size": "640x400" })).await?;
    page.reads("640 × 400").await?;
    page.open_tool("Record").await?;
    page.reads("The recording is saved as").await?;

    let file = page.tab.downloaded("mp4").await?;
    let frames = film::frames(&file).await?;
    let mut sizes: Vec<_> = frames
        .iter()
        .map(|frame| (frame.width, frame.height))
        .collect();
    sizes.dedup();
    assert_eq!(sizes, [(640, 400), (800, 600), (640, 400)]);
    assert!(
        frames
            .windows(2)
            .all(|pair| pair[0].shown_s < pair[1].shown_s)
    );
    let about = film::probe(&file).await?;
    assert_eq!(
        about["streams"][0]["nb_frames"],
        about["streams"][0]["nb_read_frames"]
    );
    chromium.end().await
}

#[tokio::test]
async fn who_chooses_no_file_records_nothing() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.inject(CHOOSES_NO_FILE).await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    page.open_tool("Record").await?;
    wait_until("it records nothing", async || Ok(!records(&page).await?)).await?;
    assert!(page.tab.find("timer", "Recording time").await?.is_none());
    chromium.end().await
}

#[tokio::test]
async fn a_screenshot_is_the_whole_picture_in_a_file_and_on_the_clipboard() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    relay.sim.screen(&json!({ "pattern": "colours" })).await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    let folder = tempfile::tempdir()?;
    page.tab.downloads_to(folder.path()).await?;
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    page.tab
        .call("Browser.grantPermissions", permissions)
        .await?;
    page.tab.viewport(390, 844, 1.0).await?;

    page.open_tool("Screenshot").await?;
    page.reads("and copied").await?;
    let file = page.tab.downloaded("png").await?;
    let name = file
        .file_name()
        .context("a name")?
        .to_string_lossy()
        .into_owned();
    assert!(name.starts_with("Armchair PC 20"), "{name}");
    let copied = page.tab.evaluate(
        "(async () => {
            const [item] = await navigator.clipboard.read();
            const bytes = new Uint8Array(await (await item.getType('image/png')).arrayBuffer());
            let text = '';
            for (let at = 0; at < bytes.length; at += 32768)
                text += String.fromCharCode(...bytes.subarray(at, at + 32768));
            return btoa(text);
        })()",
    );
    let copied = BASE64_STANDARD.decode(copied.await?.as_str().context("a picture")?)?;
    let drawn = relay.sim.picture().await?;
    for png in [std::fs::read(file)?, copied] {
        let error = Picture::from_png(&png)?.mean_error(&drawn)?;
        assert!(
            error.iter().all(|channel| *channel < CODEC_ERROR),
            "{error:?}"
        );
    }
    chromium.end().await
}

#[tokio::test]
async fn without_a_picture_there_is_nothing_to_take_along() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    for (fault, off) in [("no_cable", true), ("none", false)] {
        relay.sim.fault(fault).await?;
        for tool in ["Screenshot", "Record"] {
            wait_until(&format!("{tool} is off: {off}"), async || {
                let button = page.tab.element("button", tool).await?;
                Ok(page.tab.of(&button, "this.disabled").await? == off)
            })
            .await?;
        }
    }
    chromium.end().await
}

async fn records(page: &Page) -> Result<bool> {
    let button: Element = page.tab.element("button", "Record").await?;
    Ok(page.tab.of(&button, "this.ariaPressed").await? == "true")
}

async fn records_for(page: &Page, seconds: u32) -> Result<()> {
    wait_until(&format!("{seconds} s are recorded"), async || {
        let Some(timer) = page.tab.find("timer", "Recording time").await? else {
            return Ok(false);
        };
        let shown = page.tab.text(&timer).await?;
        let told = shown
            .rsplit(':')
            .next()
            .and_then(|told| told.trim().parse().ok());
        Ok(told.is_some_and(|told: u32| told >= seconds))
    })
    .await?;
    ensure!(records(page).await?, "the button says so");
    Ok(())
}

async fn own_file(tab: &Tab, name: &str) -> Result<Vec<u8>> {
    let script = format!(
        "(async () => {{
            const folder = await navigator.storage.getDirectory();
            const file = await (await folder.getFileHandle('{name}')).getFile();
            const bytes = new Uint8Array(await file.arrayBuffer());
            let text = '';
            for (let at = 0; at < bytes.length; at += 32768)
                text += String.fromCharCode(...bytes.subarray(at, at + 32768));
            return btoa(text);
        }})()"
    );
    let text = tab.evaluate(&script).await?;
    Ok(BASE64_STANDARD.decode(text.as_str().context("bytes")?)?)
}
