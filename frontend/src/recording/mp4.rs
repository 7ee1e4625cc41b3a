//! A plain MP4 file of one video track (ISO/IEC 14496-12): samples first, as they come, and the tables that find them
//! at the end.

use super::timeline::TICKS_A_SECOND;

/// From 1904, from which MP4 counts, to 1970, in seconds.
const EPOCH_1904_S: u64 = 2_082_844_800;

/// The most samples of a chunk.
const CHUNK_MAX: u32 = 64;

/// Where the length of the samples stands in the file, which is known at its end.
pub const LENGTH_AT: u64 = 32 + 8;

/// The length of [`head`], in bytes.
const HEAD: u64 = LENGTH_AT + 8;

/// No change of scale, place or angle.
const UNITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// What a decoder must know of the samples that follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The picture's width in pixels.
    pub width: u16,
    /// The picture's height in pixels.
    pub height: u16,
    /// The `AVCDecoderConfigurationRecord`.
    pub configuration: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    begins: u64,
    size: u32,
    key: bool,
}

#[derive(Clone, Copy, Debug)]
struct Chunk {
    offset: u64,
    samples: u32,
    description: u32,
}

/// The tables of a file that is being written.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    descriptions: Vec<Description>,
    chunks: Vec<Chunk>,
    samples: Vec<Sample>,
    bytes: u64,
}

/// The bytes that a file begins with; samples follow.
#[must_use]
pub fn head() -> Vec<u8> {
    let mut brands = Vec::from(*b"isom");
    brands.extend(0x200_u32.to_be_bytes());
    for brand in [b"isom", b"iso2", b"avc1", b"mp41"] {
        brands.extend(brand);
    }
    let mut head = boxed(*b"ftyp", &[&brands]);
    head.extend(1_u32.to_be_bytes());
    head.extend(b"mdat");
    head.extend(0_u64.to_be_bytes());
    head
}

impl Tables {
    /// Notes a sample that begins at `begins` (ticks since the first one) and stands behind the one before. A
    /// description that differs from the last one starts a new chunk.
    pub fn add(&mut self, description: &Description, begins: u64, size: u32, key: bool) {
        let described = self.describe(description);
        let offset = HEAD + self.bytes;
        match self.chunks.last_mut() {
            Some(chunk) if chunk.description == described && chunk.samples < CHUNK_MAX => {
                chunk.samples += 1;
            }
            _ => self.chunks.push(Chunk {
                offset,
                samples: 1,
                description: described,
            }),
        }
        self.samples.push(Sample { begins, size, key });
        self.bytes += u64::from(size);
    }

    /// The bytes of all samples.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What is written over the bytes at [`LENGTH_AT`].
    #[must_use]
    pub fn length(&self) -> [u8; 8] {
        (16 + self.bytes).to_be_bytes()
    }

    /// The bytes behind the samples. `ends` is when the last one does, in ticks; `created_s` is Unix time.
    #[must_use]
    pub fn tail(&self, ends: u64, created_s: u64) -> Vec<u8> {
        let created = u32::try_from(created_s + EPOCH_1904_S).unwrap_or(u32::MAX);
        let duration = u32::try_from(ends).unwrap_or(u32::MAX);
        let times = words(&[created, created]);
        let scale = words(&[TICKS_A_SECOND as u32, duration]);
        let movie_header = full(
            *b"mvhd",
            0,
            &[
                &times,
                &scale,
                &words(&[0x1_0000, 0x0100_0000, 0, 0]),
                &words(&UNITY),
                &[0; 24],
                &words(&[2]),
            ],
        );
        boxed(
            *b"moov",
            &[&movie_header, &self.track(&times, &scale, duration, ends)],
        )
    }

    fn describe(&mut self, description: &Description) -> u32 {
        let known = self
            .descriptions
            .iter()
            .rposition(|known| known == description);
        let index = known.unwrap_or_else(|| {
            self.descriptions.push(description.clone());
            self.descriptions.len() - 1
        });
        index as u32 + 1
    }

    fn track(&self, times: &[u8], scale: &[u8], duration: u32, ends: u64) -> Vec<u8> {
        let largest = |of: fn(&Description) -> u16| {
            let sizes = self.descriptions.iter().map(of);
            u32::from(sizes.max().unwrap_or_default()) << 16
        };
        let size = words(&[largest(|one| one.width), largest(|one| one.height)]);
        let enabled_in_movie = 3;
        let header = full(
            *b"tkhd",
            enabled_in_movie,
            &[
                times,
                &words(&[1, 0, duration, 0, 0, 0, 0]),
                &words(&UNITY),
                &size,
            ],
        );
        let undetermined = words(&[0x55C4_0000]);
        let media_header = full(*b"mdhd", 0, &[times, scale, &undetermined]);
        let handler = full(*b"hdlr", 0, &[&[0; 4], b"vide", &[0; 12], b"Armchair\0"]);
        let in_this_file = full(*b"url ", 1, &[]);
        let references = full(*b"dref", 0, &[&words(&[1]), &in_this_file]);
        let information = boxed(
            *b"minf",
            &[
                &full(*b"vmhd", 1, &[&[0; 8]]),
                &boxed(*b"dinf", &[&references]),
                &self.table(ends),
            ],
        );
        let media = boxed(*b"mdia", &[&media_header, &handler, &information]);
        boxed(*b"trak", &[&header, &media])
    }

    fn table(&self, ends: u64) -> Vec<u8> {
        let descriptions: Vec<Vec<u8>> = self.descriptions.iter().map(entry).collect();
        let entries = [words(&[descriptions.len() as u32]), descriptions.concat()];
        boxed(
            *b"stbl",
            &[
                &full(*b"stsd", 0, &[&entries[0], &entries[1]]),
                &list(*b"stts", &self.durations(ends)),
                &list(*b"stss", &self.keys()),
                &list(*b"stsc", &self.chunk_runs()),
                &self.sizes(),
                &self.offsets(),
            ],
        )
    }

    /// Runs of samples that last equally long.
    fn durations(&self, ends: u64) -> Vec<[u32; 2]> {
        let begins = self.samples.iter().map(|sample| sample.begins);
        let next = begins.clone().skip(1).chain([ends]);
        let mut runs: Vec<[u32; 2]> = Vec::new();
        for (begin, end) in begins.zip(next) {
            let lasts = u32::try_from(end.saturating_sub(begin)).unwrap_or(u32::MAX);
            match runs.last_mut() {
                Some([count, duration]) if *duration == lasts => *count += 1,
                _ => runs.push([1, lasts]),
            }
        }
        runs
    }

    fn keys(&self) -> Vec<[u32; 1]> {
        let numbered = self.samples.iter().zip(1..);
        numbered
            .filter(|(sample, _)| sample.key)
            .map(|(_, number)| [number])
            .collect()
    }

    /// Runs of chunks of as many samples with the same description.
    fn chunk_runs(&self) -> Vec<[u32; 3]> {
        let mut runs: Vec<[u32; 3]> = Vec::new();
        for (chunk, number) in self.chunks.iter().zip(1..) {
            let alike = runs.last().is_some_and(|[_, samples, description]| {
                (*samples, *description) == (chunk.samples, chunk.description)
            });
            if !alike {
                runs.push([number, chunk.samples, chunk.description]);
            }
        }
        runs
    }

    fn sizes(&self) -> Vec<u8> {
        let sizes: Vec<u32> = self.samples.iter().map(|sample| sample.size).collect();
        full(
            *b"stsz",
            0,
            &[&words(&[0, sizes.len() as u32]), &words(&sizes)],
        )
    }

    fn offsets(&self) -> Vec<u8> {
        let mut offsets = words(&[self.chunks.len() as u32]);
        for chunk in &self.chunks {
            offsets.extend(chunk.offset.to_be_bytes());
        }
        full(*b"co64", 0, &[&offsets])
    }
}

/// A sample entry of H.264 (ISO/IEC 14496-15, section 5.4.2.1).
fn entry(description: &Description) -> Vec<u8> {
    let dots_an_inch = 72 << 16;
    let size = u32::from(description.width) << 16 | u32::from(description.height);
    boxed(
        *b"avc1",
        &[
            &[0; 6],
            &[0, 1],
            &[0; 16],
            &words(&[size, dots_an_inch, dots_an_inch, 0]),
            &[0, 1],
            &[0; 32],
            &[0, 24, 0xFF, 0xFF],
            &boxed(*b"avcC", &[&description.configuration]),
        ],
    )
}

fn boxed(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(length);
    bytes.extend((length as u32).to_be_bytes());
    bytes.extend(kind);
    for part in parts {
        bytes.extend(*part);
    }
    bytes
}

/// A box of version 0 with these flags.
fn full(kind: [u8; 4], flags: u32, parts: &[&[u8]]) -> Vec<u8> {
    boxed(kind, &[&flags.to_be_bytes(), &parts.concat()])
}

fn list<const N: usize>(kind: [u8; 4], rows: &[[u32; N]]) -> Vec<u8> {
    full(
        kind,
        0,
        &[&words(&[rows.len() as u32]), &words(&rows.concat())],
    )
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::{CHUNK_MAX, Description, HEAD, LENGTH_AT, Tables, head};

    fn description(width: u16) -> Description {
        Description {
            width,
            height: 400,
            configuration: vec![1, 2, 3],
        }
    }

    #[test]
    fn the_head_ends_where_samples_begin() {
        let head = head();
        assert_eq!(head.len() as u64, HEAD);
        assert_eq!(&head[4..8], b"ftyp");
        assert_eq!(head[3], 32);
        assert_eq!(&head[36..40], b"mdat");
        assert_eq!(head[LENGTH_AT as usize..], [0; 8]);
    }

    #[test]
    fn durations_are_runs_and_the_last_sample_lasts_until_the_end() {
        let mut tables = Tables::default();
        for begins in [0, 1500, 3000, 6000] {
            tables.add(&description(720), begins, 10, begins == 0);
        }
        assert_eq!(
            tables.durations(90_000),
            [[2, 1500], [1, 3000], [1, 84_000]]
        );
        assert_eq!(tables.keys(), [[1]]);
        assert_eq!(tables.length(), 56_u64.to_be_bytes());
    }

    #[test]
    fn another_size_is_another_description_and_a_known_one_is_found_again() {
        let mut tables = Tables::default();
        for (begins, width) in [720, 720, 800, 720].into_iter().enumerate() {
            tables.add(&description(width), begins as u64, 10, true);
        }
        assert_eq!(tables.descriptions.len(), 2);
        assert_eq!(tables.chunk_runs(), [[1, 2, 1], [2, 1, 2], [3, 1, 1]]);
        let offsets: Vec<u64> = tables.chunks.iter().map(|chunk| chunk.offset).collect();
        assert_eq!(offsets, [HEAD, HEAD + 20, HEAD + 30]);
    }

    #[test]
    fn full_chunks_are_one_run() {
        let mut tables = Tables::default();
        for begins in 0..u64::from(CHUNK_MAX) * 3 + 1 {
            tables.add(&description(720), begins, 1, false);
        }
        assert_eq!(tables.chunk_runs(), [[1, CHUNK_MAX, 1], [4, 1, 1]]);
    }

    #[test]
    fn boxes_fill_each_other_exactly() {
        let mut tables = Tables::default();
        tables.add(&description(720), 0, 10, true);
        let tail = tables.tail(100, 1_790_000_000);
        let nested = ["moov", "trak", "mdia", "minf", "stbl", "dinf"];
        let mut open = vec![tail.as_slice()];
        let mut seen = Vec::new();
        while let Some(bytes) = open.pop() {
            let mut rest = bytes;
            while !rest.is_empty() {
                let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
                let kind = String::from_utf8(rest[4..8].to_vec()).unwrap();
                if nested.contains(&kind.as_str()) {
                    open.push(&rest[8..length]);
                }
                seen.push(kind);
                rest = &rest[length..];
            }
        }
        seen.sort();
        let expected = [
            "co64", "dinf", "dref", "hdlr", "mdhd", "mdia", "minf", "moov", "mvhd", "stbl", "stsc",
            "stsd", "stss", "stsz", "stts", "tkhd", "trak", "vmhd",
        ];
        assert_eq!(seen, expected);
    }
}
