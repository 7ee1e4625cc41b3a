//! A recorded file, as ffmpeg's own programs see it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::picture::Picture;

/// What ffprobe says of the first video stream, with its frames counted, and of the file.
///
/// # Errors
/// Where ffprobe is missing, or says that anything is wrong with the file.
pub async fn probe(file: &Path) -> Result<Value> {
    let fields = ["-show_streams", "-show_format", "-count_frames"];
    let json = run(Command::new("ffprobe")
        .args(["-v", "warning", "-of", "json"])
        .args(fields)
        .arg(file))
    .await?;
    Ok(serde_json::from_slice(&json)?)
}

/// When each frame is shown, in seconds, with its size and whether a decoder can start at it.
///
/// # Errors
/// As [`probe`].
pub async fn frames(file: &Path) -> Result<Vec<Frame>> {
    let entries = "frame=pts_time,width,height,key_frame";
    let mut command = Command::new("ffprobe");
    command.args(["-v", "warning", "-of", "json", "-select_streams", "v"]);
    let json = run(command.args(["-show_entries", entries]).arg(file)).await?;
    let mut shown: Value = serde_json::from_slice(&json)?;
    let frames = shown["frames"].as_array_mut().context("frames")?;
    frames.iter().map(Frame::of).collect()
}

/// A frame of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// In seconds from the beginning.
    pub shown_s: f64,
    /// In pixels.
    pub width: u64,
    /// In pixels.
    pub height: u64,
    /// Whether a decoder can start here.
    pub key: bool,
}

impl Frame {
    fn of(json: &Value) -> Result<Self> {
        Ok(Self {
            shown_s: json["pts_time"].as_str().context("a time")?.parse()?,
            width: json["width"].as_u64().context("a width")?,
            height: json["height"].as_u64().context("a height")?,
            key: json["key_frame"] == 1,
        })
    }
}

/// Every frame of a file as ffmpeg decodes it, all of the size of the first one.
///
/// # Errors
/// Where ffmpeg is missing, or says that anything is wrong with the file.
pub async fn pictures(file: &Path) -> Result<Vec<Picture>> {
    let first = *frames(file).await?.first().context("a frame")?;
    let (width, height) = (first.width as usize, first.height as usize);
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "warning", "-i"]).arg(file);
    command.args([
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "-1",
        "-pix_fmt",
        "rgb24",
        "-f",
        "rawvideo",
        "-",
    ]);
    let all = run(&mut command).await?;
    let pictures = all.chunks_exact(width * height * 3).map(|rgb| Picture {
        width,
        height,
        rgb: rgb.to_vec(),
    });
    Ok(pictures.collect())
}

async fn run(command: &mut Command) -> Result<Vec<u8>> {
    let program = command.as_std().get_program().to_os_string();
    let output = command.output().await;
    let output = output.with_context(|| format!("{} is missing", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success() && said.is_empty(),
        "{}: {said}",
        program.display()
    );
    Ok(output.stdout)
}
