//! The command line.

use anyhow::Result;
use tests::relay::Process;

#[tokio::test]
async fn unusable_settings_are_named_on_one_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("armchair.toml");
    let there = folder.path().join("state");
    for (settings, names) in [
        ("lisen = \"127.0.0.1:0\"".to_owned(), "lisen"),
        ("listen = 8443".to_owned(), "armchair.toml:1"),
        (
            "machine = \"one\"\nlisten = \"nowhere\"".to_owned(),
            "armchair.toml:2",
        ),
        ("[video]\nframe_rate = 100".to_owned(), "frame_rate"),
        (
            "[video]\nframe_rate = \"fast\"".to_owned(),
            "armchair.toml:2",
        ),
        ("= nothing".to_owned(), "armchair.toml:1"),
        (
            format!(
                "state = {there:?}\nlisten = \"127.0.0.1:0\"\n[video]\ndevice = \"/dev/not-there\""
            ),
            "/dev/not-there",
        ),
    ] {
        std::fs::write(&file, &settings)?;
        let arguments = ["serve", "--config", &file.to_string_lossy()];
        let mut process = Process::start(&arguments)?;
        let status = process.ended().await?;
        let says = process.logged();
        assert_eq!(status.code(), Some(2), "{settings}: {says}");
        assert!(says.contains(names), "{settings}: {says}");
        assert_eq!(says.trim().lines().count(), 1, "{settings}: {says}");
    }
    Ok(())
}

#[tokio::test]
async fn unusable_arguments_are_refused() -> Result<()> {
    for arguments in [
        &["demo", "--size", "huge"][..],
        &["serve", "--config", "/not/there.toml"],
        &["demo", "--sim-control", "0.0.0.0:0"],
        &["dance"],
    ] {
        let mut process = Process::start(arguments)?;
        assert_eq!(process.ended().await?.code(), Some(2), "{arguments:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_doctor_names_each_check() -> Result<()> {
    let mut process = Process::start(&["doctor"])?;
    process.ended().await?;
    let printed = process.printed();
    assert!(printed.lines().count() >= 5, "{printed}");
    for line in printed.lines() {
        let verdict = line.split_whitespace().next().unwrap_or_default();
        assert!(["ok", "warn", "fail"].contains(&verdict), "{line}");
    }
    Ok(())
}
