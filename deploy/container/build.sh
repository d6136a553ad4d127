#!/bin/sh
# Builds the image with buildah, without a daemon and also where there is no overlay file system and no user namespace:
#
#   deploy/container/build.sh [BASE]
#
# leaves build/package/timewait_exporter-VERSION.docker-archive.tar. BASE is what the build starts from, if not the
# Dockerfile's: the name of an image, or a file, as in oci-archive:base.tar. From the same BASE and the same commit the
# same bytes come out.
set -eu
cd "$(dirname -- "$(readlink -f -- "$0")")/../.."

version=$(sed -n 's/^project(timewait_exporter VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
revision=$(git describe --always --dirty --exclude='*')
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
image=localhost/timewait_exporter:$version
archive=build/package/timewait_exporter-$version.docker-archive.tar

mkdir -p build/package
storage=$(mktemp -d "$PWD/build/image.XXXXXX")
trap 'rm -rf "$storage"' EXIT
trap 'exit 1' HUP INT TERM

in_storage() {
  buildah --root "$storage/root" --runroot "$storage/run" --storage-driver vfs "$@"
}

# The format is Docker's because OCI's has no health check.
in_storage build --isolation chroot --format docker --identity-label=false --timestamp "$SOURCE_DATE_EPOCH" \
  --file deploy/container/Dockerfile --ignorefile deploy/container/Dockerfile.dockerignore \
  ${1:+--build-arg "BASE=$1"} \
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "CREATED=$created" \
  --tag "$image" .
rm -f "$archive"
in_storage push "$image" "docker-archive:$archive:$image"
printf '%s\n' "$archive"
