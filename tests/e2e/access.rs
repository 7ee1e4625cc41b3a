//! Everybody can use the page: by keyboard, with a screen reader, with a finger, in any light.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::{
    chromium::{Chromium, Tab},
    page::{MACHINES, PANELS, Page},
    relay::Relay,
    wait::wait_until,
};

const FAULTS: [(&str, &str); 6] = [
    ("no_cable", "No video cable"),
    ("no_signal", "No signal"),
    ("no_lock", "The signal cannot be held"),
    ("out_of_range", "The picture is too large or too fast"),
    ("device_gone", "The capture device is not there"),
    ("usb_gone", "The machine does not listen"),
];

/// How the page is looked at.
#[derive(Clone, Copy, Debug)]
struct Look {
    scheme: &'static str,
    phone: bool,
}

const LOOKS: [Look; 4] = [
    Look {
        scheme: "dark",
        phone: false,
    },
    Look {
        scheme: "light",
        phone: false,
    },
    Look {
        scheme: "dark",
        phone: true,
    },
    Look {
        scheme: "light",
        phone: true,
    },
];

#[tokio::test]
async fn axe_finds_nothing_on_the_console_and_its_panels() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let greeting = json!({
        "format": "armchair-macro/1",
        "name": "Greet",
        "variables": [{ "name": "who", "label": "Whom", "secret": true }],
        "steps": [{ "do": "text", "text": "echo {{who}}\n", "layout": "en-us" }],
    });
    account.post("api/v1/macros", &greeting).await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    for look in LOOKS {
        look_like(&page.tab, look).await?;
        page.tab.go(&account.base).await?;
        page.shows_the_screen_of(&relay.sim).await?;
        has_no_violation(&page.tab, "console", look).await?;
        for panel in PANELS.into_iter().chain([MACHINES]) {
            page.open_tool(panel).await?;
            page.tab.element("dialog", panel).await?;
            has_no_violation(&page.tab, panel, look).await?;
            for tab in page.tab.all("tab", None).await? {
                page.tab.of(&tab, "this.click()").await?;
                has_no_violation(&page.tab, panel, look).await?;
            }
            page.tab.click("button", "Close").await?;
        }
        page.open_tool("Drives").await?;
        page.tab.click("button", "New disk from files").await?;
        page.tab.element("spinbutton", "Size in MB").await?;
        has_no_violation(&page.tab, "a new disk", look).await?;
        page.tab.click("button", "Cancel").await?;
        page.tab.click("button", "Close").await?;
        page.open_tool("Power").await?;
        page.tab.click("button", "Hold power").await?;
        page.tab.element("image", "On the screen now").await?;
        has_no_violation(&page.tab, "a question", look).await?;
        page.tab.click("button", "Cancel").await?;
        page.tab.click("button", "Close").await?;
        page.open_tool("Macros").await?;
        page.tab.click("button", "Run").await?;
        page.tab.element("textbox", "Whom").await?;
        has_no_violation(&page.tab, "what a macro asks for", look).await?;
        page.tab.click("button", "Cancel").await?;
        page.tab.click("button", "Edit").await?;
        page.tab.click("button", "Add step").await?;
        page.tab.element("spinbutton", "Held for (ms)").await?;
        has_no_violation(&page.tab, "the macro editor", look).await?;
        page.tab.click("button", "Cancel").await?;
        page.tab.click("button", "Close").await?;
        for tool in ["View", "Keyboard"] {
            page.open_tool(tool).await?;
            has_no_violation(&page.tab, tool, look).await?;
            page.open_tool(tool).await?;
        }
        page.tab
            .evaluate("document.querySelector('.machine').click()")
            .await?;
        page.reads("Sign out").await?;
        has_no_violation(&page.tab, "the machine's menu", look).await?;
        page.tab
            .evaluate("document.querySelector('.machine').click()")
            .await?;
        if page.tab.find("button", "More").await?.is_some() {
            page.tab.click("button", "More").await?;
            has_no_violation(&page.tab, "More", look).await?;
        }
    }
    chromium.end().await
}

#[tokio::test]
async fn axe_finds_nothing_where_there_is_no_picture() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let account = relay.claimed().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    for (fault, words) in FAULTS {
        relay.sim.fault(fault).await?;
        page.reads(words).await?;
        for look in LOOKS {
            look_like(&page.tab, look).await?;
            has_no_violation(&page.tab, words, look).await?;
        }
        relay.sim.fault("none").await?;
        page.reads_no_more(words).await?;
    }
    relay.kill().await?;
    page.reads("The link to the relay is lost").await?;
    for look in LOOKS {
        look_like(&page.tab, look).await?;
        has_no_violation(&page.tab, "a lost link", look).await?;
    }
    page.tab.go(&account.base).await?;
    page.reads("does not answer").await?;
    for look in LOOKS {
        look_like(&page.tab, look).await?;
        has_no_violation(&page.tab, "the page without its relay", look).await?;
    }
    chromium.end().await
}

#[tokio::test]
async fn axe_finds_nothing_on_the_way_in() -> Result<()> {
    let mut relay = Relay::serve().await?;
    let chromium = Chromium::start().await?;
    let page = Page::visit(&chromium, &relay).await?;
    for step in ["Claim this relay", "Sign in"] {
        page.tab.element("button", step).await?;
        for look in LOOKS {
            look_like(&page.tab, look).await?;
            has_no_violation(&page.tab, step, look).await?;
        }
        if step == "Claim this relay" {
            relay.claimed().await?;
            page.tab.go(&relay.url).await?;
        }
    }
    page.tab.fill("Name", "ada").await?;
    page.tab.fill("Password", "not the password").await?;
    page.tab.click("button", "Sign in").await?;
    page.alert().await?;
    for look in LOOKS {
        look_like(&page.tab, look).await?;
        has_no_violation(&page.tab, "a refusal", look).await?;
    }
    chromium.end().await
}

#[tokio::test]
async fn a_finger_finds_every_control() -> Result<()> {
    let (relay, account) = Relay::rack().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    look_like(&page.tab, LOOKS[2]).await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    for (width, height) in [(390, 844), (844, 390), (820, 1180)] {
        page.tab.viewport(width, height, 1.0).await?;
        is_large_enough(&page.tab, "the console").await?;
        for panel in PANELS.into_iter().chain([MACHINES]) {
            page.open_tool(panel).await?;
            page.tab.element("dialog", panel).await?;
            is_large_enough(&page.tab, panel).await?;
            for tab in page.tab.all("tab", None).await? {
                page.tab.of(&tab, "this.click()").await?;
                is_large_enough(&page.tab, panel).await?;
            }
            page.tab.click("button", "Close").await?;
        }
        if page.tab.find("button", "More").await?.is_some() {
            page.tab.click("button", "More").await?;
            is_large_enough(&page.tab, "More").await?;
            page.tab
                .evaluate("document.querySelector('#more-tools').hidePopover()")
                .await?;
        }
        page.open_tool("Keyboard").await?;
        keys_are_large_enough(&page.tab).await?;
        page.tab.click("button", "Close the keyboard").await?;
    }
    chromium.end().await
}

/// Of the on-screen keyboard only the keys may be narrower than a finger, as ten of them stand side by side on a phone.
async fn keys_are_large_enough(tab: &Tab) -> Result<()> {
    let pages = "[...document.querySelectorAll('.pages button')]";
    let count = tab.evaluate(&format!("{pages}.length")).await?;
    for shown in 0..count.as_u64().context("a number")? {
        tab.evaluate(&format!("{pages}[{shown}].click()")).await?;
        let small = tab
            .evaluate(
                "[...document.querySelectorAll('.keyboard button, .keyboard select')]
                    .filter((control) => control.checkVisibility({ visibilityProperty: true }))
                    .map((control) => {
                        const { width, height } = control.getBoundingClientRect();
                        const narrowest = control.matches('.key') ? 38 : 44;
                        return { name: control.ariaLabel, width, height, narrowest };
                    })
                    .filter(({ width, height, narrowest }) => width < narrowest - 0.1 || height < 43.9)",
            )
            .await?;
        ensure!(small == Value::Array(Vec::new()), "page {shown}: {small}");
    }
    Ok(())
}

#[tokio::test]
async fn every_control_is_reached_and_worked_by_keyboard() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::open(&chromium, &account, &relay.sim).await?;
    page.tab.viewport(1440, 900, 1.0).await?;
    page.click_the_screen().await?;
    for code in ["ControlLeft", "AltLeft", "ShiftLeft"] {
        page.tab.key_down(code).await?;
    }
    for code in ["ShiftLeft", "AltLeft", "ControlLeft"] {
        page.tab.key_up(code).await?;
    }
    wait_until("the keyboard is the page's", async || {
        Ok(focused(&page.tab).await? != "Remote screen")
    })
    .await?;
    relay
        .sim
        .state_where("nothing is down", |state| state.keys_down.is_empty())
        .await?;
    let reports = relay.sim.state().await?.reports;

    let all = format!(
        "[...document.querySelectorAll('header button')]
            .filter((button) => button.checkVisibility() && !button.disabled).map({NAME})"
    );
    let mut missing: BTreeSet<String> = serde_json::from_value(page.tab.evaluate(&all).await?)?;
    ensure!(missing.len() > 6, "{missing:?}");
    for _ in 0..40 {
        let name = focused(&page.tab).await?;
        missing.remove(&name);
        is_seen_to_have_the_focus(&page.tab, &name).await?;
        if page
            .tab
            .evaluate("document.querySelector('.machine') === document.activeElement")
            .await?
            == true
        {
            break;
        }
        tab_key(&page.tab, true).await?;
    }
    while focused(&page.tab).await? != "Remote screen" && !missing.is_empty() {
        missing.remove(&focused(&page.tab).await?);
        tab_key(&page.tab, false).await?;
    }
    assert!(missing.is_empty(), "not reached: {missing:?}");

    for panel in PANELS {
        let button = page.tab.element("button", panel).await?;
        page.tab.of(&button, "this.focus()").await?;
        press(&page.tab, "Space").await?;
        page.tab.element("dialog", panel).await?;
        wait_until("the panel has the focus", async || {
            let within = "document.activeElement.closest('[role=dialog]')?.ariaLabel";
            Ok(page.tab.evaluate(within).await? == panel)
        })
        .await?;
        press(&page.tab, "Escape").await?;
        wait_until("the panel is closed", async || {
            Ok(page.tab.find("dialog", panel).await?.is_none())
        })
        .await?;
        wait_until("the machine has the keyboard again", async || {
            Ok(focused(&page.tab).await? == "Remote screen")
        })
        .await?;
    }
    let typed = relay.sim.reports(reports).await?;
    let typed: Vec<_> = typed
        .iter()
        .filter(|report| report.interface == "keyboard")
        .collect();
    assert!(
        typed.is_empty(),
        "keys of the page's reached the machine: {typed:?}"
    );
    chromium.end().await
}

#[tokio::test]
async fn nothing_moves_for_whoever_wants_no_motion() -> Result<()> {
    let (relay, account) = Relay::demo().await?;
    let chromium = Chromium::start().await?;
    let page = Page::prepare(&chromium, &account).await?;
    page.tab.without_motion().await?;
    page.tab.go(&account.base).await?;
    page.shows_the_screen_of(&relay.sim).await?;
    for panel in PANELS {
        page.open_tool(panel).await?;
        page.tab.element("dialog", panel).await?;
        let moving = "document.getAnimations()
            .filter((one) => one.effect.getKeyframes().some((frame) => 'translate' in frame || 'transform' in frame))
            .filter((one) => one.effect.getComputedTiming().duration > 0).length";
        assert_eq!(page.tab.evaluate(moving).await?, 0, "{panel}");
    }
    chromium.end().await
}

/// The accessible name of an element, as far as the page's own controls need it.
const NAME: &str = "(element) => element.ariaLabel ?? element.innerText.trim()";

async fn focused(tab: &Tab) -> Result<String> {
    let name = tab
        .evaluate(&format!("({NAME})(document.activeElement)"))
        .await?;
    Ok(name.as_str().unwrap_or_default().to_owned())
}

async fn is_seen_to_have_the_focus(tab: &Tab, name: &str) -> Result<()> {
    let outline = tab
        .evaluate(
            "(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1)
                (getComputedStyle(document.activeElement))",
        )
        .await?;
    ensure!(outline == true, "{name:?} does not show its focus");
    Ok(())
}

async fn tab_key(tab: &Tab, back: bool) -> Result<()> {
    let modifiers = if back { 8 } else { 0 };
    for kind in ["rawKeyDown", "keyUp"] {
        let key = json!({
            "type": kind, "code": "Tab", "key": "Tab", "windowsVirtualKeyCode": 9, "modifiers": modifiers,
        });
        tab.call("Input.dispatchKeyEvent", key).await?;
    }
    Ok(())
}

async fn press(tab: &Tab, code: &str) -> Result<()> {
    tab.key_down(code).await?;
    tab.key_up(code).await
}

async fn look_like(tab: &Tab, look: Look) -> Result<()> {
    let features = json!([
        { "name": "prefers-color-scheme", "value": look.scheme },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    tab.call(
        "Emulation.setEmulatedMedia",
        json!({ "features": features }),
    )
    .await?;
    let touch = json!({ "enabled": look.phone, "maxTouchPoints": if look.phone { 5 } else { 1 } });
    tab.call("Emulation.setTouchEmulationEnabled", touch)
        .await?;
    let (width, height) = if look.phone { (390, 844) } else { (1440, 900) };
    tab.viewport(width, height, 1.0).await?;
    let coarse = tab
        .evaluate("matchMedia('(pointer: coarse)').matches")
        .await?;
    ensure!(
        coarse == look.phone,
        "{look:?}: a coarse pointer is {coarse}"
    );
    Ok(())
}

/// What fades is let fade first. Keys wear short legends ("PgUp") and are named in full, so one rule is off.
async fn has_no_violation(tab: &Tab, what: &str, look: Look) -> Result<()> {
    if tab.evaluate("typeof window.axe").await? == "undefined" {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../node_modules/axe-core/axe.min.js");
        let script = std::fs::read_to_string(&script)
            .with_context(|| format!("{} is missing; `npm ci` installs it", script.display()))?;
        tab.call("Runtime.evaluate", json!({ "expression": script }))
            .await?;
    }
    let found = tab
        .evaluate(
            "document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations < 9).forEach((one) => one.finish()),
            axe.run(document, {
                resultTypes: ['violations', 'passes'],
                rules: { 'label-content-name-mismatch': { enabled: false } },
            }).then(({ violations, passes }) => ({
                passed: passes.length,
                violations: violations.map(({ id, nodes }) => ({
                    id,
                    nodes: nodes.map(({ target, any, all, none }) =>
                        `${target.join(' ')}: ${[...any, ...all, ...none].map(({ message }) => message)}`),
                })),
            }))",
        )
        .await?;
    ensure!(
        found["passed"].as_u64() > Some(5),
        "axe looked at something: {found}"
    );
    ensure!(
        found["violations"] == json!([]),
        "{what} in {look:?}: {:#}",
        found["violations"]
    );
    Ok(())
}

/// Each control is at least 44 CSS pixels wide and high, with the label that works it.
async fn is_large_enough(tab: &Tab, what: &str) -> Result<()> {
    let small = tab
        .evaluate(
            "[...document.querySelectorAll('button, select, input, textarea, a[href], [role=tab]')]
                .filter((control) => control.checkVisibility({ visibilityProperty: true }))
                .map((control) => {
                    const { width, height } = (control.closest('label') ?? control).getBoundingClientRect();
                    return { name: control.ariaLabel ?? control.innerText, width, height };
                })
                .filter(({ width, height }) => width > 1 && (width < 43.9 || height < 43.9))",
        )
        .await?;
    ensure!(small == Value::Array(Vec::new()), "{what}: {small}");
    Ok(())
}
