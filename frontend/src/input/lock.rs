//! What a page may ask a browser to leave to it: the pointer, the keyboard, the whole display.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlElement;

use crate::browser::{document, window};

/// Locks the pointer to an element, with the mouse's own counts where the browser gives them.
pub(crate) fn lock_pointer(element: &HtmlElement) {
    let element = element.clone();
    spawn_local(async move {
        let raw = Object::new();
        let _plain_object = Reflect::set(&raw, &"unadjustedMovement".into(), &true.into());
        let raw = call(&element, "requestPointerLock", &[raw.into()]);
        if settled(raw).await.is_err() {
            let _refused = settled(call(&element, "requestPointerLock", &[])).await;
        }
    });
}

/// Gives the pointer back.
pub(crate) fn unlock_pointer() {
    document().exit_pointer_lock();
}

/// Fills the display with an element, and has the browser leave it all keys where it can; Esc held leaves then.
/// `locked` is called where it does.
pub(crate) fn enter_full_screen(element: &HtmlElement, locked: impl Fn() + 'static) {
    let element = element.clone();
    spawn_local(async move {
        if settled(call(&element, "requestFullscreen", &[]))
            .await
            .is_ok()
        {
            let has_keyboard = keyboard("lock");
            if has_keyboard.is_ok() && settled(has_keyboard).await.is_ok() {
                locked();
            }
        }
    });
}

/// Back to the window.
pub(crate) fn leave_full_screen() {
    let _not_in_this_browser = keyboard("unlock");
    document().exit_fullscreen();
}

/// Whether an element can fill the display here; phones of one maker cannot.
pub(crate) fn has_full_screen() -> bool {
    document().fullscreen_enabled()
}

fn keyboard(method: &str) -> Result<JsValue, JsValue> {
    let keyboard = Reflect::get(&window().navigator(), &"keyboard".into())?;
    call(&keyboard, method, &[])
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    function.apply(object, &arguments.iter().collect())
}

/// Older browsers answer with nothing where newer ones give a promise.
async fn settled(answer: Result<JsValue, JsValue>) -> Result<(), JsValue> {
    if let Ok(promise) = answer?.dyn_into::<Promise>() {
        JsFuture::from(promise).await?;
    }
    Ok(())
}
