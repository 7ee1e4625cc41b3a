//! Files of the operator's computer.

use leptos::{html::Input, prelude::*};
use web_sys::File;

/// A button that opens the browser's own dialog for choosing files.
#[component]
pub(crate) fn FileChooser(
    /// Its name.
    label: &'static str,
    /// What the dialog offers first: endings and media types, separated by commas. Everything, where it is empty.
    #[prop(optional)]
    accept: &'static str,
    /// Whether several can be chosen at once.
    #[prop(optional)]
    multiple: bool,
    /// Whether a folder is chosen, with all files in it.
    #[prop(optional)]
    folder: bool,
    /// Whether it is what the operator came for.
    #[prop(optional)]
    main: bool,
    /// Takes each file that was chosen.
    choose: impl Fn(File) + 'static,
) -> impl IntoView {
    let node = NodeRef::<Input>::new();
    let chosen = move |_| {
        let Some(input) = node.get_untracked() else {
            return;
        };
        if let Some(files) = input.files() {
            for file in (0..files.length()).filter_map(|index| files.get(index)) {
                choose(file);
            }
        }
        input.set_value("");
    };
    let open = move |_| {
        if let Some(input) = node.get_untracked() {
            input.click();
        }
    };
    view! {
        <button class="button" class:main=main on:click=open>{label}</button>
        <input
            node_ref=node
            class="unseen"
            type="file"
            multiple=multiple
            prop:webkitdirectory=folder
            accept=accept
            tabindex="-1"
            aria-hidden="true"
            on:change=chosen
        />
    }
}
