//! Report descriptors (HID 1.11, section 6.2.2), as far as a host needs them to decode input reports.

/// What a descriptor says about its input reports.
#[derive(Clone, Debug, Default)]
pub struct Descriptor {
    fields: Vec<Field>,
    numbered: bool,
    /// Whether there is a Resolution Multiplier, which this host sets, so that wheels count in 1/120 of a detent.
    pub has_multiplier: bool,
}

/// A control of a decoded report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// Usage page and usage.
    pub usage: u32,
    /// Its value; 1 for a usage of an array.
    pub value: i32,
    /// The logical maximum.
    pub max: i32,
    /// Whether the value is a motion.
    pub relative: bool,
}

#[derive(Clone, Debug)]
struct Field {
    report: u8,
    bit: usize,
    size: usize,
    count: usize,
    min: i32,
    max: i32,
    array: bool,
    relative: bool,
    usages: Usages,
}

#[derive(Clone, Debug, Default)]
struct Usages {
    listed: Vec<u32>,
    range: Option<(u32, u32)>,
}

impl Usages {
    fn at(&self, index: usize) -> u32 {
        if let Some(usage) = self.listed.get(index).or(self.listed.last()) {
            return *usage;
        }
        let (first, last) = self.range.unwrap_or_default();
        first
            .saturating_add(u32::try_from(index).unwrap_or(u32::MAX))
            .min(last)
    }
}

#[derive(Clone, Copy, Default)]
struct Globals {
    page: u32,
    min: i32,
    max: i32,
    size: usize,
    count: usize,
    report: u8,
}

const USAGE_RESOLUTION_MULTIPLIER: u32 = 0x0001_0048;

impl Descriptor {
    /// Reads a descriptor; what is cut off at its end is left out.
    #[must_use]
    pub fn parse(mut bytes: &[u8]) -> Self {
        let mut descriptor = Self::default();
        let mut globals = Globals::default();
        let mut stack = Vec::new();
        let mut usages = Usages::default();
        let mut bits = [0_usize; 256];
        while let Some((tag, data, rest)) = item(bytes) {
            bytes = rest;
            match tag {
                0x04 => globals.page = unsigned(data),
                0x14 => globals.min = signed(data),
                0x24 => globals.max = signed(data),
                0x74 => globals.size = unsigned(data) as usize,
                0x94 => globals.count = unsigned(data) as usize,
                0x84 => {
                    globals.report = data.first().copied().unwrap_or(0);
                    descriptor.numbered = true;
                    bits[usize::from(globals.report)] = bits[usize::from(globals.report)].max(8);
                }
                0xA4 => stack.push(globals),
                0xB4 => globals = stack.pop().unwrap_or(globals),
                0x08 => usages.listed.push(full_usage(globals.page, data)),
                0x18 => usages.range.get_or_insert_default().0 = full_usage(globals.page, data),
                0x28 => usages.range.get_or_insert_default().1 = full_usage(globals.page, data),
                0x80 => {
                    let bit = &mut bits[usize::from(globals.report)];
                    descriptor.add_input(
                        globals,
                        *bit,
                        unsigned(data),
                        std::mem::take(&mut usages),
                    );
                    *bit = bit.saturating_add(globals.size.saturating_mul(globals.count));
                }
                0xB0 => {
                    descriptor.has_multiplier |=
                        usages.listed.contains(&USAGE_RESOLUTION_MULTIPLIER);
                    usages = Usages::default();
                }
                0x90 | 0xA0 | 0xC0 => usages = Usages::default(),
                _ => {}
            }
        }
        descriptor
    }

    /// Whether a report is as long as its fields.
    #[must_use]
    pub fn is_complete(&self, report: &[u8]) -> bool {
        let mut fields = self.fields_of(report).peekable();
        fields.peek().is_some()
            && fields.all(|field| field.bit + field.size * field.count <= report.len() * 8)
    }

    /// Whether a report's controls are of a usage page.
    #[must_use]
    pub fn is_of_page(&self, report: &[u8], page: u32) -> bool {
        self.fields_of(report)
            .any(|field| field.usages.at(0) >> 16 == page)
    }

    /// The controls of a report, in the order of the descriptor; of an array those that are down.
    #[must_use]
    pub fn decode(&self, report: &[u8]) -> Vec<Control> {
        let mut controls = Vec::new();
        for field in self.fields_of(report) {
            for index in 0..field.count {
                controls.extend(field.control(report, index));
            }
        }
        controls
    }

    fn fields_of(&self, report: &[u8]) -> impl Iterator<Item = &Field> {
        let id = if self.numbered {
            report.first().copied()
        } else {
            Some(0)
        };
        self.fields
            .iter()
            .filter(move |field| Some(field.report) == id)
    }

    fn add_input(&mut self, globals: Globals, bit: usize, flags: u32, usages: Usages) {
        let constant = flags & 1 != 0;
        if constant || !(1..=32).contains(&globals.size) || globals.count > 256 {
            return;
        }
        self.fields.push(Field {
            report: globals.report,
            bit,
            size: globals.size,
            count: globals.count,
            min: globals.min,
            max: globals.max,
            array: flags & 2 == 0,
            relative: flags & 4 != 0,
            usages,
        });
    }
}

impl Field {
    fn control(&self, report: &[u8], index: usize) -> Option<Control> {
        let raw = bits(report, self.bit + index * self.size, self.size)?;
        let value = if self.min < 0 {
            sign_extended(raw, self.size)
        } else {
            raw.cast_signed()
        };
        let control = |usage, value| Control {
            usage,
            value,
            max: self.max,
            relative: self.relative,
        };
        if !self.array {
            return Some(control(self.usages.at(index), value));
        }
        let within = (self.min..=self.max).contains(&value);
        let offset = usize::try_from(value.wrapping_sub(self.min))
            .ok()
            .filter(|_| within)?;
        let usage = self.usages.at(offset);
        (usage & 0xFFFF != 0).then(|| control(usage, 1))
    }
}

/// The first item: its tag and type (the prefix without the size), its data, and what follows it.
fn item(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (prefix, rest) = bytes.split_first()?;
    if *prefix == 0xFE {
        let length = usize::from(*rest.first()?);
        return Some((0xFC, &[], rest.get(2 + length..)?));
    }
    let length = [0, 1, 2, 4][usize::from(prefix & 3)];
    let (data, rest) = rest.split_at_checked(length)?;
    Some((prefix & 0xFC, data, rest))
}

fn unsigned(data: &[u8]) -> u32 {
    data.iter()
        .rev()
        .fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn signed(data: &[u8]) -> i32 {
    match data.len() {
        0 => 0,
        length => sign_extended(unsigned(data), length * 8),
    }
}

fn full_usage(page: u32, data: &[u8]) -> u32 {
    if data.len() == 4 {
        unsigned(data)
    } else {
        page << 16 | unsigned(data)
    }
}

fn sign_extended(raw: u32, size: usize) -> i32 {
    let shift = 32 - size.clamp(1, 32);
    (raw << shift).cast_signed() >> shift
}

fn bits(report: &[u8], start: usize, size: usize) -> Option<u32> {
    (start..start.checked_add(size)?)
        .enumerate()
        .try_fold(0, |value, (place, bit)| {
            let byte = report.get(bit / 8)?;
            Some(value | u32::from(byte >> (bit % 8) & 1) << place)
        })
}
