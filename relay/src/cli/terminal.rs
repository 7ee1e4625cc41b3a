//! Asking for a secret.

use std::io::{self, BufRead, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Reads a line from standard input; on a terminal with a prompt, and without showing what is typed.
pub(super) fn read_secret(prompt: &str) -> io::Result<String> {
    let input = io::stdin();
    let mut line = String::new();
    if input.is_terminal() {
        eprint!("{prompt}");
        io::stderr().flush()?;
        let _hidden = Hidden::begin()?;
        input.lock().read_line(&mut line)?;
        eprintln!();
    } else {
        input.lock().read_line(&mut line)?;
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The terminal shows nothing for as long as this lives.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
