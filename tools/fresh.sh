#!/usr/bin/env bash
# What README.md says, on a machine with nothing installed: an empty Debian 12 made with debootstrap, a clone of HEAD in it, `./dev run` until it
# answers, `./dev demo`, `./dev test`. So a missing install step is found.
#
#   tools/fresh.sh [--quick] [--warm]
#
#   --quick  without ./dev test
#   --warm   with this machine's compiler cache to read from (what is new is written into the temporary folder)
#
# Needs root and debootstrap. Writes into one temporary folder (below TMPDIR or /var/tmp) and removes it. All mounts and processes are in namespaces of
# their own, so nothing is left behind however it ends. How the host reaches its package registries (sources, keys, certificates, proxies) holds
# inside, too.
set -euo pipefail

readonly SUITE=bookworm
readonly HOME_INSIDE=$HOME # as outside, so that what is configured there holds
readonly PATIENCE_SECONDS=${CAIRN_FRESH_PATIENCE:-3600} # for ./dev run to build and start

say() { printf '\033[1mfresh: %s\033[0m\n' "$*" >&2; }
die() { printf 'fresh: %s\n' "$*" >&2; exit 1; }

# Runs a command and tells how long it took.
timed() {
  local what=$1 began=$SECONDS
  shift
  say "$what"
  local status=0
  "$@" || status=$?
  took+=("$(printf '%5d s  %s' $((SECONDS - began)) "$what")")
  [ $status = 0 ] || { printf '%s\n' "${took[@]}"; die "failed: $what"; }
}

# --- outside: a folder, and namespaces that end with us -----------------------------------------------------------------------

outside() {
  [ "$(id -u)" = 0 ] || exec sudo --preserve-env "$0" "$@"
  command -v debootstrap >/dev/null || die "needs debootstrap: apt-get install debootstrap"
  local repository work status=0
  repository=$(cd "$(dirname "$0")/.." && pwd)
  [ -z "$(git -C "$repository" status --porcelain)" ] || say "note: uncommitted changes are not in the clone"
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/cairn-fresh.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf --one-file-system '$work'" EXIT
  unshare --mount --propagation private --pid --fork --kill-child -- "$0" --inside "$repository" "$work" "$@" || status=$?
  return $status
}

# --- inside: the root ---------------------------------------------------------------------------------------------------------

# Where this machine's apt finds Debian.
mirror() {
  local found
  found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -nE "s#^(URIs:|deb( \[[^]]*\])?) +(https?://[^ ]+/debian/?)( .*)?\$#\3#p" | head -1)
  [ -n "$found" ] || die "apt's sources on this machine name no mirror to take Debian from"
  printf '%s\n' "$found"
}

make_root() { debootstrap --variant=minbase "$SUITE" "$root" "$(mirror)" >"$work/debootstrap.log" || { tail -5 "$work/debootstrap.log" >&2; return 1; }; }

# A file or folder of this machine at the same place inside, if there is one. Read-only, not copied.
lend() {
  local path
  for path in "$@"; do
    [ -e "$path" ] || continue
    if [ -d "$path" ]; then mkdir -p "$root$path"; else mkdir -p "$root$(dirname "$path")" && touch "$root$path"; fi
    mount --bind -o ro "$path" "$root$path"
  done
}

lend_registries() {
  lend /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/apt/keyrings /etc/apt/trusted.gpg.d /etc/apt/preferences.d
  if [ -e /etc/apt/sources.list ]; then lend /etc/apt/sources.list; else : >"$root/etc/apt/sources.list"; fi
  lend /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/npmrc /usr/etc/npmrc ~/.npmrc ~/.config/pip /usr/local/share/ca-certificates
  if [ -d "${PIP_FIND_LINKS:-}" ]; then lend "$PIP_FIND_LINKS"; fi
  # Copied, since installing Debian's ca-certificates writes there.
  mkdir -p "$root/etc/ssl/certs"
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"; fi
}

make_devices() {
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  local device
  for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s fd/0 "$root/dev/stdin" && ln -s fd/1 "$root/dev/stdout" && ln -s fd/2 "$root/dev/stderr"
  mkdir "$root/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  mkdir -m 1777 "$root/dev/shm"
  mount -t tmpfs tmpfs "$root/dev/shm"
}

# The compiler cache to read from; what is new goes to the temporary folder.
lend_cache() {
  local cache
  cache=$(command -v ccache >/dev/null && ccache --get-config cache_dir) || return 0
  [ -d "$cache" ] || return 0
  mkdir -p "$root$HOME_INSIDE/.cache/ccache" "$work/cache-new" "$work/cache-work"
  mount -t overlay overlay -o "lowerdir=$cache,upperdir=$work/cache-new,workdir=$work/cache-work" "$root$HOME_INSIDE/.cache/ccache"
}

clone() { git clone --quiet --no-hardlinks "$repository" "$root$HOME_INSIDE/cairn"; }

lend_test_data() {
  local data=${CAIRN_TEST_DATA:-$repository/../shared/data}
  [ -d "$data" ] || return 0
  mkdir -p "$root$HOME_INSIDE/data"
  mount --bind -o ro "$data" "$root$HOME_INSIDE/data"
}

# --- inside: the commands -----------------------------------------------------------------------------------------------------

# A clean environment, but for how registries are reached.
in_root() {
  local kept=() name
  while read -r name; do
    case $name in
      http_proxy | https_proxy | no_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY | PIP_* | npm_config_* | NPM_CONFIG_* | \
        SSL_CERT_FILE | SSL_CERT_DIR | NODE_EXTRA_CA_CERTS | CURL_CA_BUNDLE | REQUESTS_CA_BUNDLE) kept+=("$name=${!name}") ;;
    esac
  done < <(compgen -e)
  if [ -d "$root$HOME_INSIDE/data" ]; then kept+=(CAIRN_TEST_DATA=$HOME_INSIDE/data); fi
  exec env -i HOME=$HOME_INSIDE PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "${kept[@]}" \
    chroot "$root" /bin/bash -c 'cd ~/cairn && exec "$@"' bash "$@"
}

# GET over bash alone: the root has no curl yet. Prints the status.
get_status() {
  local address=$1 path=$2 line
  { exec 3<>"/dev/tcp/${address%:*}/${address##*:}"; } 2>/dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$address" >&3
  read -r -u 3 _ line _ || return 1
  exec 3>&-
  printf '%s\n' "$line"
}

# ./dev run until readyz says 200; then it is asked to stop, and must do so cleanly.
run_until_ready() {
  local out=$work/run.out deadline=$((SECONDS + PATIENCE_SECONDS)) address="" pid
  (in_root ./dev run --listen 127.0.0.1:0) >"$out" 2>"$work/run.err" &
  pid=$!
  until address=$(sed -n 's|^Cairn listens at http://||p' "$out") && [ -n "$address" ] && [ "$(get_status "$address" /_cairn/readyz)" = 200 ]; do
    kill -0 $pid 2>/dev/null || { tail -40 "$work/run.err" >&2; return 1; }
    [ $SECONDS -lt $deadline ] || { tail -40 "$work/run.err" >&2; return 1; }
    sleep 0.2
  done
  kill -TERM $pid
  wait $pid || { printf 'it did not stop cleanly\n' >&2; tail -20 "$work/run.err" >&2; return 1; }
}

dev_command() { (in_root ./dev "$@"); }

inside() {
  local repository=$1 work=$2 quick="" warm="" took=()
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
      --quick) quick=yes ;;
      --warm) warm=yes ;;
      *) die "unknown argument '$1'" ;;
    esac
    shift
  done
  local root=$work/root
  mkdir "$root"
  timed "an empty Debian 12" make_root
  lend_registries
  make_devices
  lend_test_data
  [ -z "$warm" ] || lend_cache
  clone
  timed "./dev run, for the first time" run_until_ready
  timed "./dev run, again" run_until_ready
  timed "./dev demo" dev_command demo
  [ -n "$quick" ] || timed "./dev test" dev_command test
  say "passed at $(git -C "$repository" rev-parse --short HEAD)"
  printf '%s\n' "${took[@]}"
}

if [ "${1:-}" = --inside ]; then
  shift
  inside "$@"
else
  outside "$@"
fi
