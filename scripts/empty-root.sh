# shellcheck shell=bash
# What the scripts that prove something from nothing share: an empty Debian 12 root, and the way into it. It is sourced,
# and then holds in $work a folder of its own that is removed at the end, whatever happens, with all that is mounted
# below it. Needs root, debootstrap, git, curl and chroot.
#
# The root shares the machine's network. It gets copies of the machine's apt sources, apt settings and keys, its pip
# settings, name resolution and certificates, and sees its local package folders read-only, because a machine may
# reach packages only through those. Nothing else of the machine is visible in it.

say() { printf '== %s\n' "$*"; }
fail() { say "FAILED: $*"; exit 1; }
now() { date +%s%N; }
seconds_since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f s", (b - a) / 1e9 }'; }

[ "$(id -u)" = 0 ] || fail "making a root needs the user root"
for program in debootstrap git curl chroot; do
    command -v "$program" >/dev/null || fail "$program is not installed"
done

work=$(mktemp -d "${PROVE_FOLDER:-/var/tmp}/koiwai-prove.XXXXXX")
root=$work/root
mounted=()
running= # a process group to be ended with us
by_way_of=() # a command that starts others, to go into the root by

end_root() { # ends what runs inside, and takes down what is mounted
    local link process i
    for link in /proc/[0-9]*/root; do
        if [ "$(readlink "$link" 2>/dev/null)" = "$root" ]; then
            process=${link#/proc/}
            kill -KILL "${process%/root}" 2>/dev/null || true
        fi
    done
    for ((i = ${#mounted[@]} - 1; i >= 0; i--)); do
        umount "${mounted[i]}" 2>/dev/null || umount --lazy "${mounted[i]}" || true
    done
    mounted=()
}

clean_up() {
    if [ -n "$running" ]; then
        kill -KILL -- "-$running" 2>/dev/null || true
    fi
    end_root
    # With anything of the machine still mounted inside, removing would destroy it.
    if grep -qF " $work/" /proc/self/mounts; then
        say "left behind, because something is still mounted in it: $work"
    else
        rm -rf --one-file-system "$work"
    fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

bind() { # bind SOURCE [OPTIONS]: the same path inside
    mkdir -p "$root$1"
    mount --bind "$1" "$root$1"
    mounted+=("$root$1")
    if [ -n "${2:-}" ]; then
        mount -o "remount,bind,$2" "$root$1"
    fi
}

copy() { # copy PATH...: the same paths inside, links followed, those that exist
    local path
    for path in "$@"; do
        if [ -e "$path" ]; then
            rm -rf "${root:?}$path"
            mkdir -p "$root$(dirname "$path")"
            cp -rL "$path" "$root$path"
        fi
    done
}

inside() { # inside COMMAND...: in the root, with a login's environment and the pip settings
    local settings=()
    while IFS= read -r -d '' setting; do
        case $setting in
            PIP_* | SSL_CERT_* | REQUESTS_CA_BUNDLE=* | *_proxy=* | *_PROXY=*) settings+=("$setting") ;;
        esac
    done < <(env -0)
    exec ${by_way_of[@]+"${by_way_of[@]}"} chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ${settings[@]+"${settings[@]}"} "$@"
}

package_folders() { # the folders that pip's settings name, as paths or as file:// URLs
    { cat /etc/pip.conf /etc/xdg/pip/pip.conf /root/.pip/pip.conf /root/.config/pip/pip.conf 2>/dev/null || true
      printf '%s\n' "${PIP_FIND_LINKS:-}" "${PIP_INDEX_URL:-}" "${PIP_EXTRA_INDEX_URL:-}"; } |
        grep -v '^ *cert' | tr ' =' '\n\n' | sed -n 's#^\(file://\)\?\(/.*\)$#\2#p' | sort -u
}

make_root() { # make_root [PACKAGE,...]: an empty Debian 12 in $root
    local mirror
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
        grep -oE 'https?://[^ ]*/debian/?( |$)' | head -n 1 || true)
    mkdir "$root"
    debootstrap --variant=minbase ${1:+--include="$1"} bookworm "$root" ${mirror:+"$mirror"} \
        >"$work/debootstrap.log" 2>&1 || { tail -n 20 "$work/debootstrap.log"; fail "debootstrap"; }
    rm -f "$root/etc/apt/sources.list"
    copy /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/xdg/pip /root/.pip /root/.config/pip /usr/share/keyrings \
        /etc/ssl/certs/ca-certificates.crt /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf \
        /etc/apt/apt.conf.d /etc/apt/preferences.d /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d /etc/apt/keyrings
    # Settings of programs that are not in the root would only disturb apt.
    grep -lsE 'Post-Invoke' "$root"/etc/apt/apt.conf.d/* | xargs -r rm -f
    local device
    for device in null zero full random urandom tty; do
        [ -e "$root/dev/$device" ] || mknod -m 666 "$root/dev/$device" c $(stat -c '0x%t 0x%T' "/dev/$device")
    done
}

mount_root() { # what a running system has besides its files
    local folder
    while IFS= read -r folder; do
        # An index may be named by a folder in it, whose files point to its neighbours.
        [ "$(basename "$folder")" = simple ] && folder=$(dirname "$folder")
        if [ -d "$folder" ]; then
            bind "$folder" ro
        fi
    done < <(package_folders)
    mkdir -p "$root/proc" "$root/dev/pts" "$root/dev/shm"
    mount -t proc proc "$root/proc"
    mounted+=("$root/proc")
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mounted+=("$root/dev/shm")
}
