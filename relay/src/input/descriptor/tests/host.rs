//! A strict reader of HID report descriptors (HID 1.11, section 6.2.2), as a host has one.

use std::collections::BTreeMap;

/// Which way a report goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Input,
    Output,
    Feature,
}

/// One control of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) page: u16,
    pub(super) usage: u16,
    pub(super) value: i64,
}

/// All reports that a descriptor describes.
pub(super) struct Described {
    fields: Vec<Field>,
}

struct Field {
    kind: Kind,
    report: u8,
    start: usize,
    size: usize,
    count: usize,
    logical: (i64, i64),
    /// Page and usage; empty for constants.
    usages: Vec<(u16, u16)>,
    array: bool,
}

#[derive(Clone, Copy, Default)]
struct Globals {
    page: Option<u16>,
    minimum: Option<i64>,
    maximum: Option<i64>,
    size: Option<usize>,
    count: Option<usize>,
    report: u8,
}

#[derive(Default)]
struct Locals {
    usages: Vec<(u16, u16)>,
    range_start: Option<u16>,
    range_end: Option<u16>,
}

impl Locals {
    fn is_empty(&self) -> bool {
        self.usages.is_empty() && self.range_start.is_none() && self.range_end.is_none()
    }

    fn take(&mut self, page: u16) -> Result<Vec<(u16, u16)>, String> {
        let locals = std::mem::take(self);
        match (locals.range_start, locals.range_end) {
            (None, None) => Ok(locals.usages),
            (Some(start), Some(end)) if locals.usages.is_empty() && start <= end => {
                Ok((start..=end).map(|usage| (page, usage)).collect())
            }
            (start, end) => Err(format!("usage range {start:?}..={end:?}")),
        }
    }
}

struct Item<'a> {
    tag: u8,
    data: &'a [u8],
}

impl Item<'_> {
    fn unsigned(&self) -> u32 {
        self.data
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u32::from(*byte))
    }

    fn signed(&self) -> i64 {
        let unused = 64 - 8 * self.data.len() as u32;
        if unused == 64 {
            return 0;
        }
        i64::from(self.unsigned()) << unused >> unused
    }
}

fn items(mut bytes: &[u8]) -> Result<Vec<Item<'_>>, String> {
    let mut items = Vec::new();
    while let Some((prefix, rest)) = bytes.split_first() {
        if *prefix == 0xFE {
            return Err("a long item".to_owned());
        }
        let length = [0, 1, 2, 4][usize::from(prefix & 3)];
        if rest.len() < length {
            return Err("an item is cut off".to_owned());
        }
        let (data, rest) = rest.split_at(length);
        items.push(Item {
            tag: prefix & 0xFC,
            data,
        });
        bytes = rest;
    }
    Ok(items)
}

impl Described {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut parser = Parser::default();
        for item in items(bytes)? {
            parser.item(&item)?;
        }
        parser.finish()
    }

    /// The length of each report in bytes by its ID (0: no IDs), the ID's byte included.
    pub(super) fn lengths(&self, kind: Kind) -> BTreeMap<u8, usize> {
        let mut lengths = BTreeMap::new();
        for field in self.fields.iter().filter(|field| field.kind == kind) {
            let end = (field.start + field.size * field.count).div_ceil(8);
            lengths.insert(field.report, end + usize::from(field.report != 0));
        }
        lengths
    }

    /// All controls of a report, in the order of the descriptor.
    pub(super) fn decode(&self, kind: Kind, bytes: &[u8]) -> Result<Vec<Value>, String> {
        let numbered = self.fields.iter().any(|field| field.report != 0);
        let (report, body) = match bytes.split_first() {
            Some((id, body)) if numbered => (*id, body),
            _ => (0, bytes),
        };
        match self.lengths(kind).get(&report) {
            Some(length) if *length == bytes.len() => {}
            length => return Err(format!("{} bytes, described are {length:?}", bytes.len())),
        }
        let mut values = Vec::new();
        for field in self
            .fields
            .iter()
            .filter(|field| (field.kind, field.report) == (kind, report))
        {
            field.decode(body, &mut values)?;
        }
        Ok(values)
    }
}

impl Field {
    fn decode(&self, body: &[u8], values: &mut Vec<Value>) -> Result<(), String> {
        let (minimum, maximum) = self.logical;
        for index in 0..self.count {
            let raw = bits(body, self.start + index * self.size, self.size);
            let shift = 64 - self.size as u32;
            let value = if minimum < 0 {
                (raw << shift).cast_signed() >> shift
            } else {
                raw.cast_signed()
            };
            let inside = (minimum..=maximum).contains(&value);
            if self.usages.is_empty() {
                if value != 0 {
                    return Err(format!("padding is {value}"));
                }
            } else if self.array {
                if inside {
                    let (page, usage) = self.usages[(value - minimum) as usize];
                    values.push(Value {
                        page,
                        usage,
                        value: i64::from(usage != 0),
                    });
                } else if value != 0 {
                    return Err(format!("{value} is outside of {minimum}..={maximum}"));
                }
            } else if inside {
                let (page, usage) = self.usages[index];
                values.push(Value { page, usage, value });
            } else {
                return Err(format!("{value} is outside of {minimum}..={maximum}"));
            }
        }
        Ok(())
    }
}

fn bits(bytes: &[u8], start: usize, size: usize) -> u64 {
    (0..size)
        .filter(|bit| bytes[(start + bit) / 8] >> ((start + bit) % 8) & 1 == 1)
        .fold(0, |value, bit| value | 1 << bit)
}

#[derive(Default)]
struct Parser {
    globals: Globals,
    locals: Locals,
    depth: usize,
    ends: BTreeMap<(Kind, u8), usize>,
    fields: Vec<Field>,
}

impl Parser {
    fn item(&mut self, item: &Item<'_>) -> Result<(), String> {
        let globals = &mut self.globals;
        match item.tag {
            0x04 => globals.page = Some(narrow(item.unsigned())?),
            0x14 => globals.minimum = Some(item.signed()),
            0x24 => globals.maximum = Some(item.signed()),
            0x34 | 0x44 => {}
            0x74 => globals.size = Some(item.unsigned() as usize),
            0x94 => globals.count = Some(item.unsigned() as usize),
            0x84 => self.report(item)?,
            0x08 => {
                let usage = (self.page()?, narrow(item.unsigned())?);
                self.locals.usages.push(usage);
            }
            0x18 => self.locals.range_start = Some(narrow(item.unsigned())?),
            0x28 => self.locals.range_end = Some(narrow(item.unsigned())?),
            0xA0 => self.open(item)?,
            0xC0 => self.close()?,
            0x80 => self.field(Kind::Input, item)?,
            0x90 => self.field(Kind::Output, item)?,
            0xB0 => self.field(Kind::Feature, item)?,
            tag => return Err(format!("item {tag:#x}")),
        }
        Ok(())
    }

    fn page(&self) -> Result<u16, String> {
        self.globals.page.ok_or_else(|| "no usage page".to_owned())
    }

    fn report(&mut self, item: &Item<'_>) -> Result<(), String> {
        if self.fields.iter().any(|field| field.report == 0) {
            return Err("a report ID behind fields without one".to_owned());
        }
        match item.data {
            [id] if *id != 0 => self.globals.report = *id,
            data => return Err(format!("report ID {data:?}")),
        }
        Ok(())
    }

    fn open(&mut self, item: &Item<'_>) -> Result<(), String> {
        let page = self.page()?;
        let usages = self.locals.take(page)?;
        let application = item.data == [1];
        if application != (self.depth == 0) || (application && usages.len() != 1) {
            return Err(format!(
                "collection {:?} of {usages:?} at depth {}",
                item.data, self.depth
            ));
        }
        self.depth += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        self.depth = self
            .depth
            .checked_sub(1)
            .ok_or("an end without a collection")?;
        self.no_locals()
    }

    fn no_locals(&self) -> Result<(), String> {
        if self.locals.is_empty() {
            Ok(())
        } else {
            Err("usages that belong to no item".to_owned())
        }
    }

    fn field(&mut self, kind: Kind, item: &Item<'_>) -> Result<(), String> {
        let flags = item.unsigned();
        let (constant, array) = (flags & 1 != 0, flags & 2 == 0);
        let Globals {
            minimum,
            maximum,
            size,
            count,
            report,
            ..
        } = self.globals;
        let (Some(size @ 1..=32), Some(count @ 1..)) = (size, count) else {
            return Err(format!("size {size:?}, count {count:?}"));
        };
        if self.depth == 0 {
            return Err("a field outside of a collection".to_owned());
        }
        let page = self.page()?;
        let usages = self.locals.take(page)?;
        let logical = (minimum.unwrap_or(0), maximum.unwrap_or(0));
        if constant {
            if !usages.is_empty() {
                return Err("padding with usages".to_owned());
            }
        } else {
            check_field(logical, size, count, array, usages.len())?;
        }
        let end = self.ends.entry((kind, report)).or_default();
        let start = *end;
        *end += size * count;
        self.fields.push(Field {
            kind,
            report,
            start,
            size,
            count,
            logical: if constant {
                (0, (1 << size) - 1)
            } else {
                logical
            },
            usages,
            array,
        });
        Ok(())
    }

    fn finish(self) -> Result<Described, String> {
        if self.depth != 0 || self.fields.is_empty() {
            return Err("an open collection, or nothing in it".to_owned());
        }
        self.no_locals()?;
        match self.ends.iter().find(|(_, bits)| *bits % 8 != 0) {
            Some((report, bits)) => Err(format!("{report:?} has {bits} bits")),
            None => Ok(Described {
                fields: self.fields,
            }),
        }
    }
}

fn narrow(value: u32) -> Result<u16, String> {
    u16::try_from(value).map_err(|_| format!("usage {value:#x}"))
}

fn check_field(
    (minimum, maximum): (i64, i64),
    size: usize,
    count: usize,
    array: bool,
    usages: usize,
) -> Result<(), String> {
    let room = if minimum < 0 {
        -(1 << (size - 1))..1 << (size - 1)
    } else {
        0..1i64 << size
    };
    if minimum >= maximum || !room.contains(&minimum) || !room.contains(&maximum) {
        return Err(format!("{minimum}..={maximum} in {size} bits"));
    }
    let wanted = if array {
        (maximum - minimum + 1) as usize
    } else {
        count
    };
    if usages != wanted {
        return Err(format!("{usages} usages, wanted are {wanted}"));
    }
    Ok(())
}
