# Every command of the project. Run it through ./justw, which makes sure of the tools first.

set positional-arguments

export CARGO_TARGET_DIR := justfile_directory() / "target"
export CARGO_TERM_COLOR := env("CARGO_TERM_COLOR", "auto")

armchair := CARGO_TARGET_DIR / "release/armchair"
wasm := 'toolchain=$(scripts/wasm-toolchain) && RUSTUP_TOOLCHAIN=$toolchain cargo'
page := "--package frontend --target wasm32-unknown-unknown --profile wasm --locked"

# One profile for all that runs, and the features of the whole workspace whatever is built of it, so
# that nothing is compiled twice.
host := "--workspace --release --locked"

[private]
default:
    @{{ just_executable() }} --list --unsorted

# Serve the simulated PC on loopback, with a page that opens signed in
demo *arguments: build
    @exec {{ armchair }} demo "$@"

# The release binary with the page inside, at target/release/armchair
build: page
    cargo build {{ host }} --bin armchair

# The files of the page, in target/page
page:
    {{ wasm }} build {{ page }}
    cargo build {{ host }} --bin bundler
    @target/release/bundler

# Everything that CI runs; what is marked as ignored, too
test: lint build
    cargo nextest run {{ host }} --run-ignored all

# The tests beside the code; arguments go to nextest, as in the next two
unit *arguments:
    cargo nextest run {{ host }} -E 'not package(tests)' "$@"

# The stories in Chromium against the simulated PC
e2e *arguments: build
    cargo nextest run {{ host }} --test e2e "$@"

# The stories against real kernel drivers, in a virtual machine
kernel *arguments: build
    cargo nextest run {{ host }} --test kernel "$@"

# Measure and print; figures also go to target/bench/*.json
bench *arguments: build
    cargo bench --workspace --profile release --locked --bench figures "$@"

# The tables of the keyboard layouts, in shared/layouts, from this machine's xkeyboard-config
layouts:
    cargo run --release --locked --package layout-tables

# A minute of each fuzz target
fuzz seconds="60":
    scripts/fuzz {{ seconds }}

# Formatting, and clippy on the relay's side and on the page's
lint:
    cargo fmt --all -- --check
    cargo clippy {{ host }} --all-targets -- --deny warnings
    {{ wasm }} clippy {{ page }} -- --deny warnings

# The PNGs of the app's icons, from their SVGs
icons:
    for icon in icon icon-maskable; do for size in 192 512; do \
        rsvg-convert -w $size -h $size frontend/public/$icon.svg | pngquant --speed 1 64 > frontend/public/$icon-$size.png; \
        zopflipng -y --iterations=50 frontend/public/$icon-$size.png frontend/public/$icon-$size.png; \
    done; done

# Format the code
format:
    cargo fmt --all
