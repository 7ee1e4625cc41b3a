//! Files of a medium as one ZIP archive (APPNOTE.TXT 6.3.10), as a stream whose length is known before its first byte.
//!
//! Files are stored as they are. Each is read twice, for its checksum and then for its bytes, so that the archive has
//! no data descriptors: readers that do not go by the central directory cannot tell where a stored file ends by those.

use std::io::{self, Write};

use crc32fast::Hasher;

use super::{Entry, Files, Modified, broken, tree::Item};

/// How much of a file is read at a time, in bytes.
const STEP: usize = 256 * 1024;

/// What says that a number stands in the ZIP64 part.
const ELSEWHERE: u32 = u32::MAX;

/// Names are in UTF-8.
const UTF8: u16 = 1 << 11;

/// The version that a reader needs for folders.
const PLAIN: u16 = 20;

/// The version that a reader needs for numbers of 64 bits.
const ZIP64: u16 = 45;

/// Names and attributes are as on Unix: some readers take those of DOS for another code page, though they are in UTF-8.
const UNIX: u16 = 3 << 8;

/// What may be done with a folder and with a file: on Unix, and on DOS.
const FOLDER: u32 = 0o040_755 << 16 | 0x10;
const FILE: u32 = 0o100_644 << 16 | 0x20;

/// 1980-01-01, for what has no time.
const NO_TIME: Modified = Modified {
    date: 1 << 5 | 1,
    time: 0,
};

/// How many bytes the archive of these files has.
#[must_use]
pub fn length(items: &[Item]) -> u64 {
    let mut length = Length(0);
    match archive(items, &mut length) {
        Ok(()) => length.0,
        // Nothing is read or written.
        Err(_) => 0,
    }
}

/// Writes the archive of these files.
///
/// # Errors
/// Where a file cannot be read, has changed between its two readings, or nobody takes the archive any more.
pub fn write(files: &Files<'_>, items: &[Item], out: &mut impl Write) -> io::Result<()> {
    let mut archive_out = Archive { files, out };
    archive(items, &mut archive_out)?;
    archive_out.out.flush()
}

/// Where an archive goes.
trait Sink {
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()>;

    fn checksum(&mut self, entry: &Entry) -> io::Result<u32>;

    fn content(&mut self, entry: &Entry, checksum: u32) -> io::Result<()>;
}

struct Length(u64);

impl Sink for Length {
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0 += bytes.len() as u64;
        Ok(())
    }

    fn checksum(&mut self, _: &Entry) -> io::Result<u32> {
        Ok(0)
    }

    fn content(&mut self, entry: &Entry, _: u32) -> io::Result<()> {
        self.0 += entry.bytes;
        Ok(())
    }
}

struct Archive<'a, W> {
    files: &'a Files<'a>,
    out: &'a mut W,
}

impl<W: Write> Archive<'_, W> {
    fn read(
        &mut self,
        entry: &Entry,
        mut take: impl FnMut(&mut W, &[u8]) -> io::Result<()>,
    ) -> io::Result<u32> {
        let mut content = self.files.content(entry);
        let mut hasher = Hasher::new();
        loop {
            let part = content.next(STEP)?;
            if part.is_empty() {
                return Ok(hasher.finalize());
            }
            hasher.update(&part);
            take(self.out, &part)?;
        }
    }
}

impl<W: Write> Sink for Archive<'_, W> {
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    fn checksum(&mut self, entry: &Entry) -> io::Result<u32> {
        self.read(entry, |_, _| Ok(()))
    }

    fn content(&mut self, entry: &Entry, checksum: u32) -> io::Result<()> {
        let found = self.read(entry, Write::write_all)?;
        match found == checksum {
            true => Ok(()),
            false => Err(broken("a file has changed while it was read")),
        }
    }
}

/// What the central directory says of a file.
struct Record<'a> {
    item: &'a Item,
    checksum: u32,
    at: u64,
}

fn archive(items: &[Item], sink: &mut impl Sink) -> io::Result<()> {
    let mut at = 0;
    let mut records = Vec::with_capacity(items.len());
    for item in items {
        let checksum = sink.checksum(&item.entry)?;
        let head = local_head(item, checksum);
        sink.bytes(&head)?;
        sink.content(&item.entry, checksum)?;
        records.push(Record { item, checksum, at });
        at += head.len() as u64 + item.entry.bytes;
    }
    let mut directory = Vec::new();
    for record in &records {
        directory.extend(record.head());
    }
    sink.bytes(&directory)?;
    sink.bytes(&end(records.len() as u64, directory.len() as u64, at))
}

fn local_head(item: &Item, checksum: u32) -> Vec<u8> {
    let bytes = item.entry.bytes;
    let large = (bytes >= u64::from(ELSEWHERE)).then(|| extra(&[bytes, bytes]));
    let mut head = b"PK\x03\x04".to_vec();
    head.extend(common(item, checksum, large.is_some()));
    let large = large.unwrap_or_default();
    head.extend((large.len() as u16).to_le_bytes());
    head.extend(name(item).bytes());
    head.extend(large);
    head
}

impl Record<'_> {
    fn head(&self) -> Vec<u8> {
        let bytes = self.item.entry.bytes;
        let mut large = Vec::new();
        if bytes >= u64::from(ELSEWHERE) {
            large.extend([bytes, bytes]);
        }
        if self.at >= u64::from(ELSEWHERE) {
            large.push(self.at);
        }
        let is_large = !large.is_empty();
        let large = if is_large { extra(&large) } else { Vec::new() };
        let attributes = match self.item.entry.is_folder {
            true => FOLDER,
            false => FILE,
        };
        let mut head = b"PK\x01\x02".to_vec();
        head.extend((UNIX | ZIP64).to_le_bytes());
        head.extend(common(self.item, self.checksum, is_large));
        head.extend((large.len() as u16).to_le_bytes());
        head.extend([0; 6]);
        head.extend(attributes.to_le_bytes());
        head.extend(short(self.at).to_le_bytes());
        head.extend(name(self.item).bytes());
        head.extend(large);
        head
    }
}

/// What both heads of a file have, up to the length of its name.
fn common(item: &Item, checksum: u32, large: bool) -> Vec<u8> {
    let modified = item.entry.modified.unwrap_or(NO_TIME);
    let size = short(item.entry.bytes).to_le_bytes();
    let version = if large { ZIP64 } else { PLAIN };
    let mut common = Vec::new();
    for number in [version, UTF8, 0, modified.time, modified.date] {
        common.extend(number.to_le_bytes());
    }
    common.extend(checksum.to_le_bytes());
    common.extend(size);
    common.extend(size);
    common.extend((name(item).len() as u16).to_le_bytes());
    common
}

/// The extra field with numbers of 64 bits.
fn extra(numbers: &[u64]) -> Vec<u8> {
    let mut extra = vec![1, 0];
    extra.extend((numbers.len() as u16 * 8).to_le_bytes());
    extra.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    extra
}

fn end(count: u64, length: u64, at: u64) -> Vec<u8> {
    let mut end = Vec::new();
    let large = count >= u64::from(u16::MAX) || length.max(at) >= u64::from(ELSEWHERE);
    if large {
        end.extend(b"PK\x06\x06");
        end.extend(44u64.to_le_bytes());
        end.extend([ZIP64.to_le_bytes(), ZIP64.to_le_bytes()].concat());
        end.extend([0; 8]);
        for number in [count, count, length, at] {
            end.extend(number.to_le_bytes());
        }
        end.extend(b"PK\x06\x07\0\0\0\0");
        end.extend((at + length).to_le_bytes());
        end.extend(1u32.to_le_bytes());
    }
    let count = u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes();
    end.extend(b"PK\x05\x06\0\0\0\0");
    end.extend([count, count].concat());
    end.extend(short(length).to_le_bytes());
    end.extend(short(at).to_le_bytes());
    end.extend([0; 2]);
    end
}

/// A number of 32 bits, or what says that it stands elsewhere.
fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE)
}

/// The path in the archive; a folder's ends with `/`.
fn name(item: &Item) -> String {
    let end = if item.entry.is_folder { "/" } else { "" };
    format!("{}{end}", item.name)
}
