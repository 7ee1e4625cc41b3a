//! What is sent to a switch and what it answers, as texts of the settings with a place for the port.
//!
//! In such a text stand bytes as they are, the escapes `\r`, `\n`, `\t`, `\\`, `\{`, `\}` and `\xNN`, and placeholders:
//!
//! | placeholder | the third port is |
//! |---|---|
//! | `{port}`, `{port0}` | `3`, counted from 1; `2`, counted from 0 |
//! | `{port:02}`, `{port0:02}` | `03`, `02`: as many digits as are named |
//! | `{port:byte}`, `{port0:byte}` | the byte 3, the byte 2 |
//! | `{port:hex}`, `{port0:hex}` | `03`, `02` in two hexadecimal digits |
//! | `{port:letter}` | `C` |
//! | `{any}` | in an answer, any one byte |

use std::str::FromStr;

/// The longest text, in pieces.
const PIECES_MAX: usize = 128;

/// The most digits of a port's number.
const DIGITS_MAX: usize = 3;

/// What is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

/// Where a pattern was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The port that it names, counted from 0; `None` where the pattern has no place for one.
    pub port: Option<usize>,
    /// The place behind its last byte.
    pub end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Byte(u8),
    Any,
    Port(Number),
}

/// How a port is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number {
    /// What the first port is called: 0 or 1.
    first: usize,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As many digits as it needs.
    Digits,
    /// So many digits.
    Padded(usize),
    Byte,
    Hex,
    Letter,
}

/// Whether a number stands at a place.
enum Read {
    /// The port and how many bytes it takes.
    Port(usize, usize),
    /// More bytes might change it.
    More,
    No,
}

/// Whether a pattern stands at a place.
enum Match {
    Found(Found),
    More,
    No,
}

impl Template {
    /// The bytes for a port, counted from 0.
    #[must_use]
    pub fn bytes(&self, port: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Byte(byte) => bytes.push(*byte),
                Piece::Port(number) => bytes.extend(number.written(port)),
                Piece::Any => {}
            }
        }
        bytes
    }

    /// Whether nothing is sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it says which port.
    #[must_use]
    pub fn names_port(&self) -> bool {
        names_port(&self.0)
    }

    /// This one, and another behind it.
    #[must_use]
    pub fn followed_by(mut self, other: &Self) -> Self {
        self.0.extend(&other.0);
        self
    }
}

impl Pattern {
    /// Where it is for the first time in what was heard. `is_over` says that nothing follows for now; while more may come,
    /// a number at the end is not yet whole.
    #[must_use]
    pub fn find(&self, heard: &[u8], is_over: bool) -> Option<Found> {
        (0..heard.len()).find_map(|start| match self.at(heard, start, is_over) {
            Match::Found(found) => Some(found),
            Match::More | Match::No => None,
        })
    }

    /// Whether it says which port.
    #[must_use]
    pub fn names_port(&self) -> bool {
        names_port(&self.0)
    }

    fn at(&self, heard: &[u8], start: usize, is_over: bool) -> Match {
        let begins_with_digits =
            matches!(self.0.first(), Some(Piece::Port(number)) if number.form == Form::Digits);
        if begins_with_digits && start > 0 && heard[start - 1].is_ascii_digit() {
            return Match::No;
        }
        let (mut at, mut port) = (start, None);
        for piece in &self.0 {
            let rest = &heard[at..];
            match piece {
                Piece::Port(number) => match number.read(rest, is_over) {
                    Read::Port(named, length) if port.is_none_or(|port| port == named) => {
                        port = Some(named);
                        at += length;
                    }
                    Read::More => return Match::More,
                    Read::Port(..) | Read::No => return Match::No,
                },
                Piece::Byte(byte) if rest.first() == Some(byte) => at += 1,
                Piece::Any if !rest.is_empty() => at += 1,
                _ if rest.is_empty() => return Match::More,
                _ => return Match::No,
            }
        }
        Match::Found(Found { port, end: at })
    }
}

impl Number {
    fn written(self, port: usize) -> Vec<u8> {
        let number = port + self.first;
        match self.form {
            Form::Digits => number.to_string().into_bytes(),
            Form::Padded(width) => format!("{number:0width$}").into_bytes(),
            Form::Byte => vec![u8::try_from(number).unwrap_or(u8::MAX)],
            Form::Hex => format!("{number:02X}").into_bytes(),
            Form::Letter => vec![b'A' + u8::try_from(port % 26).unwrap_or(0)],
        }
    }

    fn read(self, bytes: &[u8], is_over: bool) -> Read {
        let Some(first) = bytes.first() else {
            return Read::More;
        };
        let (number, length) = match self.form {
            Form::Digits => {
                let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit());
                let length = digits.count();
                if length == bytes.len() && !is_over && length <= DIGITS_MAX {
                    return Read::More;
                }
                match length {
                    1..=DIGITS_MAX => (number(&bytes[..length], 10), length),
                    _ => return Read::No,
                }
            }
            Form::Padded(width) => return self.fixed(bytes, width, 10),
            Form::Hex => return self.fixed(bytes, 2, 16),
            Form::Byte => (Some(usize::from(*first)), 1),
            Form::Letter if first.is_ascii_alphabetic() => {
                return Read::Port(usize::from(first.to_ascii_uppercase() - b'A'), 1);
            }
            Form::Letter => return Read::No,
        };
        self.port(number, length)
    }

    fn fixed(self, bytes: &[u8], width: usize, radix: u32) -> Read {
        let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
        match bytes.get(..width) {
            Some(digits) if digits.iter().all(is_digit) => self.port(number(digits, radix), width),
            None if bytes.iter().all(is_digit) => Read::More,
            _ => Read::No,
        }
    }

    fn port(self, number: Option<usize>, length: usize) -> Read {
        match number.and_then(|number| number.checked_sub(self.first)) {
            Some(port) => Read::Port(port, length),
            None => Read::No,
        }
    }
}

fn number(digits: &[u8], radix: u32) -> Option<usize> {
    let digits = str::from_utf8(digits).ok()?;
    usize::from_str_radix(digits, radix).ok()
}

fn names_port(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| matches!(piece, Piece::Port(_)))
}

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pieces = pieces(text)?;
        match pieces.contains(&Piece::Any) {
            true => Err("{any} is for answers only".to_owned()),
            false => Ok(Self(pieces)),
        }
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pieces = pieces(text)?;
        match pieces.iter().all(|piece| *piece == Piece::Any) {
            true => Err("it would be found in anything".to_owned()),
            false => Ok(Self(pieces)),
        }
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            '\\' => pieces.push(Piece::Byte(escaped(&mut rest)?)),
            '{' => {
                let (name, behind) = rest
                    .split_once('}')
                    .ok_or("a placeholder has no end; a brace alone is \\{")?;
                pieces.push(placeholder(name)?);
                rest = behind;
            }
            '}' => return Err("a brace alone is \\}".to_owned()),
            next => {
                let mut bytes = [0; 4];
                let bytes = next.encode_utf8(&mut bytes).bytes();
                pieces.extend(bytes.map(Piece::Byte));
            }
        }
        if pieces.len() > PIECES_MAX {
            return Err(format!("at most {PIECES_MAX} bytes"));
        }
    }
    Ok(pieces)
}

fn escaped(rest: &mut &str) -> Result<u8, String> {
    let name = rest.chars().next().ok_or("nothing follows \\")?;
    *rest = &rest[name.len_utf8()..];
    Ok(match name {
        'r' => b'\r',
        'n' => b'\n',
        't' => b'\t',
        '\\' | '{' | '}' => name as u8,
        'x' => {
            let digits = rest.get(..2).filter(|digits| digits.is_ascii());
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let byte = byte.ok_or("\\x needs two hexadecimal digits")?;
            *rest = &rest[2..];
            byte
        }
        other => return Err(format!("there is no escape \\{other}")),
    })
}

fn placeholder(name: &str) -> Result<Piece, String> {
    let unknown = || format!("there is no placeholder {{{name}}}");
    let (what, form) = name.split_once(':').unwrap_or((name, ""));
    let first = match what {
        "any" if form.is_empty() => return Ok(Piece::Any),
        "port" => 1,
        "port0" => 0,
        _ => return Err(unknown()),
    };
    let form = match form {
        "" if name.ends_with(':') => return Err(unknown()),
        "" => Form::Digits,
        "byte" => Form::Byte,
        "hex" => Form::Hex,
        "letter" if first == 1 => Form::Letter,
        "02" => Form::Padded(2),
        "03" => Form::Padded(3),
        _ => return Err(unknown()),
    };
    Ok(Piece::Port(Number { first, form }))
}

#[cfg(test)]
mod tests;
