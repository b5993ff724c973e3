#!/bin/sh
# Makes an image archive (OCI layout) of the host's static busybox (Debian: busybox-static), without a container engine.
# The same busybox gives the same bytes. Usage: sh make-image.sh [image.tar]
set -eu
out=${1:-image.tar}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

pack() { # folder, archive: names in order, no owners, no times
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --format=ustar -C "$1" -cf "$2" .
}
blob() { # file: moved to its place; prints digest and size
	sum=$(sha256sum "$1" | cut -d' ' -f1)
	size=$(wc -c < "$1")
	mv "$1" "$dir/layout/blobs/sha256/$sum"
	echo "\"digest\":\"sha256:$sum\",\"size\":$size"
}

mkdir -p "$dir/root/bin" "$dir/root/tmp" "$dir/root/work" "$dir/layout/blobs/sha256"
chmod -R 0755 "$dir/root"
chmod 1777 "$dir/root/tmp"
install -m 0755 "$(command -v busybox)" "$dir/root/bin/busybox"
for name in sh ls cat echo uname sleep wc id env mkdir; do
	ln -s busybox "$dir/root/bin/$name"
done

pack "$dir/root" "$dir/layer"
diff=$(sha256sum "$dir/layer" | cut -d' ' -f1)
layer=$(blob "$dir/layer")
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=amd64 ;; esac
printf '{"architecture":"%s","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
	"$arch" "$diff" > "$dir/config"
config=$(blob "$dir/config")
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar",%s}]}' \
	"$config" "$layer" > "$dir/manifest"
manifest=$(blob "$dir/manifest")
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,"platform":{"os":"linux","architecture":"%s"}}]}' \
	"$manifest" "$arch" > "$dir/layout/index.json"
printf '{"imageLayoutVersion":"1.0.0"}' > "$dir/layout/oci-layout"
chmod -R u=rwX,go=rX "$dir/layout"
pack "$dir/layout" "$out"
