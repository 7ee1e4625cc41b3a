//! The hooks of the power: whether their programs can be run, and whether the one for the state tells it.

use std::{env, path::PathBuf};

use rustix::fs::{Access, access};

use super::{Check, wait};
use crate::power::hooks::{
    ask,
    settings::{Hook, Hooks, Status},
};

const SUBJECT: &str = "power";

/// A check a hook, by the dotted name of a machine's power.
pub(super) fn all(power: &str, hooks: &Hooks) -> Vec<Check> {
    let actions = hooks.actions();
    let actions = actions.map(|(name, hook)| action(&format!("{power}.hooks.{name}"), hook));
    let status = hooks.status.iter();
    let status = status.map(|status| state(&format!("{power}.hooks.status"), status));
    actions.chain(status).collect()
}

/// Of one that would switch the machine, and is not tried.
fn action(key: &str, hook: &Hook) -> Check {
    let Some(program) = hook.run.first() else {
        let found =
            format!("{key} asks a server, which is not tried here: it would switch the machine");
        return Check::ok(SUBJECT, found);
    };
    match find(program) {
        Some(path) => Check::ok(SUBJECT, format!("{key} runs {}", path.display())),
        None => Check::fail(
            SUBJECT,
            format!("{key}: \"{program}\" is no program that can be run here"),
            format!("install it, let the relay's user run it, or put {key}.run right"),
        ),
    }
}

/// Of one that only asks.
fn state(key: &str, status: &Status) -> Check {
    let status = status.clone();
    match wait(async move { ask(&status).await }).and_then(|answer| answer) {
        Ok(is_on) => {
            let supply = if is_on { "on" } else { "off" };
            Check::ok(SUBJECT, format!("{key} says that the machine is {supply}"))
        }
        Err(problem) => Check::fail(
            SUBJECT,
            format!("{key} does not tell whether the machine is on: {problem}"),
            format!("try it by hand, and put {key} right"),
        ),
    }
}

/// Where a program is, as execvp(3) looks for it.
fn find(program: &str) -> Option<PathBuf> {
    let runs = |path: &PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(runs);
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut places = env::split_paths(&folders).map(|folder| folder.join(program));
    places.find(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(settings: &str) -> Vec<String> {
        let checks = all("power", &toml::from_str(settings).unwrap());
        checks.iter().map(Check::to_string).collect()
    }

    #[test]
    fn programs_are_looked_for_and_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let touched = folder.path().join("touched");
        let said = said(&format!(
            "[on]\nrun = [\"touch\", {touched:?}]\n\
             [off]\nrun = [\"/nowhere/plug\"]\n[reset]\nrun = [\"/etc/passwd\"]\n\
             [cycle]\nurl = \"http://user:secret@plug.invalid/?key=secret\"\n",
        ));
        assert!(
            said[0].starts_with("ok    power: power.hooks.on runs /"),
            "{said:?}"
        );
        for (said, setting) in said[1..3].iter().zip(["off", "reset"]) {
            assert!(
                said.starts_with(&format!("fail  power: power.hooks.{setting}: ")),
                "{said}"
            );
            assert!(
                said.ends_with(&format!("put power.hooks.{setting}.run right")),
                "{said}"
            );
        }
        assert!(
            said[3].starts_with("ok    power: power.hooks.cycle asks a server"),
            "{said:?}"
        );
        assert!(!said[3].contains("secret"), "{said:?}");
        assert!(!touched.exists());
    }

    #[test]
    fn the_state_is_asked_for() {
        for (status, expected) in [
            (
                "run = [\"true\"]",
                "ok    power: power.hooks.status says that the machine is on",
            ),
            (
                "run = [\"false\"]",
                "ok    power: power.hooks.status says that the machine is off",
            ),
            (
                "run = [\"/nowhere/plug\"]",
                "fail  power: power.hooks.status does not tell whether the machine is on: /nowhere/plug: ",
            ),
            (
                "run = [\"echo\", \"no plug\"]\non = \"ON\"\noff = \"OFF\"",
                "fail  power: power.hooks.status does not tell whether the machine is on: it ends with 0 and says \"no plug\"; try it by hand",
            ),
            (
                "run = [\"sleep\", \"600\"]\nlimit_s = 1",
                "fail  power: power.hooks.status does not tell whether the machine is on: it has not ended within 1 s",
            ),
        ] {
            let said = said(&format!("[status]\n{status}\n"));
            assert!(said[0].starts_with(expected), "{said:?}");
        }
    }
}
