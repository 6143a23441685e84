#!/usr/bin/env bash
# Sees to what `make test` needs of the machine itself: a JDK with Maven, Node with npm, Python with venv, curl, openssl,
# psql, and PostgreSQL's ODBC driver. What is missing is installed from Debian's packages where that can be done, as root; otherwise
# one line says what to install.
set -euo pipefail

packages=()
command -v javac >/dev/null && command -v java >/dev/null || packages+=(default-jdk-headless)
command -v mvn >/dev/null || packages+=(maven)
command -v npm >/dev/null || packages+=(nodejs npm)
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3 python3-venv)
command -v curl >/dev/null || packages+=(curl)
command -v openssl >/dev/null || packages+=(openssl)
command -v psql >/dev/null || packages+=(postgresql-client)
odbcinst -q -d -n 'PostgreSQL Unicode' >/dev/null 2>&1 || packages+=(odbcinst odbc-postgresql libodbc2)
if python3 -c 'import sys; sys.exit((3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then
  echo "$(python3 --version) is python3 here; what is pinned needs 3.11 or 3.12 (Instill's SDK takes no later one): put one first on PATH" >&2
  exit 1
fi
[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "missing on this machine; install these Debian packages or their like, and try again: ${packages[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}"
