//! However the picture is shown, what is under the pointer is what is hit.

use anyhow::{Context, Result};
use tests::{chromium::Chromium, page::Page, relay::Relay, sim::Sim, wait::wait_until};

async fn points_where_it_hits(page: &Page, sim: &Sim) -> Result<()> {
    let sight = page.in_sight().await?;
    for (across, down) in [(0.5, 0.5), (0.25, 0.3), (0.8, 0.6), (0.4, 0.75)] {
        let x = (sight.x + across * sight.width).round();
        let y = (sight.y + down * sight.height).round();
        page.tab.move_to(x, y).await?;
        let (column, row) = page.pixel_at(x, y).await?;
        let near = |at: i32, wanted: f64| (f64::from(at) + 0.5 - wanted).abs() <= 1.0;
        let what = format!("the pointer at {column}, {row} for {x}, {y}");
        sim.state_where(&what, |state| {
            near(state.pointer.x, column) && near(state.pointer.y, row)
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_pointer_is_exact_however_the_picture_is_shown() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.click_the_screen().await?;
    page.open_tool("View").await?;
    page.tab.element("group", "View").await?;
    for (width, height, ratio) in [(1440, 900, 1.0), (820, 1180, 2.0), (390, 844, 3.0)] {
        page.tab.viewport(width, height, ratio).await?;
        for change in [
            "Fit", "Fill", "Zoom in", "Rotate", "100 %", "Zoom out", "Rotate", "Fit", "Rotate",
            "Zoom in", "Rotate",
        ] {
            page.tab.click("button", change).await?;
            points_where_it_hits(&page, &relay.sim)
                .await
                .with_context(|| format!("after {change} on {width}x{height} at {ratio}"))?;
        }
    }
    chromium.end().await
}

#[tokio::test]
async fn fit_shows_all_fill_leaves_no_bars_and_a_hundred_percent_is_pixel_for_pixel() -> Result<()>
{
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.viewport(820, 1180, 2.0).await?;
    page.open_tool("View").await?;
    let shape = async || -> Result<(f64, f64, f64, f64)> {
        let boxes = "(() => {
            const canvas = document.querySelector('canvas');
            const [a, b] = [canvas, canvas.parentElement].map((element) => element.getBoundingClientRect());
            return [a.width, a.height, b.width, b.height];
        })()";
        Ok(serde_json::from_value(page.tab.evaluate(boxes).await?)?)
    };
    let (columns, rows) = {
        let picture = page.picture().await?;
        (picture.width as f64, picture.height as f64)
    };
    let near = |a: f64, b: f64| (a - b).abs() < 0.5;
    let shows = async |name: &str, what: &dyn Fn(f64, f64, f64, f64) -> bool| {
        page.tab.click("button", name).await?;
        let mut seen = (0.0, 0.0, 0.0, 0.0);
        let wait = wait_until(name, async || {
            seen = shape().await?;
            Ok(what(seen.0, seen.1, seen.2, seen.3))
        });
        let wait = wait.await;
        wait.with_context(|| format!("{seen:?}"))
    };
    shows("Fill", &|width, height, room_x, room_y| {
        width >= room_x - 0.5 && near(height, room_y)
    })
    .await?;
    shows("100 %", &|width, height, _, _| {
        near(width, columns / 2.0) && near(height, rows / 2.0)
    })
    .await?;
    shows("Fit", &|width, height, room_x, room_y| {
        near(width, room_x) && height <= room_y
    })
    .await?;
    shows("Rotate", &|width, height, room_x, room_y| {
        width <= room_x + 0.5 && near(height, room_y) && near(height * rows, width * columns)
    })
    .await?;
    page.tab.key_down("Escape").await?;
    page.tab.key_up("Escape").await?;
    wait_until("the controls of the view are put away", async || {
        Ok(page.tab.find("group", "View").await?.is_none())
    })
    .await?;
    chromium.end().await
}

#[tokio::test]
async fn which_way_up_the_picture_is_stays_with_the_device() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    let turn = async || -> Result<(f64, f64)> {
        let picture = page.screen().await?;
        let way = "(() => {
            const { a, b } = new DOMMatrix(getComputedStyle(this).transform);
            return [Math.sign(Math.round(a * 100)), Math.sign(Math.round(b * 100))];
        })()";
        Ok(serde_json::from_value(page.tab.of(&picture, way).await?)?)
    };
    assert_eq!(turn().await?, (1.0, 0.0));
    page.open_tool("View").await?;
    page.tab.click("button", "Rotate").await?;
    page.tab.click("button", "Zoom in").await?;
    wait_until("a quarter turn", async || Ok(turn().await? == (0.0, 1.0))).await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    wait_until("still a quarter turn", async || {
        Ok(turn().await? == (0.0, 1.0))
    })
    .await?;
    page.open_tool("View").await?;
    let fit = page.tab.element("button", "Fit").await?;
    assert_eq!(page.tab.of(&fit, "this.ariaPressed").await?, "true");
    page.click_the_screen().await?;
    points_where_it_hits(&page, &relay.sim).await?;
    chromium.end().await
}
