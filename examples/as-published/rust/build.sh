#!/bin/sh
# Builds the four functions for this machine, or with cargo-zigbuild for another: sh build.sh linux|darwin arm64|x86_64
set -eu
os=$1
arch=$2
case $arch in
  x86_64) cpu=x86_64 ;;
  *) cpu=aarch64 ;;
esac
case $os in
  linux) triple=$cpu-unknown-linux-gnu ;;
  *) triple=$cpu-apple-darwin ;;
esac
host=$(rustc -vV | sed -n 's/^host: //p')
if [ "$host" = "$triple" ]; then
  cargo build --release --locked --target-dir target
  built=target/release
else
  cargo zigbuild --release --locked --target-dir target --target "$triple.2.34"
  built=target/$triple/release
fi
for name in get-cat-ackermann post-sheep-random get-dog-count delete-wolf-ocd; do
  mkdir -p "dist/$os-$arch/$name"
  cp "$built/$name" "dist/$os-$arch/$name/bootstrap"
done
