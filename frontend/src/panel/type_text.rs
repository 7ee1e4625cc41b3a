//! Text that the relay types.

use leptos::{html, prelude::*};
use shared::{ToRelay, layout::Untypable, message::TypingPhase};
use web_sys::{DragEvent, HtmlTextAreaElement};

use crate::{
    launched::dropped,
    layouts::Layouts,
    store::{Control, Store},
    typing::{Choices, LINE_ENDS, LOSSES, PACES, TABS, UNTYPABLE, Wishes, name_of, value_of},
    typist::{Typist, percent, words},
    ui::{
        button::Button,
        field::{Refused, labelled},
        file_chooser::FileChooser,
        panel::Sheet,
        select::{InlineSelect, Select},
        text,
    },
};

/// How many of the characters that cannot be typed are listed.
const LISTED_MAX: usize = 60;

/// The panel.
#[component]
pub(crate) fn TypeText() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let typist = expect_context::<Typist>();
    view! {
        <Sheet label=text.type_text>
            <Draft/>
            <Target/>
            <Cannot/>
            <Manner/>
            <Refused reason=typist.refused/>
            <Actions/>
            <Progress/>
            {move || (store.control() != Control::Mine).then(|| view! {
                <p class="hint">{text.type_needs_control}</p>
            })}
        </Sheet>
    }
}

#[component]
fn Draft() -> impl IntoView {
    let text = text();
    let draft = expect_context::<Store>().draft;
    let typist = expect_context::<Typist>();
    let area = NodeRef::<html::Textarea>::new();
    area.on_load(|area: HtmlTextAreaElement| {
        request_animation_frame(move || {
            let _not_focusable = area.focus();
        });
    });
    view! {
        {labelled(text.text_to_type, "", view! {
            <textarea
                node_ref=area
                rows="6"
                aria-label=text.text_to_type
                autocapitalize="none"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || draft.get()
                on:input=move |event| draft.set(event_target_value(&event))
                on:dragover=|event: DragEvent| event.prevent_default()
                on:drop=move |event: DragEvent| {
                    if let Some(file) = dropped(&event).into_iter().next() {
                        event.prevent_default();
                        typist.open_file(file);
                    }
                }
            ></textarea>
        })}
        <div class="row">
            <button class="button" on:click=move |_| typist.paste()>{text.paste_from_clipboard}</button>
            <FileChooser
                label=text.open_text_file
                choose=move |file| typist.open_file(file)
            />
        </div>
    }
}

#[component]
fn Target() -> impl IntoView {
    let text = text();
    let layouts = expect_context::<Layouts>();
    view! {
        <div class="field">
            <span class="field-name" aria-hidden="true">{text.target_layout}</span>
            <InlineSelect
                label=text.target_layout
                options=layouts.options(move || layouts.chosen.get())
                value=Signal::derive(move || layouts.chosen.get())
                commit=move |name| layouts.chosen.set(name)
            />
        </div>
    }
}

/// What cannot be typed, before anything is.
#[component]
fn Cannot() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let typist = expect_context::<Typist>();
    let cannot = Memo::new(move |_| {
        let draft = store.draft.get();
        typist
            .compiled(&draft)
            .map(|compiled| compiled.cannot)
            .unwrap_or_default()
    });
    let consequence = move || match typist.wishes().untypable {
        _ if cannot.with(Vec::is_empty) => "",
        Untypable::Refuse => text.cannot_refuse,
        Untypable::Skip => text.cannot_skip,
        Untypable::Replace(_) => text.cannot_replace,
        Untypable::Unicode(_) => text.cannot_number,
    };
    view! {
        <Show when=move || !cannot.with(Vec::is_empty) || typist.wishes().untypable != Untypable::Refuse>
            <div class="card cannot">
                <h3>{text.cannot_be_typed}</h3>
                {choice(text.cannot_choice, &UNTYPABLE, [text.untypable_refuse, text.untypable_skip, text.untypable_replace, text.untypable_linux, text.untypable_windows, text.untypable_macos], |wishes| &mut wishes.untypable)}
                <p class="hint">{consequence}</p>
                <ul role="list" aria-label=text.cannot_be_typed>
                    {move || cannot.get().into_iter().take(LISTED_MAX).map(|(character, count)| view! {
                        <li>
                            <b>{shown(character)}</b>
                            <small>{format!("U+{:04X} × {count}", u32::from(character))}</small>
                        </li>
                    }).collect_view()}
                </ul>
            </div>
        </Show>
    }
}

/// A character, where it can be seen.
fn shown(character: char) -> String {
    match character {
        character if character.is_control() => "·".to_owned(),
        character => character.to_string(),
    }
}

/// How the text is typed.
#[component]
fn Manner() -> impl IntoView {
    let text = text();
    view! {
        <details class="manner">
            <summary>{text.how_it_is_typed}</summary>
            {choice(text.line_ends, &LINE_ENDS, [text.line_end_enter, text.line_end_shift_enter, text.line_end_space, text.left_out], |wishes| &mut wishes.line_end)}
            {choice(text.tabs, &TABS, [text.tab_key, text.tab_4_spaces, text.tab_8_spaces, text.left_out], |wishes| &mut wishes.tab)}
            {choice(text.pace, &PACES, [text.pace_adaptive, text.pace_5, text.pace_20, text.pace_50], |wishes| &mut wishes.characters_per_second)}
            {choice(text.if_link_lost, &LOSSES, [text.link_lost_stop, text.link_lost_finish], |wishes| &mut wishes.if_link_lost)}
        </details>
    }
}

fn choice<T: Copy + PartialEq + Send + Sync + 'static, const N: usize>(
    label: &'static str,
    choices: &'static Choices<T, N>,
    names: [&'static str; N],
    of: fn(&mut Wishes) -> &mut T,
) -> impl IntoView {
    let typist = expect_context::<Typist>();
    let values = choices.iter().map(|(value, _)| *value);
    let options = values.zip(names.map(str::to_owned)).collect();
    view! {
        <Select
            label
            options
            value=Signal::derive(move || name_of(choices, of(&mut typist.wishes())))
            commit=move |name| {
                if let Some(value) = value_of(choices, &name) {
                    typist.wish(|wishes| *of(wishes) = value);
                }
            }
        />
    }
}

#[component]
fn Actions() -> impl IntoView {
    let text = text();
    let store = expect_context::<Store>();
    let typist = expect_context::<Typist>();
    let phase = Memo::new(move |_| typist.typing().map(|typing| typing.phase));
    let busy = move || phase.get().is_some_and(|phase| !phase.is_over());
    let halted = move || {
        matches!(
            phase.get(),
            Some(TypingPhase::Paused | TypingPhase::Waiting)
        )
    };
    let untypable = Memo::new(move |_| {
        let refuses = typist.wishes().untypable == Untypable::Refuse;
        let draft = store.draft.get();
        refuses
            && typist
                .compiled(&draft)
                .is_some_and(|compiled| !compiled.cannot.is_empty())
    });
    let ready = move || {
        !busy()
            && !untypable.get()
            && store.control() == Control::Mine
            && !store.draft.with(String::is_empty)
    };
    let next = move || {
        if halted() {
            ToRelay::ResumeTyping
        } else {
            ToRelay::PauseTyping
        }
    };
    let pause = move || if halted() { text.resume } else { text.pause }.to_owned();
    view! {
        <div class="row">
            <Button
                label=Signal::stored(text.type_it.to_owned())
                main=true
                ready=Signal::derive(ready)
                act=move || typist.type_text(store.draft.get_untracked())
            />
            <Button label=Signal::derive(pause) ready=Signal::derive(busy) act=move || typist.tell(&next())/>
            <Button
                label=Signal::stored(text.cancel.to_owned())
                ready=Signal::derive(busy)
                act=move || typist.tell(&ToRelay::CancelTyping)
            />
        </div>
    }
}

#[component]
fn Progress() -> impl IntoView {
    let text = text();
    let typist = expect_context::<Typist>();
    let part = move || typist.typing().as_ref().map_or(0, percent);
    view! {
        <div class="progress">
            <div
                role="progressbar"
                aria-label=text.typing
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || part().to_string()
                style:--part=move || format!("{}%", part())
            ></div>
            <p aria-live="polite">{move || typist.typing().as_ref().map_or_else(String::new, words)}</p>
        </div>
    }
}
