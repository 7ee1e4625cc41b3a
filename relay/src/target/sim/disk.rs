//! The files on the PC's own disk.

/// A file of the own disk: its name and its text.
pub type File = (&'static str, &'static str);

/// The files, in the order in which `ls` shows them.
pub const FILES: &[File] = &[
    ("cities.txt", CITIES),
    ("fox.txt", FOX),
    ("hardware.txt", HARDWARE),
    ("readme.txt", README),
    ("signs.txt", SIGNS),
];

/// The disk's name in the boot menu.
pub const LABEL: &str = "Armchair disk, 8 GB";

/// The file of this name.
#[must_use]
pub fn read(name: &str) -> Option<&'static str> {
    let name = name.strip_prefix("./").unwrap_or(name);
    FILES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

const README: &str = "\
This is a simulated PC. It boots, draws, and has a USB port, so that Armchair
can be tried without any hardware. What you see is a video signal; what you
type arrives as USB reports, as on a real machine.

  Restart it with Ctrl+Alt+Del and press F12 to see its boot menu.
  `layout de` makes its keyboard a German one, `size 1920x1080` its screen larger.
  `motion on` shows how a moving picture arrives.
";

const FOX: &str = "\
The quick brown fox jumps over the lazy dog.
Pack my box with five dozen liquor jugs.
Sphinx of black quartz, judge my vow!
";

const CITIES: &str = "\
Zürich      Málaga      Göteborg    Łódź
Besançon    Århus       Reykjavík   São Paulo
";

const SIGNS: &str = "\
digits   0123456789
signs    !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~
money    $ £ ¥ € ¢
letters  äöüß éèêë àâ ç ñ å æ ø ÄÖÜ ÉÈÊ Ç Ñ Å Æ Ø
";

const HARDWARE: &str = "\
Processor   1 x Simulated, 1000 MHz
Memory      4096 MiB
Disk        Armchair disk, 8 GB
Video       one output, up to 3840x2160 at 60 Hz
USB         keyboard, absolute pointer, mouse, media keys
";
