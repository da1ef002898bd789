#!/usr/bin/env bash
# Builds the programs of a real cluster on Debian 12, from Debian's own source of Kubernetes 1.20 with Debian's own Go, and
# unpacks Debian's etcd beside them. Nothing is installed, and no container or registry is needed. Takes about nine minutes
# of a core and 2 GB while it builds, 120 MB after. The result is kept in a folder named by the recipe's hash.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
VERSION=1.20.5+really1.20.2-1.1+deb12u1
OUT=$("$HERE/folder.sh")
[ -x "$OUT/programs" ] && [ -x "$OUT/pause" ] && { echo "$OUT"; exit 0; }
WORK=${INFERGRAPH_CLUSTER_WORK:-$(mktemp -d)}
mkdir -p "$WORK"/{debs,root,apt/lists/partial,apt/archives/partial,apt/none,path/src/k8s.io} "$OUT"
exec 3>&1 1>&2

unpack() { # Debian's packages into a folder of ours
  (cd "$WORK/debs" && apt-get -qq download golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev etcd-server)
  for deb in "$WORK"/debs/*.deb; do dpkg -x "$deb" "$WORK/root"; done
  cp "$WORK/root/usr/bin/etcd" "$OUT/etcd"
}

fetch_source() { # by the mirror that the machine's apt uses, whether it has deb-src lines or not
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(CREATED_BY)' \
    | awk '$4 == "Packages" && $3 == "main" && $2 ~ /^bookworm/ {
        print "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " $1 " " $2 " main"}' \
    | sort -u > "$WORK/apt/sources.list"
  [ -s "$WORK/apt/sources.list" ] || { echo "this machine's apt knows no mirror of Debian 12"; exit 1; }
  cat > "$WORK/apt/apt.conf" <<CONF
Dir::Etc::SourceList "$WORK/apt/sources.list";
Dir::Etc::SourceParts "$WORK/apt/none";
Dir::State::lists "$WORK/apt/lists";
Dir::Cache "$WORK/apt";
APT::Sandbox::User "root";
CONF
  export APT_CONFIG=$WORK/apt/apt.conf
  apt-get -qq update
  (cd "$WORK" && apt-get -qq source --download-only "kubernetes=$VERSION")
  unset APT_CONFIG
  rm -rf "$WORK/k8s"
  dpkg-source --no-check -x "$WORK/kubernetes_$VERSION.dsc" "$WORK/k8s" > /dev/null
}

mend() { # the vendored reflect2 is broken on Go 1.18 and later; Debian's package of it is not
  local vendored=$WORK/k8s/vendor/github.com/modern-go/reflect2
  rm -f "$vendored"/*.go "$vendored"/*.s
  cp "$WORK"/root/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$vendored"
  rm -f "$vendored"/*_test.go
}

use_go() { # GOPATH mode: the source's go.mod is not one that Go 1.19 takes with its vendor folder
  export GOROOT=$WORK/root/usr/lib/go-1.19 GOPATH=$WORK/path GO111MODULE=off GOFLAGS='' CGO_ENABLED=0 GOTOOLCHAIN=local
  export GOCACHE=${INFERGRAPH_CLUSTER_GOCACHE:-$WORK/gocache} PATH=$WORK/root/usr/lib/go-1.19/bin:$PATH
  ln -sfn "$WORK/k8s" "$GOPATH/src/k8s.io/kubernetes"
  cd "$GOPATH/src/k8s.io/kubernetes"
}

generate() { # what the source package leaves out
  go build -o "$WORK/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  local inputs
  inputs=$(find pkg staging/src/k8s.io vendor/k8s.io/kube-openapi cmd plugin -name '*.go' -not -name 'zz_generated*' -print0 \
    | xargs -0 grep -l '+k8s:openapi-gen=' | xargs -n1 dirname | LC_ALL=C sort -u \
    | grep -vE 'sample-apiserver|code-generator|testdata|/test/|sample-controller' \
    | sed -e 's|^staging/src/|k8s.io/kubernetes/vendor/|; t' -e 's|^|k8s.io/kubernetes/|' | paste -sd,)
  "$WORK/openapi-gen" --logtostderr -i "$inputs" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
    -h hack/boilerplate/boilerplate.generatego.txt -r "$WORK/violations.report"
}

build() {
  local flags="-s -w" package
  for package in client-go/pkg/version component-base/version; do
    package=k8s.io/kubernetes/vendor/k8s.io/$package
    flags+=" -X $package.gitVersion=v1.20.2 -X $package.gitMajor=1 -X $package.gitMinor=20"
  done
  mkdir -p cmd/programs cmd/pause
  cp "$HERE/go/programs.go" cmd/programs/main.go
  cp "$HERE/go/pause.go" cmd/pause/main.go
  go build -trimpath -tags providerless,dockerless -ldflags "$flags" -o "$WORK/programs" ./cmd/programs
  go build -trimpath -ldflags "-s -w" -o "$OUT/pause" ./cmd/pause
  local name
  for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubectl; do
    ln -sf programs "$OUT/$name"
  done
  mv "$WORK/programs" "$OUT/programs"
}

unpack
fetch_source
mend
use_go
generate
build
[ -n "${INFERGRAPH_CLUSTER_WORK:-}" ] || rm -rf "$WORK"
echo "$OUT" >&3
