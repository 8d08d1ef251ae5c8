#!/bin/sh
# Builds the four functions: sh build.sh linux|darwin arm64|x86_64
set -eu
os=$1
arch=$2
case $arch in
  x86_64) goarch=amd64 ;;
  *) goarch=$arch ;;
esac
# Static, without paths of this machine, and without the Go 1.x RPC mode of Lambda that provided.al2023 does not use.
CGO_ENABLED=0 GOOS=$os GOARCH=$goarch \
  go build -trimpath -buildvcs=false -ldflags='-s -w' -tags=lambda.norpc -o "dist/$os-$arch/" ./cmd/...
