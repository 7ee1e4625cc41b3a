//! `docs/macro.schema.json` takes exactly what the code takes.

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use shared::{keys::CODES, macros::Macro};

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn load() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/macro.schema.json");
        let mut schemas = Schemas::new();
        let index = Compiler::new()
            .compile(&path.to_string_lossy(), &mut schemas)
            .unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, index }
    }

    fn takes(&self, document: &Value) -> bool {
        self.schemas.validate(document, self.index).is_ok()
    }
}

fn code_takes(document: &Value) -> bool {
    serde_json::from_value::<Macro>(document.clone()).is_ok_and(|read| read.check().is_ok())
}

fn with_step(step: &Value) -> Value {
    json!({"format": "armchair-macro/1", "name": "a", "steps": [step]})
}

fn sound() -> Vec<Value> {
    let mut documents = vec![
        json!({"format": "armchair-macro/1", "name": "Ä", "steps": []}),
        json!({"format": "armchair-macro/1", "name": " a ", "description": "two\nlines", "steps": [], "variables": [
            {"name": "user_1", "label": "User", "default": "ada"},
            {"name": "password", "secret": true},
            {"name": "plain", "secret": false},
        ]}),
    ];
    documents.extend(sound_steps().iter().map(with_step));
    documents
}

fn sound_steps() -> Vec<Value> {
    let text = |more: Value| {
        let mut step = json!({"do": "text", "text": "{{user}}\n", "layout": "de"});
        if let (Some(step), Value::Object(more)) = (step.as_object_mut(), more) {
            step.extend(more);
        }
        step
    };
    vec![
        json!({"do": "tap", "key": "KeyA"}),
        json!({"do": "tap", "key": "AudioVolumeUp", "hold_ms": 3_600_000}),
        json!({"do": "press", "key": "ShiftLeft"}),
        json!({"do": "release", "key": "ShiftLeft"}),
        json!({"do": "chord", "keys": ["ControlLeft", "AltLeft", "Delete"], "hold_ms": 50}),
        json!({"do": "pointer-to", "x": 0, "y": 32767}),
        json!({"do": "pointer-by", "dx": -32768, "dy": 32767}),
        json!({"do": "click", "button": "middle", "hold_ms": 1}),
        json!({"do": "buttons", "down": []}),
        json!({"do": "buttons", "down": ["left", "right", "middle", "back", "forward"]}),
        json!({"do": "wheel", "vertical": -120}),
        json!({"do": "wheel", "horizontal": 1, "vertical": 0}),
        text(json!({})),
        text(
            json!({"line_end": "shift-enter", "tab": {"spaces": 4}, "untypable": {"replace": "?"}}),
        ),
        text(json!({"line_end": "space", "tab": "skip", "untypable": {"unicode": "linux"}})),
        text(json!({"line_end": "skip", "tab": "tab", "untypable": {"unicode": "windows"}})),
        text(json!({"untypable": {"unicode": "windows-hex"}})),
        text(json!({"line_end": "enter", "untypable": {"unicode": "mac-os"}})),
        text(json!({"untypable": "skip"})),
        json!({"do": "pause", "ms": 0}),
        json!({"do": "wait-for", "what": "listening", "at_most_ms": 60_000}),
        json!({"do": "wait-for", "what": "scroll-lock-off", "at_most_ms": 0}),
        json!({"do": "power", "action": "press"}),
        json!({"do": "power", "action": "hold"}),
        json!({"do": "power", "action": "reset"}),
        json!({"do": "power", "action": "wake"}),
        json!({"do": "power", "action": "on"}),
        json!({"do": "power", "action": "cycle"}),
        json!({"do": "power", "action": "shut-down"}),
        json!({"do": "insert", "slot": "cd", "image": "debian.iso"}),
        json!({"do": "insert", "slot": "usb", "image": "disk.img", "writable": true}),
        json!({"do": "eject", "slot": "cd"}),
    ]
}

fn unsound() -> Vec<Value> {
    let mut documents = vec![
        json!(null),
        json!([]),
        json!({"name": "a", "steps": []}),
        json!({"format": "armchair-macro/2", "name": "a", "steps": []}),
        json!({"format": "armchair-macro/1", "name": "", "steps": []}),
        json!({"format": "armchair-macro/1", "name": "a\u{85}b", "steps": []}),
        json!({"format": "armchair-macro/1", "name": "ä".repeat(81), "steps": []}),
        json!({"format": "armchair-macro/1", "name": "a"}),
        json!({"format": "armchair-macro/1", "name": "a", "steps": [], "more": 1}),
        json!({"format": "armchair-macro/1", "name": "a", "steps": vec![json!({"do": "pause", "ms": 1}); 2001]}),
    ];
    for variable in [
        json!({"name": "User"}),
        json!({"name": ""}),
        json!({"label": "User"}),
        json!({"name": "password", "secret": true, "default": "x"}),
        json!({"name": "user", "default": "x".repeat(10_001)}),
        json!({"name": "user", "more": 1}),
    ] {
        documents.push(
            json!({"format": "armchair-macro/1", "name": "a", "steps": [], "variables": [variable]}),
        );
    }
    for step in [
        json!({}),
        json!({"do": "dance"}),
        json!({"do": "tap"}),
        json!({"do": "tap", "key": "KeyÄ"}),
        json!({"do": "tap", "key": "KeyA", "hold_ms": 3_600_001}),
        json!({"do": "tap", "key": "KeyA", "more": 1}),
        json!({"do": "chord", "keys": []}),
        json!({"do": "chord", "keys": vec!["KeyA"; 9]}),
        json!({"do": "pointer-to", "x": 32768, "y": 0}),
        json!({"do": "pointer-by", "dx": -32769, "dy": 0}),
        json!({"do": "click", "button": "first"}),
        json!({"do": "buttons", "down": vec!["left"; 6]}),
        json!({"do": "text", "text": "", "layout": "de"}),
        json!({"do": "text", "text": "a"}),
        json!({"do": "text", "text": "a", "layout": "de", "tab": {"spaces": 256}}),
        json!({"do": "text", "text": "a", "layout": "de", "untypable": {"replace": "ab"}}),
        json!({"do": "pause", "ms": -1}),
        json!({"do": "wait-for", "what": "listening"}),
        json!({"do": "power", "action": "explode"}),
        json!({"do": "insert", "slot": "cd"}),
        json!({"do": "eject", "slot": "x".repeat(201)}),
    ] {
        documents.push(with_step(&step));
    }
    documents
}

#[test]
fn what_is_sound_is_taken_by_both() {
    let schema = Schema::load();
    for document in sound() {
        assert!(code_takes(&document), "the code: {document}");
        assert!(schema.takes(&document), "the schema: {document}");
    }
}

#[test]
fn what_is_not_is_taken_by_neither() {
    let schema = Schema::load();
    for document in unsound() {
        assert!(!code_takes(&document), "the code: {document}");
        assert!(!schema.takes(&document), "the schema: {document}");
    }
}

#[test]
fn what_the_code_writes_is_taken_by_the_schema() {
    let schema = Schema::load();
    for document in sound() {
        let read: Macro = serde_json::from_value(document.clone()).unwrap();
        let written = serde_json::to_value(&read).unwrap();
        assert!(schema.takes(&written), "{written}");
        assert_eq!(serde_json::from_value::<Macro>(written).unwrap(), read);
    }
}

#[test]
fn every_key_is_in_the_schema() {
    let schema = Schema::load();
    for (code, _) in CODES {
        let document = with_step(&json!({"do": "press", "key": code}));
        assert!(schema.takes(&document), "{code}");
    }
}
