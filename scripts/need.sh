#!/usr/bin/env bash
# Makes sure that what the tests need is there; installs it with the system's package manager where it may.
# usage: need.sh postgres|browser|fonts|nextest|sqlmap …
set -euo pipefail

have_postgres() { [ -n "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || command -v initdb >/dev/null; }
have_browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
have_fonts() { fc-list :lang=zh 2>/dev/null | grep -q .; }
have_sqlmap() { command -v sqlmap >/dev/null; }
have_nextest() { cargo nextest --version >/dev/null 2>&1; }

package() {
    case $1 in
        postgres) echo postgresql ;;
        browser) echo chromium ;;
        fonts) echo fonts-noto-cjk ;;
        sqlmap) echo sqlmap ;;
    esac
}

missing=()
for need in "$@"; do
    "have_$need" && continue
    if [ "$need" = nextest ]; then
        echo "installing cargo-nextest (the test runner) with cargo"
        cargo install cargo-nextest --locked --debug
        continue
    fi
    missing+=("$need")
done
[ ${#missing[@]} -eq 0 ] && exit 0

packages=()
for need in "${missing[@]}"; do packages+=("$(package "$need")"); done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${packages[*]} with apt-get"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" >/dev/null
else
    echo "missing: ${missing[*]}. Install the packages ${packages[*]} (on Debian: sudo apt-get install ${packages[*]}) and run again." >&2
    exit 3
fi
