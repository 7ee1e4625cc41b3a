//! Files and folders under the names that they will have.

use std::collections::{HashMap, HashSet, hash_map};

use super::{
    Change, ENTRIES_MAX, Entry, FAT32_FILE_MAX, Format, Layout, LayoutError, Options, Time, exfat,
    fat32, names::Names, up_case::UpCase,
};

/// Files and folders as they will be on a disk.
pub struct Tree {
    format: Format,
    /// The root first, and each folder before what is in it.
    pub(super) nodes: Vec<Node>,
    renamed: Vec<Renamed>,
    refused: Vec<(usize, Refused)>,
    is_too_large: bool,
}

/// A file or a folder.
pub(super) struct Node {
    pub(super) name: String,
    /// The folder that it is in; the root is in itself.
    pub(super) parent: usize,
    /// A file: its entry and its bytes.
    pub(super) file: Option<(usize, u64)>,
    pub(super) modified: Option<Time>,
    /// In a folder.
    pub(super) children: Vec<usize>,
}

/// Something that will have another name than it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// The number of the entry that has brought it.
    pub entry: usize,
    /// What it is called: a name of the entry's path.
    pub given: String,
    /// What it will be called.
    pub name: String,
    /// Why.
    pub change: Change,
}

/// Why an entry cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// FAT32 holds no file of 4 GiB or more.
    TooLarge,
    /// A name of it has more than 255 characters of UTF-16.
    LongName,
    /// Another entry is the same file.
    Twice,
    /// A folder of FAT32 has no room for all that is in it.
    FullFolder,
}

/// What is on its way into a tree.
struct Growing {
    tree: Tree,
    table: UpCase,
    names: Vec<Names>,
    folders: HashMap<(usize, String), usize>,
    files: HashSet<(usize, String)>,
}

impl Tree {
    /// The entries as they will be on a disk of this format.
    #[must_use]
    pub fn of(entries: &[Entry], format: Format) -> Self {
        let root = Node {
            name: String::new(),
            parent: 0,
            file: None,
            modified: None,
            children: Vec::new(),
        };
        let tree = Self {
            format,
            nodes: vec![root],
            renamed: Vec::new(),
            refused: Vec::new(),
            is_too_large: false,
        };
        let mut growing = Growing {
            tree,
            table: UpCase::new(),
            names: vec![Names::default()],
            folders: HashMap::new(),
            files: HashSet::new(),
        };
        for (number, entry) in entries.iter().enumerate() {
            if let Err(why) = growing.add(number, entry) {
                growing.tree.refused.push((number, why));
            }
        }
        growing.done()
    }

    /// What cannot be taken: the numbers of entries, and why.
    #[must_use]
    pub fn refused(&self) -> &[(usize, Refused)] {
        &self.refused
    }

    /// What will have another name.
    #[must_use]
    pub fn renamed(&self) -> &[Renamed] {
        &self.renamed
    }

    /// The disk.
    ///
    /// # Errors
    /// Where there can be none.
    pub fn lay_out(&self, options: &Options) -> Result<Layout, LayoutError> {
        self.check()?;
        match self.format {
            Format::Fat32 => fat32::lay_out(self, options),
            Format::ExFat => exfat::lay_out(self, options),
        }
    }

    /// How large the disk would be, in bytes.
    ///
    /// # Errors
    /// Where there can be none.
    pub fn size(&self, options: &Options) -> Result<u64, LayoutError> {
        self.check()?;
        match self.format {
            Format::Fat32 => fat32::size(self, options.room),
            Format::ExFat => exfat::size(self, options.room),
        }
    }

    fn check(&self) -> Result<(), LayoutError> {
        match (self.refused.is_empty(), self.is_too_large) {
            (_, true) => Err(LayoutError::TooMany),
            (false, false) => Err(LayoutError::Refused),
            (true, false) => Ok(()),
        }
    }

    /// The names in a folder, in their order.
    pub(super) fn names<'a>(&'a self, folder: &'a Node) -> impl Iterator<Item = &'a str> + Clone {
        let children = folder.children.iter();
        children.map(|child| self.nodes[*child].name.as_str())
    }

    /// A number that tells this disk from others.
    pub(super) fn serial(&self, options: &Options) -> u64 {
        let mut serial = Serial(0xCBF2_9CE4_8422_2325);
        serial.add(options.label.as_bytes());
        serial.add(&options.made.unix_s.to_le_bytes());
        for node in &self.nodes {
            serial.add(node.name.as_bytes());
            serial.add(&(node.parent as u64).to_le_bytes());
            serial.add(&node.file.map_or(u64::MAX, |(_, bytes)| bytes).to_le_bytes());
            serial.add(&node.modified.map_or(0, |time| time.unix_s).to_le_bytes());
        }
        serial.0
    }
}

/// FNV-1a of 64 bits.
struct Serial(u64);

impl Serial {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
}

impl Growing {
    fn add(&mut self, number: usize, entry: &Entry) -> Result<(), Refused> {
        let Some((last, above)) = entry.path.split_last() else {
            return Ok(());
        };
        let mut folder = 0;
        for name in above {
            folder = self.folder(number, folder, name)?;
        }
        let Some(bytes) = entry.bytes else {
            return self.folder(number, folder, last).map(drop);
        };
        if bytes > FAT32_FILE_MAX && self.tree.format == Format::Fat32 {
            return Err(Refused::TooLarge);
        }
        if !self.files.insert((folder, last.clone())) {
            return Err(Refused::Twice);
        }
        let file = Some((number, bytes));
        self.node(number, folder, last, file, entry.modified)
            .map(drop)
    }

    /// The folder of this name, which is made where it is not there.
    fn folder(&mut self, number: usize, parent: usize, given: &str) -> Result<usize, Refused> {
        if let hash_map::Entry::Occupied(known) = self.folders.entry((parent, given.to_owned())) {
            return Ok(*known.get());
        }
        let node = self.node(number, parent, given, None, None)?;
        self.folders.insert((parent, given.to_owned()), node);
        Ok(node)
    }

    fn node(
        &mut self,
        entry: usize,
        parent: usize,
        given: &str,
        file: Option<(usize, u64)>,
        modified: Option<Time>,
    ) -> Result<usize, Refused> {
        let taken = self.names[parent].take(given, &self.table);
        let (name, change) = taken.ok_or(Refused::LongName)?;
        if let Some(change) = change {
            self.tree.renamed.push(Renamed {
                entry,
                given: given.to_owned(),
                name: name.clone(),
                change,
            });
        }
        let node = self.tree.nodes.len();
        self.tree.nodes.push(Node {
            name,
            parent,
            file,
            modified,
            children: Vec::new(),
        });
        self.names.push(Names::default());
        self.tree.nodes[parent].children.push(node);
        Ok(node)
    }

    /// The tree, in which a folder is as old as the newest file in it.
    fn done(self) -> Tree {
        let mut tree = self.tree;
        for node in (1..tree.nodes.len()).rev() {
            let (parent, modified) = (tree.nodes[node].parent, tree.nodes[node].modified);
            let above = &mut tree.nodes[parent].modified;
            *above = (*above).max(modified);
        }
        tree.is_too_large = tree.nodes.len() > ENTRIES_MAX;
        if tree.format == Format::Fat32 {
            let full = |node: &&Node| fat32::is_full(&tree, node);
            let full: Vec<usize> = tree
                .nodes
                .iter()
                .filter(full)
                .filter_map(|folder| {
                    folder
                        .children
                        .iter()
                        .find_map(|child| tree.nodes[*child].file)
                })
                .map(|(entry, _)| entry)
                .collect();
            tree.refused
                .extend(full.into_iter().map(|entry| (entry, Refused::FullFolder)));
        }
        tree
    }
}

/// Where the clusters of a node are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    /// The first one's number; 0 where there are none.
    pub(super) first: u32,
    pub(super) count: u32,
}

/// How many bytes each node fills, where `folder` says it of folders.
pub(super) fn sizes(tree: &Tree, folder: impl Fn(&Node) -> u64) -> Vec<u64> {
    let size = |node: &Node| node.file.map_or_else(|| folder(node), |(_, bytes)| bytes);
    tree.nodes.iter().map(size).collect()
}

/// Where the clusters of all nodes are, from the cluster `from` on: folders first, then files, each in one run.
pub(super) fn runs(tree: &Tree, sizes: &[u64], cluster: u64, from: u32) -> Vec<Run> {
    let mut runs = vec![Run::default(); sizes.len()];
    let mut next = from;
    for files in [false, true] {
        for (node, size) in sizes.iter().enumerate() {
            let count = size.div_ceil(cluster) as u32;
            if tree.nodes[node].file.is_some() == files && count > 0 {
                runs[node] = Run { first: next, count };
                next += count;
            }
        }
    }
    runs
}
