//! The machine's keyboard layout, fetched from the relay when it is needed.

use std::sync::Arc;

use leptos::prelude::*;
use shared::layout::Layout;
use wasm_bindgen_futures::spawn_local;

use crate::{
    api::{self, LayoutName},
    preferences::Kept,
};

/// The layouts that the relay has, and the chosen one.
#[derive(Clone, Copy)]
pub(crate) struct Layouts {
    /// The name of the chosen one; remembered.
    pub(crate) chosen: Kept<String>,
    /// All that there are; empty until the relay has answered.
    pub(crate) list: RwSignal<Vec<LayoutName>>,
    /// The chosen one; `None` until the relay has answered.
    pub(crate) table: RwSignal<Option<Arc<Layout>>>,
}

impl Layouts {
    /// Asks the relay for its layouts, and for the chosen one whenever another is chosen.
    pub(crate) fn fetch(chosen: Kept<String>) -> Self {
        let layouts = Self {
            chosen,
            list: RwSignal::new(Vec::new()),
            table: RwSignal::new(None),
        };
        spawn_local(async move {
            if let Ok(list) = api::layouts().await {
                layouts.list.set(list);
            }
        });
        Effect::new(move |_| {
            let name = chosen.get();
            spawn_local(async move {
                let bytes = api::layout(&name).await;
                let table = bytes.ok().and_then(|bytes| Layout::parse(&bytes).ok());
                if chosen.try_get_untracked() == Some(name) {
                    layouts.table.set(table.map(Arc::new));
                }
            });
        });
        layouts
    }

    /// What can be chosen: names, and what they are called. The layout that is chosen is called by its name until the
    /// relay has said another one.
    pub(crate) fn options(
        self,
        chosen: impl Fn() -> String + Send + Sync + 'static,
    ) -> Signal<Vec<(String, String)>> {
        Signal::derive(move || {
            let chosen = chosen();
            let named = self.list.get().into_iter();
            let mut options: Vec<_> = named.map(|layout| (layout.name, layout.label)).collect();
            if options.iter().all(|(name, _)| *name != chosen) {
                options.push((chosen.clone(), chosen));
            }
            options
        })
    }
}
