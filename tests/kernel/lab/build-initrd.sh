#!/bin/bash
# build-initrd.sh OUT: OUT/vmlinuz and OUT/initrd.zst from OUT/kernel. The initrd holds only what mounting the guest's
# root needs; every other module is read from OUT/kernel in the guest.
set -euo pipefail
out=$(realpath "${1:?folder}") here=$(dirname "$(realpath "$0")")
modules=$(dirname "$(find "$out/kernel" -name modules.order)")
base=${modules%/lib/modules/*} version=$(basename "$modules")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() {
    case $1 in
    *.xz) xz -dc "$1" ;;
    *.zst) zstd -qdc "$1" ;;
    *) cat "$1" ;;
    esac
}

mkdir -p "$work"/{bin,modules,proc,sys,dev,root}
busybox=$(command -v busybox)
cp "$busybox" "$work/bin/busybox"
cp "$here/init" "$work/init"
chmod +x "$work/init"
for module in virtio_pci virtio_net virtio_rng 9pnet_virtio 9p overlay; do
    modprobe -d "$base" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
done | awk '!seen[$0]++' | while read -r file; do
    name=$(basename "$file")
    unpack "$file" > "$work/modules/${name%%.ko*}.ko"
    echo "${name%%.ko*}.ko" >> "$work/modules/order"
done
echo "$modules" > "$work/modules/folder"

image=$(find "$out/kernel" -name 'vmlinuz*' -type f | head -n 1)
cp "$image" "$out/vmlinuz"
(cd "$work" && find . -print0 | cpio --null -o -H newc -R 0:0 --quiet) | zstd -q -1 -f -o "$out/initrd.zst.new"
mv "$out/initrd.zst.new" "$out/initrd.zst"
