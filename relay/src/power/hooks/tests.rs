use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::{any, post},
};
use shared::power::{Outcome, PowerAction, Supply};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::mpsc};

use super::{Answer, End, HookPower, judge, run, settings::Hooks};
use crate::power::control::Backend;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn hooks(settings: &str) -> Hooks {
    let hooks: Hooks = toml::from_str(settings).unwrap();
    assert_eq!(hooks.check(), Ok(()));
    hooks
}

fn power(settings: &str) -> HookPower {
    HookPower::start(hooks(settings))
}

/// A program of these lines of shell.
fn script(folder: &TempDir, name: &str, lines: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test]
async fn a_program_gets_its_arguments_as_they_are_and_no_shell_sees_them() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let plug = script(
        &folder,
        "plug",
        "printf '%s\\n' \"$@\" > \"$0.seen\"; cat >> \"$0.seen\"",
    );
    let (plug, touched) = (plug.display(), seen.display());
    let settings = format!("[on]\nrun = ['{plug}', 'on', '$(touch {touched}); a b', '*']\n");
    let power = power(&settings);
    assert_eq!(power.act(PowerAction::On).await, Outcome::Done);
    let arguments = fs::read_to_string(folder.path().join("plug.seen")).unwrap();
    let arguments: Vec<_> = arguments.lines().collect();
    assert_eq!((arguments[0], arguments[2]), ("on", "*"));
    assert!(arguments[1].starts_with("$(touch "), "{arguments:?}");
    assert!(!seen.exists());
}

#[tokio::test]
async fn what_fails_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let fails = script(&folder, "fails", "echo no such outlet >&2; exit 3");
    let settings = format!("[on]\nrun = [{fails:?}]\n[reset]\nrun = [\"/nowhere/plug\"]\n");
    let hooks = hooks(&settings);
    let answer = run(hooks.on.as_ref().unwrap()).await;
    let said = "no such outlet".to_owned();
    assert_eq!(
        answer,
        Answer {
            end: End::Exit(3),
            output: said
        }
    );
    let answer = run(hooks.reset.as_ref().unwrap()).await;
    assert_eq!(answer.end, End::Failed);
    assert!(answer.output.starts_with("/nowhere/plug: "), "{answer:?}");
    let power = HookPower::start(hooks);
    assert_eq!(power.act(PowerAction::On).await, Outcome::Refused);
    assert_eq!(power.act(PowerAction::Reset).await, Outcome::Refused);
    assert_eq!(power.act(PowerAction::Hold).await, Outcome::Refused);
}

/// Whether a process is there and is no corpse.
fn is_alive(id: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(id.trim()).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

async fn becomes(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_program_that_hangs_is_ended_with_all_that_it_has_begun() {
    let folder = tempfile::tempdir().unwrap();
    let hangs = script(
        &folder,
        "hangs",
        "sleep 600 & echo $! > \"$0.child\"; echo begun; trap '' TERM; wait; sleep 600",
    );
    let settings = format!("[on]\nrun = [{hangs:?}]\nlimit_s = 1\n");
    let power = power(&settings);
    let act = tokio::time::timeout(PATIENCE, power.act(PowerAction::On));
    assert_eq!(act.await, Ok(Outcome::TimedOut));
    let child = fs::read_to_string(folder.path().join("hangs.child")).unwrap();
    becomes("its child is gone", || !is_alive(&child)).await;
}

#[tokio::test]
async fn a_program_is_ended_when_nobody_waits_for_it_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let hangs = script(&folder, "hangs", "echo $$ > \"$0.id\"; sleep 600");
    let power = power(&format!("[on]\nrun = [{hangs:?}]\n"));
    let id = folder.path().join("hangs.id");
    let begun = becomes("it runs", || {
        fs::read_to_string(&id).is_ok_and(|id| id.ends_with('\n'))
    });
    tokio::select! {
        outcome = power.act(PowerAction::On) => panic!("{outcome:?}"),
        () = begun => {}
    }
    let id = fs::read_to_string(&id).unwrap();
    becomes("it is gone", || !is_alive(&id)).await;
}

#[tokio::test]
async fn much_output_is_cut_and_keeps_nothing_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let chatty = script(&folder, "chatty", "head -c 1000000 /dev/zero | tr '\\0' x");
    let hooks = hooks(&format!("[on]\nrun = [{chatty:?}]\n"));
    let answer = run(hooks.on.as_ref().unwrap()).await;
    assert_eq!(
        (answer.end, answer.output),
        (End::Exit(0), "x".repeat(4096))
    );
}

#[tokio::test]
async fn a_server_gets_method_headers_and_body_and_its_status_counts() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let switch = move |headers: HeaderMap, body: Bytes| {
        let tell = tell.clone();
        async move {
            let secret = headers["x-secret"].to_str().unwrap().to_owned();
            tell.send((secret, body.to_vec())).unwrap();
            "OK"
        }
    };
    let router = Router::new()
        .route("/relay/0", post(switch))
        .route(
            "/broken",
            any(|| async { (StatusCode::BAD_GATEWAY, "no plug") }),
        )
        .route("/slow", any(std::future::pending::<StatusCode>));
    let base = serve(router).await;
    let settings = format!(
        "[on]\nurl = \"{base}/relay/0?turn=on\"\nheaders = {{ X-Secret = \"s\" }}\nbody = \"turn=on\"\n\
         [off]\nurl = \"{base}/broken\"\n[reset]\nurl = \"{base}/slow\"\nlimit_s = 1\n\
         [cycle]\nurl = \"http://127.0.0.1:1/\"\n"
    );
    let power = power(&settings);
    assert_eq!(power.act(PowerAction::On).await, Outcome::Done);
    assert_eq!(
        told.recv().await,
        Some(("s".to_owned(), b"turn=on".to_vec()))
    );
    assert_eq!(power.act(PowerAction::Hold).await, Outcome::Refused);
    assert_eq!(power.act(PowerAction::Reset).await, Outcome::TimedOut);
    assert_eq!(power.act(PowerAction::Cycle).await, Outcome::Refused);
}

#[tokio::test]
async fn a_user_name_and_a_password_in_an_address_are_sent_and_never_logged() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let plug = move |headers: HeaderMap| {
        let tell = tell.clone();
        async move {
            let sent = headers["authorization"].to_str().unwrap().to_owned();
            tell.send(sent).unwrap();
        }
    };
    let base = serve(Router::new().route("/", any(plug))).await;
    let (_, place) = base.split_once("//").unwrap();
    let settings = format!(
        "[on]\nurl = \"http://Aladdin:open%20sesame@{place}/\"\n\
         [off]\nurl = \"http://Aladdin:open%20sesame@127.0.0.1:1/plug?key=sesame\"\n"
    );
    let hooks = hooks(&settings);
    let answer = run(hooks.on.as_ref().unwrap()).await;
    assert_eq!(answer.end, End::Exit(0), "{answer:?}");
    // RFC 7617, section 2.
    assert_eq!(
        told.recv().await.as_deref(),
        Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    );
    let answer = run(hooks.off.as_ref().unwrap()).await;
    assert_eq!(answer.end, End::Failed);
    assert!(
        answer.output.starts_with("http://127.0.0.1:1/plug: "),
        "{answer:?}"
    );
}

#[tokio::test]
async fn off_and_on_make_a_cycle_and_a_failed_off_is_not_followed_by_on() {
    let folder = tempfile::tempdir().unwrap();
    let plug = script(&folder, "plug", "echo $1 >> \"$0.log\"; [ $1 != stuck ]");
    let cycle = |off: &str| {
        power(&format!(
            "pause_s = 0\n[on]\nrun = [{plug:?}, \"on\"]\n[off]\nrun = [{plug:?}, \"{off}\"]\n"
        ))
    };
    let log = || fs::read_to_string(folder.path().join("plug.log")).unwrap();
    assert_eq!(cycle("off").act(PowerAction::Cycle).await, Outcome::Done);
    assert_eq!(log(), "off\non\n");
    assert_eq!(
        cycle("stuck").act(PowerAction::Cycle).await,
        Outcome::Refused
    );
    assert_eq!(log(), "off\non\nstuck\n");
}

#[tokio::test]
async fn the_state_follows_a_program_after_each_action() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    fs::write(&state, "off\n").unwrap();
    let on = script(&folder, "on", &format!("echo on > {}", state.display()));
    let status = script(&folder, "status", &format!("cat {}", state.display()));
    let power = power(&format!(
        "[on]\nrun = [{on:?}]\n[status]\nrun = [{status:?}]\non = \"on\"\noff = \"off\"\nevery_s = 3600\n"
    ));
    let mut lit = power.lit().unwrap();
    lit.wait_for(|lit| lit.supply == Supply::Off).await.unwrap();
    assert_eq!(power.act(PowerAction::On).await, Outcome::Done);
    let seen = lit.wait_for(|lit| lit.supply == Supply::On);
    tokio::time::timeout(PATIENCE, seen).await.unwrap().unwrap();
}

#[test]
fn the_state_is_what_the_answer_says_and_otherwise_unknown() {
    let by = |settings: &str| {
        hooks(&format!("[status]\nrun = [\"x\"]\n{settings}"))
            .status
            .unwrap()
    };
    let answer = |end, output: &str| Answer {
        end,
        output: output.to_owned(),
    };
    let codes = by("");
    for (end, supply) in [
        (End::Exit(0), Supply::On),
        (End::Exit(1), Supply::Off),
        (End::Exit(2), Supply::Unknown),
        (End::Exit(-1), Supply::Unknown),
        (End::Failed, Supply::Unknown),
        (End::TimedOut, Supply::Unknown),
    ] {
        assert_eq!(judge(&codes, &answer(end, "ON")), supply, "{end:?}");
    }
    let words = by("on = \"\\\"ison\\\":true\"\noff = \"\\\"ison\\\":false\"\n");
    for (end, output, supply) in [
        (End::Exit(0), "{\"ison\":true}", Supply::On),
        (End::Exit(0), "{\"ison\":false}", Supply::Off),
        (End::Exit(0), "", Supply::Unknown),
        (
            End::Exit(0),
            "{\"ison\":true},{\"ison\":false}",
            Supply::Unknown,
        ),
        (End::Exit(500), "{\"ison\":true}", Supply::Unknown),
        (End::TimedOut, "{\"ison\":true}", Supply::Unknown),
    ] {
        assert_eq!(judge(&words, &answer(end, output)), supply, "{output}");
    }
    assert_eq!(
        judge(&by("on = \"ON\""), &answer(End::Exit(0), "OFF")),
        Supply::Off
    );
}

#[test]
fn settings_that_do_not_go_together_are_named() {
    for (settings, setting, words) in [
        (
            "[on]\n",
            "on",
            "name a program (run) or an address (url), one of them",
        ),
        (
            "[on]\nrun = [\"a\"]\nurl = \"http://plug/\"\n",
            "on",
            "one of them",
        ),
        ("[off]\nrun = [\"\"]\n", "off", "has no name"),
        ("[off]\nrun = [\"a\"]\nbody = \"b\"\n", "off", "go with url"),
        (
            "[reset]\nurl = \"ftp://plug/\"\n",
            "reset",
            "no address of HTTP",
        ),
        ("[reset]\nurl = \"plug\"\n", "reset", "\"plug\""),
        (
            "[cycle]\nurl = \"http://plug/\"\nmethod = \"G T\"\n",
            "cycle",
            "no method",
        ),
        (
            "[cycle]\nurl = \"http://plug/\"\nheaders = { a = \"\\n\" }\n",
            "cycle",
            "the header \"a\"",
        ),
        (
            "[on]\nrun = [\"a\"]\nlimit_s = 0\n",
            "on.limit_s",
            "1 to 300",
        ),
        (
            "[status]\nurl = \"http://plug/\"\n",
            "status.url",
            "by which words",
        ),
        (
            "[status]\nrun = [\"a\"]\nevery_s = 1\n",
            "status.every_s",
            "2 to 3600",
        ),
        ("pause_s = 601\n", "pause_s", "0 to 600"),
    ] {
        let hooks: Hooks = toml::from_str(settings).unwrap();
        let (name, problem) = hooks.check().unwrap_err();
        assert_eq!(name, setting, "{settings}");
        assert!(problem.contains(words), "{problem}");
    }
    assert!(toml::from_str::<Hooks>("[on]\nexec = [\"a\"]\n").is_err());
}
