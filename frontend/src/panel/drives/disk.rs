//! A new disk, put together: its files, its file system, its size and its name.

use leptos::prelude::*;
use shared::volume::{Change, Format, LayoutError, Refused as Reason, Tree};
use web_sys::DragEvent;

use super::Shared;
use crate::{
    gathered::{self, Gathered},
    new_disk::{MEGABYTE, NewDisk, Wanted, bytes_of},
    speed::bytes,
    store::Store,
    ui::{
        button::Button,
        field::labelled,
        file_chooser::FileChooser,
        icon::{Drawn, Icon},
        line::Line,
        number::Number,
        select::InlineSelect,
        text,
    },
};

/// How many remarks and how many files are shown at most.
const SHOWN_MAX: usize = 100;

/// The largest disk that can be asked for, in megabytes.
const SIZE_MAX: i64 = 2_000_000;

/// What is known of the disk as it is now.
#[derive(Clone, Debug, Default, PartialEq)]
struct Plan {
    /// How large it will be, in bytes; `None` where it cannot be made.
    size: Option<u64>,
    /// Why not.
    refused: Vec<String>,
    /// What will have another name.
    renamed: Vec<String>,
}

/// The form.
#[component]
pub(super) fn DiskForm() -> impl IntoView {
    let text = text();
    let disk = expect_context::<NewDisk>();
    let store = expect_context::<Store>();
    let shared = expect_context::<Shared>();
    let name = Memo::new(move |_| {
        let taken = shared.library.with(|library| {
            let images = library.images.iter();
            images.map(|image| image.name.clone()).collect::<Vec<_>>()
        });
        let coming = store.transfers.with(|transfers| {
            let names = transfers.iter().map(|transfer| transfer.name.clone());
            names.collect::<Vec<_>>()
        });
        disk.image_name(&[taken, coming].concat())
    });
    let blank = Memo::new(move |_| disk.files.with(Vec::is_empty));
    let plan = Memo::new(move |_| match blank.get() {
        true => Plan {
            size: u64::try_from(disk.blank.get())
                .ok()
                .map(|size| size * MEGABYTE),
            ..Plan::default()
        },
        false => planned(disk, &name.get()),
    });
    let ready =
        Signal::derive(move || plan.with(|plan| plan.size.is_some()) && !disk.gathering.get());
    let drop_here = move |event: DragEvent| {
        let dropped = gathered::dropped(&event);
        if !dropped.is_empty() {
            event.prevent_default();
            disk.drop(dropped);
        }
    };
    view! {
        <section class="fetch disk" aria-label=text.disk_new on:drop=drop_here>
            <p class="hint">{text.disk_drop}</p>
            <div class="row">
                <FileChooser
                    label=text.disk_choose
                    multiple=true
                    choose=move |file| disk.add(vec![Gathered::chosen(file)])
                />
                <FileChooser
                    label=text.disk_choose_folder
                    folder=true
                    choose=move |file| disk.add(vec![Gathered::chosen(file)])
                />
            </div>
            <Files/>
            <p class="hint" role="status">{move || sum(disk, &plan.get())}</p>
            <Remarks plan/>
            <FileSystem blank/>
            {move || match blank.get() {
                true => view! {
                    <Number
                        label=text.disk_size
                        range=1..=SIZE_MAX
                        value=disk.blank.into()
                        commit=move |size| disk.blank.set(size)
                    />
                }.into_any(),
                false => view! {
                    <Number
                        label=text.disk_free
                        range=0..=SIZE_MAX
                        value=disk.free.into()
                        commit=move |free| disk.free.set(free)
                    />
                }.into_any(),
            }}
            <Line
                label=text.disk_name
                value=disk.name.get_untracked()
                placeholder=name
                most=150
                commit=move |typed| disk.name.set(typed)
            />
            <div class="row">
                <Button
                    label=text.disk_make
                    main=true
                    ready
                    act=move || disk.make(name.get_untracked())
                />
                <button class="button" on:click=move |_| disk.end()>{text.cancel}</button>
            </div>
        </section>
    }
}

/// What is on the disk: files, and folders with all that is in them.
#[component]
fn Files() -> impl IntoView {
    let text = text();
    let disk = expect_context::<NewDisk>();
    let tops = Memo::new(move |_| disk.files.with(|files| tops(files)));
    let shown = move || tops.get().into_iter().take(SHOWN_MAX).collect::<Vec<_>>();
    let more = move || {
        let count = tops.with(Vec::len);
        (count > SHOWN_MAX).then(|| text.more_entries((count - SHOWN_MAX).to_string()))
    };
    view! {
        <ul class="images" role="list" aria-label=text.disk_files>
            <For each=shown key=|top| format!("{top:?}") let:top>
                <li class="top">
                    <Drawn icon=if top.folder { Icon::Folder } else { Icon::File }/>
                    <span class="name">{top.name.clone()}</span>
                    <span class="size">{bytes(top.bytes)}</span>
                    <button
                        class="tool"
                        aria-label=text.disk_remove(top.name.clone())
                        title=text.disk_remove(top.name.clone())
                        on:click=move |_| disk.remove(&top.name)
                    >
                        <Drawn icon=Icon::Close/>
                    </button>
                </li>
            </For>
        </ul>
        {move || more().map(|more| view! { <p class="hint">{more}</p> })}
    }
}

/// Something that was chosen or dropped.
#[derive(Clone, Debug, PartialEq)]
struct Top {
    name: String,
    folder: bool,
    bytes: u64,
}

fn tops(files: &[Gathered]) -> Vec<Top> {
    let mut tops: Vec<Top> = Vec::new();
    for file in files {
        let (bytes, folder) = (bytes_of(file), file.path.len() > 1 || file.file.is_none());
        match tops.iter_mut().rev().find(|top| top.name == file.path[0]) {
            Some(top) => top.bytes += bytes,
            None => tops.push(Top {
                name: file.path[0].clone(),
                folder,
                bytes,
            }),
        }
    }
    tops
}

/// What becomes of names, and what cannot be.
#[component]
fn Remarks(plan: Memo<Plan>) -> impl IntoView {
    let shown =
        move |remarks: &[String]| remarks.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>();
    view! {
        <div role="alert" class="remarks">
            {move || plan.with(|plan| shown(&plan.refused)).into_iter().map(|remark| view! {
                <p class="note"><Drawn icon=Icon::Warning/>{remark}</p>
            }).collect_view()}
        </div>
        {move || plan.with(|plan| shown(&plan.renamed)).into_iter().map(|remark| view! {
            <p class="hint">{remark}</p>
        }).collect_view()}
    }
}

#[component]
fn FileSystem(blank: Memo<bool>) -> impl IntoView {
    let text = text();
    let disk = expect_context::<NewDisk>();
    let options = Signal::derive(move || {
        let none = blank.get().then_some((Wanted::Nothing, text.disk_none));
        [
            (Wanted::Volume(Format::Fat32), text.disk_fat32),
            (Wanted::Volume(Format::ExFat), text.disk_exfat),
        ]
        .into_iter()
        .chain(none)
        .map(|(wanted, words)| (wanted.name().to_owned(), words.to_owned()))
        .collect()
    });
    let value = Signal::derive(move || disk.wanted().name().to_owned());
    labelled(
        text.disk_format,
        "",
        view! {
            <InlineSelect
                label=text.disk_format
                options
                value
                commit=move |name| disk.chosen.set(Wanted::of(&name))
            />
        },
    )
}

fn planned(disk: NewDisk, name: &str) -> Plan {
    let tree = disk.tree();
    let options = disk.options(name);
    let size = tree.size(&options);
    Plan {
        size: size.ok(),
        refused: refused(disk, &tree, size.err()),
        renamed: tree.renamed().iter().map(renamed).collect(),
    }
}

fn refused(disk: NewDisk, tree: &Tree, error: Option<LayoutError>) -> Vec<String> {
    let text = text();
    match error {
        None => Vec::new(),
        Some(LayoutError::TooMany) => vec![text.disk_too_many.to_owned()],
        Some(LayoutError::TooSmall { least }) => vec![text.disk_too_small(bytes(least))],
        Some(LayoutError::TooLarge { most }) => vec![text.disk_too_large(bytes(most))],
        Some(LayoutError::Refused) => disk.files.with(|files| {
            let words = |(entry, reason): &(usize, Reason)| {
                let name = files
                    .get(*entry)
                    .map(|file| file.path.join("/"))
                    .unwrap_or_default();
                match reason {
                    Reason::TooLarge => text.disk_large(name),
                    Reason::LongName => text.disk_long(name),
                    Reason::Twice => text.disk_twice(name),
                    Reason::FullFolder => text.disk_full_folder(name),
                }
            };
            tree.refused().iter().map(words).collect()
        }),
    }
}

fn renamed(renamed: &shared::volume::Renamed) -> String {
    let text = text();
    let reason = match renamed.change {
        Change::Characters => text.disk_renamed_characters,
        Change::End => text.disk_renamed_end,
        Change::Device => text.disk_renamed_device,
        Change::Taken => text.disk_renamed_taken,
    };
    text.disk_renamed(
        renamed.given.clone(),
        renamed.name.clone(),
        reason.to_owned(),
    )
}

/// How much is on the disk, and how large it will be.
fn sum(disk: NewDisk, plan: &Plan) -> String {
    let text = text();
    if disk.gathering.get() {
        return text.disk_gathering.to_owned();
    }
    let files = disk
        .files
        .with(|files| files.iter().map(bytes_of).sum::<u64>());
    match plan.size {
        _ if disk.files.with(Vec::is_empty) => text.disk_blank_hint.to_owned(),
        Some(size) => text.disk_sum(bytes(files), bytes(size)),
        None => String::new(),
    }
}
