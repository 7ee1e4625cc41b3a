//! `images/{id}/files`: what stands on an image, one file of it, or a ZIP archive.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderName, StatusCode, header},
};
use futures_util::stream;
use serde::Deserialize;
use shared::media::{FileEntry, Files as Listing, Image};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    App,
    api::Operator,
    images::{attachment, known},
    problem::Problem,
};
use crate::{
    audit::Event,
    media::{
        file::FileBlocks,
        library::LibraryError,
        volume::{
            Files,
            tree::{self, Item},
            zip as archive,
        },
    },
    store::StoreError,
};

/// How much is on its way to a client at a time: parts of so many bytes, and how many of them.
const STEP: usize = 256 * 1024;
const PARTS_MAX: usize = 4;

/// Which file or folder is meant.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wanted {
    /// Names with `/` between them; nothing is the root.
    path: String,
}

type Asked = Result<Query<Wanted>, QueryRejection>;
type Id = Result<Path<u32>, PathRejection>;
type Answer = ([(HeaderName, String); 3], Body);

/// `GET images/{id}/files?path=`: what is in a folder.
pub async fn list(
    State(app): State<App>,
    _: Operator,
    id: Id,
    wanted: Asked,
) -> Result<Json<Listing>, Problem> {
    let path = path_of(wanted)?;
    let (_, _, items) = look(&app, id, path, |files, found| {
        let folder = folder(found)?;
        Ok(tree::items(files, folder.as_ref().map(|item| &item.entry))?)
    })
    .await?;
    let mut entries: Vec<FileEntry> = items.into_iter().map(told).collect();
    entries.sort_by_cached_key(|entry| (!entry.folder, entry.name.to_lowercase()));
    Ok(Json(Listing { entries }))
}

/// `GET images/{id}/files/content?path=`: a file.
pub async fn content(
    State(app): State<App>,
    Operator(session): Operator,
    id: Id,
    wanted: Asked,
) -> Result<Answer, Problem> {
    let path = path_of(wanted)?;
    let (image, blocks, item) = look(&app, id, path.clone(), |files, found| {
        let item = found.filter(|item| !item.entry.is_folder);
        let item = item.ok_or(Trouble::NoFile)?;
        files.check(&item.entry)?;
        Ok(item)
    })
    .await?;
    app.record(&session, &downloaded(image.name, path));
    let (name, bytes) = (item.name.clone(), item.entry.bytes);
    let body = streamed(move |out| {
        let Some(files) = Files::of(&blocks)? else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let mut content = files.content(&item.entry);
        loop {
            match content.next(STEP)? {
                part if part.is_empty() => return Ok(()),
                part => out.write_all(&part)?,
            }
        }
    });
    Ok((about("application/octet-stream", &name, bytes), body))
}

/// `GET images/{id}/files.zip?path=`: all that is in a folder and below.
pub async fn zip(
    State(app): State<App>,
    Operator(session): Operator,
    id: Id,
    wanted: Asked,
) -> Result<Answer, Problem> {
    let path = path_of(wanted)?;
    let (image, blocks, (folder, items)) = look(&app, id, path.clone(), |files, found| {
        let folder = folder(found)?;
        let items = tree::walk(files, folder.as_ref().map(|item| &item.entry))?;
        Ok((folder, items))
    })
    .await?;
    let name = folder.map_or_else(|| stem(&image.name).to_owned(), |folder| folder.name);
    app.record(&session, &downloaded(image.name, path));
    let about = about(
        "application/zip",
        &format!("{name}.zip"),
        archive::length(&items),
    );
    let body = streamed(move |out| match Files::of(&blocks)? {
        Some(files) => archive::write(&files, &items, out),
        None => Err(io::ErrorKind::InvalidData.into()),
    });
    Ok((about, body))
}

fn downloaded(name: String, path: String) -> Event {
    Event::FilesDownloaded { name, path }
}

fn path_of(wanted: Asked) -> Result<String, Problem> {
    match wanted {
        Ok(Query(Wanted { path })) => Ok(path),
        Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
    }
}

fn about(kind: &str, name: &str, bytes: u64) -> [(HeaderName, String); 3] {
    [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, attachment(name)),
        (header::CONTENT_LENGTH, bytes.to_string()),
    ]
}

/// An image that nobody writes on.
async fn open(app: &App, id: Id) -> Result<(Image, File), Problem> {
    let id = known(id)?;
    if app.room.slots().is_written(id) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "The machine can write on this image now, so that what is on it may change at any moment. Eject it first.",
        )
        .of_kind("machine-writes"));
    }
    let library = app.room.library();
    Ok(library.call(move |library| library.read(id)).await?)
}

/// Why there are no files.
enum Trouble {
    NoVolume,
    NoFile,
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        let (status, kind, detail) = match trouble {
            Trouble::NoVolume => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "no-volume",
                "There is no file system on this image that the relay can read. It reads FAT, exFAT and ISO 9660."
                    .to_owned(),
            ),
            Trouble::NoFile => (
                StatusCode::NOT_FOUND,
                "no-such-file",
                "There is no such file or folder on this image.".to_owned(),
            ),
            Trouble::Io(error) if error.kind() == io::ErrorKind::InvalidData => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "damaged",
                format!("What stands on this image does not hold together: {error}. Have the machine check it."),
            ),
            Trouble::Io(error) => return LibraryError::Disk(error).into(),
        };
        Self::new(status, detail).of_kind(kind)
    }
}

/// Opens an image, and gives what `read` makes of what is at the path; nothing is the root.
async fn look<T: Send + 'static>(
    app: &App,
    id: Id,
    path: String,
    read: impl FnOnce(&Files<'_>, Option<Item>) -> Result<T, Trouble> + Send + 'static,
) -> Result<(Image, FileBlocks, T), Problem> {
    let (image, file) = open(app, id).await?;
    let looked = spawn_blocking(move || {
        let blocks = FileBlocks::of(file, false)?;
        let read = {
            let files = Files::of(&blocks)?.ok_or(Trouble::NoVolume)?;
            let found = tree::find(&files, &path)?.ok_or(Trouble::NoFile)?;
            read(&files, found)?
        };
        Ok::<_, Trouble>((blocks, read))
    });
    let (blocks, read) = looked.await.map_err(|_| StoreError::Stopping)??;
    Ok((image, blocks, read))
}

fn folder(found: Option<Item>) -> Result<Option<Item>, Trouble> {
    match found {
        Some(item) if !item.entry.is_folder => Err(Trouble::NoFile),
        folder => Ok(folder),
    }
}

fn told(item: Item) -> FileEntry {
    FileEntry {
        name: item.name,
        folder: item.entry.is_folder,
        bytes: item.entry.bytes,
        modified: item.entry.modified.map(|modified| modified.to_string()),
    }
}

fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// What is written on a thread of its own, no faster than it is taken. Where that fails, the answer breaks off.
fn streamed(write: impl FnOnce(&mut BufWriter<Pipe>) -> io::Result<()> + Send + 'static) -> Body {
    let (parts, taken) = mpsc::channel(PARTS_MAX);
    spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(STEP, Pipe(parts.clone()));
        if let Err(error) = write(&mut out).and_then(|()| out.flush()) {
            // Nobody takes it any more where this fails, too.
            let _ = parts.blocking_send(Err(error));
        }
    });
    Body::from_stream(stream::unfold(taken, |mut taken| async {
        let part = taken.recv().await?;
        Some((part, taken))
    }))
}

struct Pipe(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = Bytes::copy_from_slice(bytes);
        match self.0.blocking_send(Ok(part)) {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
