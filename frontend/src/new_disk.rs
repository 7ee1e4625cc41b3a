//! A new disk from files of this computer, or a blank one: what is to be on it, and how it gets into the machine.
//!
//! The disk is a blob in which the files stand by reference, so that nothing is copied before it is sent.

use js_sys::{Array, Date, Uint8Array};
use leptos::prelude::*;
use shared::{
    media::DriveKind,
    volume::{Entry, FAT32_FILE_MAX, Format, Layout, Options, Piece, Room, Time, Tree},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

use crate::{
    api::{Refusal, media},
    free_drive::empty_drive,
    gathered::{self, Dropped, Gathered},
    store::{Panel, Store},
    ui::text,
    uploads::{Part, Uploads},
};

/// From how many bytes of files on a disk gets exFAT unless somebody wants it otherwise: Windows itself makes no larger
/// FAT32 by its dialogs.
const FAT32_FILES: u64 = 32 << 30;

/// How many zeros a blob is made of.
const ZEROS: u64 = 1 << 20;

/// A megabyte, as on a disk's box.
pub(crate) const MEGABYTE: u64 = 1_000_000;

/// What is to be on the disk. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct NewDisk {
    store: Store,
    uploads: Uploads,
    /// Whether it is being put together.
    pub(crate) open: RwSignal<bool>,
    /// What is on it.
    pub(crate) files: RwSignal<Vec<Gathered>, LocalStorage>,
    /// Whether what was dropped is still being looked through.
    pub(crate) gathering: RwSignal<bool>,
    /// The file system that was chosen; `None` is the one that fits.
    pub(crate) chosen: RwSignal<Option<Wanted>>,
    /// What was typed for its name; empty is the one that fits.
    pub(crate) name: RwSignal<String>,
    /// How much is free beside files, in megabytes.
    pub(crate) free: RwSignal<i64>,
    /// The size of a blank disk, in megabytes.
    pub(crate) blank: RwSignal<i64>,
}

/// What a disk has on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A file system.
    Volume(Format),
    /// Nothing at all: only where there are no files.
    Nothing,
}

impl Wanted {
    /// Its name in requests and lists.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Volume(Format::Fat32) => "fat32",
            Self::Volume(Format::ExFat) => "exfat",
            Self::Nothing => "none",
        }
    }

    /// The one of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let all = [
            Self::Volume(Format::Fat32),
            Self::Volume(Format::ExFat),
            Self::Nothing,
        ];
        all.into_iter().find(|wanted| wanted.name() == name)
    }
}

impl NewDisk {
    /// Nothing yet.
    pub(crate) fn new(store: Store, uploads: Uploads) -> Self {
        Self {
            store,
            uploads,
            open: RwSignal::new(false),
            files: RwSignal::new_local(Vec::new()),
            gathering: RwSignal::new(false),
            chosen: RwSignal::new(None),
            name: RwSignal::new(String::new()),
            free: RwSignal::new(64),
            blank: RwSignal::new(1024),
        }
    }

    /// Adds what was dropped, with all that is in folders, and shows the disk.
    pub(crate) fn drop(self, dropped: Vec<Dropped>) {
        self.show();
        self.gathering.set(true);
        spawn_local(async move {
            match gathered::all(dropped).await {
                Ok(gathered) => self.add(gathered),
                Err(path) => self.uploads.refused.set(text().disk_unreadable(path)),
            }
            self.gathering.set(false);
        });
    }

    /// Adds files and folders; what has the same path makes way.
    pub(crate) fn add(self, added: Vec<Gathered>) {
        self.uploads.refused.set(String::new());
        self.files.update(|files| {
            files.retain(|known| !added.iter().any(|added| added.path == known.path));
            files.extend(added);
        });
    }

    /// Takes a file away, or a folder with all that is in it.
    pub(crate) fn remove(self, name: &str) {
        self.files
            .update(|files| files.retain(|file| file.path[0] != name));
    }

    /// Forgets what was put together.
    pub(crate) fn end(self) {
        self.open.set(false);
        self.files.set(Vec::new());
        self.chosen.set(None);
        self.name.set(String::new());
    }

    fn show(self) {
        self.store.panel.set(Some(Panel::Drives));
        self.open.set(true);
    }

    /// What it will have on it. What reads it follows it.
    pub(crate) fn wanted(self) -> Wanted {
        let sizes = self.files.with(|files| {
            let sizes = files.iter().map(bytes_of);
            sizes.fold((0, 0), |(all, most): (u64, u64), size| {
                (all + size, most.max(size))
            })
        });
        let no_files = self.files.with(Vec::is_empty);
        match self.chosen.get() {
            Some(chosen) if no_files || chosen != Wanted::Nothing => chosen,
            _ if sizes.0 > FAT32_FILES || sizes.1 > FAT32_FILE_MAX => Wanted::Volume(Format::ExFat),
            _ => Wanted::Volume(Format::Fat32),
        }
    }

    /// The files under the names that they will have. What reads it follows it.
    pub(crate) fn tree(self) -> Tree {
        let format = match self.wanted() {
            Wanted::Volume(format) => format,
            Wanted::Nothing => Format::ExFat,
        };
        self.files.with(|files| {
            let entries: Vec<Entry> = files.iter().map(entry).collect();
            Tree::of(&entries, format)
        })
    }

    /// What the image will be called: what was typed, or what is on it.
    pub(crate) fn image_name(self, taken: &[String]) -> String {
        let typed = self.name.with(|name| name.trim().to_owned());
        if !typed.is_empty() {
            return typed;
        }
        let stem = self.files.with(|files| {
            let mut names = files.iter().map(|file| file.path[0].as_str());
            let first = names.next()?;
            names
                .all(|name| name == first)
                .then(|| stem(first).to_owned())
        });
        let blank = self.files.with(Vec::is_empty);
        let stem = stem.unwrap_or_else(|| {
            let plain = if blank {
                text().disk_blank_name
            } else {
                text().disk_files_name
            };
            plain.to_owned()
        });
        let is_free = |name: &String| !taken.iter().any(|taken| taken.eq_ignore_ascii_case(name));
        let numbered = (2..100).map(|number| format!("{stem} ({number}).img"));
        let mut names = std::iter::once(format!("{stem}.img")).chain(numbered);
        names.find(is_free).unwrap_or(stem)
    }

    /// What the disk is to be like, besides its files. What reads it follows it.
    pub(crate) fn options(self, name: &str) -> Options {
        let newest = self
            .files
            .with(|files| files.iter().filter_map(modified).max());
        Options {
            room: Room::Free(megabytes(self.free.get())),
            label: stem(name).to_owned(),
            made: newest.unwrap_or_else(|| time(Date::now())),
        }
    }

    /// Makes it, and puts it into a drive that is empty.
    pub(crate) fn make(self, name: String) {
        self.uploads.refused.set(String::new());
        if self.files.with_untracked(Vec::is_empty) {
            self.make_blank(name);
            return;
        }
        let layout = untrack(|| self.tree().lay_out(&self.options(&name)));
        let disk = layout
            .ok()
            .and_then(|layout| Some((self.blob(&layout).ok()?, layout.bytes)));
        let Some((blob, whole)) = disk else {
            self.uploads.refused.set(text().disk_failed.to_owned());
            return;
        };
        self.end();
        let part = Part {
            name: name.clone(),
            blob,
            whole: Some(whole),
        };
        self.uploads.send_new(part, move || {
            let name = name.clone();
            spawn_local(async move { self.insert(&name).await });
        });
    }

    /// Has the relay make one, which goes on when this page is closed.
    fn make_blank(self, name: String) {
        let (format, size) = untrack(|| (self.wanted().name(), megabytes(self.blank.get())));
        spawn_local(async move {
            let id = match media::make_blank(&name, size, format).await {
                Ok(id) => id,
                Err(refusal) => return self.uploads.refused.set(refusal.words()),
            };
            self.end();
            while let Ok(true) = media::is_on_its_way(id).await {
                gloo_timers::future::TimeoutFuture::new(500).await;
            }
            self.insert(&name).await;
        });
    }

    /// Puts the image of this name into an empty drive, if it is there: it may have been given up.
    async fn insert(self, name: &str) {
        let inserted = async {
            let library = media::library().await?;
            let Some(image) = library.images.iter().find(|image| image.name == name) else {
                return Ok(());
            };
            let empty = self.store.drives.with_untracked(|drives| {
                empty_drive(drives, DriveKind::Disk).map(|drive| drive.slot.clone())
            });
            match empty {
                Some(slot) => media::insert(&slot, image.id, true).await,
                None => {
                    self.uploads.refused.set(text().disk_no_drive(name));
                    Ok(())
                }
            }
        };
        let result: Result<(), Refusal> = inserted.await;
        if let Err(refusal) = result {
            self.uploads.refused.set(refusal.words());
        }
    }

    /// The disk without the zeros at its end.
    fn blob(self, layout: &Layout) -> Result<Blob, JsValue> {
        let metadata = of_bytes(&Uint8Array::from(layout.metadata.as_slice()))?;
        let zeros = of_bytes(&Uint8Array::new_with_length(ZEROS as u32))?;
        let part = |blob: &Blob, from: usize, to: usize| {
            blob.slice_with_f64_and_f64(from as f64, to as f64)
        };
        let parts = Array::new();
        let (last, before) = layout.pieces.split_last().ok_or(JsValue::NULL)?;
        let last = Some(last).filter(|piece| !matches!(piece, Piece::Zeros(_)));
        for piece in before.iter().chain(last) {
            match piece {
                Piece::Metadata(range) => {
                    parts.push(part(&metadata, range.start, range.end)?.as_ref());
                }
                Piece::Zeros(count) => {
                    for _ in 0..count / ZEROS {
                        parts.push(&zeros);
                    }
                    parts.push(part(&zeros, 0, (count % ZEROS) as usize)?.as_ref());
                }
                Piece::File(entry) => self.files.with_untracked(|files| {
                    if let Some(file) = files.get(*entry).and_then(|file| file.file.as_ref()) {
                        parts.push(file);
                    }
                }),
            }
        }
        let blob = Blob::new_with_blob_sequence(&parts)?;
        match blob.size() == layout.filled() as f64 {
            true => Ok(blob),
            false => Err(JsValue::NULL),
        }
    }
}

/// How many bytes a file has; a folder has none.
pub(crate) fn bytes_of(gathered: &Gathered) -> u64 {
    gathered.file.as_ref().map_or(0, |file| file.size() as u64)
}

fn entry(gathered: &Gathered) -> Entry {
    Entry {
        path: gathered.path.clone(),
        bytes: gathered.file.as_ref().map(|file| file.size() as u64),
        modified: modified(gathered),
    }
}

fn modified(gathered: &Gathered) -> Option<Time> {
    gathered
        .file
        .as_ref()
        .map(|file: &File| time(file.last_modified()))
}

/// A point in time on this computer's clock, of milliseconds of Unix time.
fn time(ms: f64) -> Time {
    let west = Date::new(&ms.into()).get_timezone_offset();
    Time {
        unix_s: (ms / 1000.0) as i64,
        offset_min: -west as i16,
    }
}

fn megabytes(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0) * MEGABYTE
}

fn of_bytes(bytes: &Uint8Array) -> Result<Blob, JsValue> {
    Blob::new_with_u8_array_sequence(&Array::of1(bytes))
}

fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
