#!/bin/bash
# fetch-kernel.sh OUT: unpacks Debian's newest kernel with its modules into OUT/kernel. It has drivers that the stable
# kernel lacks. A private apt configuration leaves the machine's own packages and lists as they are.
set -euo pipefail
out=$(realpath -m "${1:?folder}") suite=forky
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mirror=$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' | awk '$2 == "Debian" { print $1; exit }')
[ -n "$mirror" ] || { echo "apt's sources name no Debian archive to fetch a kernel from" >&2; exit 1; }

mkdir -p "$work"/{lists/partial,cache/archives/partial,parts,debs,kernel}
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$work/sources.list"
cat > "$work/apt.conf" <<CONF
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "$work/parts";
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
CONF
export APT_CONFIG=$work/apt.conf

depends() {
    apt-cache show --no-all-versions "$1" | sed -n 's/^Depends: //p' | tr ',' '\n' | awk '{ print $1 }'
}

apt-get -qq update
image=$(depends linux-image-amd64 | grep '^linux-image-')
packages=$(printf '%s\n' "$image" $(depends "$image") | grep -E '^linux-(image|binary|modules|base)-[0-9]' | sort -u)
echo "kernel lab: fetching $image" >&2
(cd "$work/debs" && apt-get -qq download $packages)
for package in "$work"/debs/*.deb; do
    dpkg-deb -x "$package" "$work/kernel"
done

modules=$(dirname "$(find "$work/kernel" -name modules.order)")
depmod -b "${modules%/lib/modules/*}" "$(basename "$modules")"
mkdir -p "$out"
rm -rf "$out/kernel"
mv "$work/kernel" "$out/kernel"
