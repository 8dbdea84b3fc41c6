#!/usr/bin/env bash
# pg.sh start|stop|destroy: the private PostgreSQL of the bench on 127.0.0.1:$BENCH_PG_PORT, trusted, durable (fsync on).
# PostgreSQL refuses to run as root, so root starts it as the user postgres.
set -euo pipefail
base=${BENCH_DIR:-${TMPDIR:-/tmp}/ansinh-bench}/pg
port=${BENCH_PG_PORT:-55432}
buffers=${BENCH_SHARED_BUFFERS:-4GB}
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
PATH=${bin:+$bin:}$PATH
if [ "$(id -u)" = 0 ]; then
  as_pg() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
else
  as_pg() { "$@"; }
fi
# Four gigabytes in pages of 4 kB cost every backend tables of its own and misses at each look-up, most of all in a virtual
# machine. Who may sets pages of 2 MB aside, which PostgreSQL takes where it finds them.
huge_pages() {
  case $buffers in *GB) ;; *) return 0 ;; esac
  [ "$(id -u)" = 0 ] && [ -w /proc/sys/vm/nr_hugepages ] || return 0
  if [ "$1" = take ]; then
    [ -f "$base/hugepages" ] || cat /proc/sys/vm/nr_hugepages >"$base/hugepages"
    local wanted=$((${buffers%GB} * 512 * 110 / 100))
    [ "$(cat /proc/sys/vm/nr_hugepages)" -ge "$wanted" ] || echo "$wanted" >/proc/sys/vm/nr_hugepages
  elif [ -f "$base/hugepages" ]; then
    cat "$base/hugepages" >/proc/sys/vm/nr_hugepages
    rm "$base/hugepages"
  fi
}
case ${1:?start, stop or destroy} in
start)
  mkdir -p "$base"
  if [ "$(id -u)" = 0 ]; then chown postgres "$base"; fi
  cd "$base"
  [ -d data ] || as_pg initdb -D "$base/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
  if as_pg pg_ctl -D "$base/data" status >/dev/null; then exit 0; fi
  huge_pages take
  as_pg pg_ctl -D "$base/data" -l "$base/log" -w start -o "-p $port -k $base -c listen_addresses=127.0.0.1 \
    -c fsync=on -c synchronous_commit=on -c full_page_writes=on \
    -c shared_buffers=$buffers -c max_connections=200 -c work_mem=16MB -c max_wal_size=16GB \
    -c checkpoint_timeout=30min -c random_page_cost=1.1 -c effective_cache_size=12GB -c jit=off \
    -c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=all -c pg_stat_statements.track_planning=on" >/dev/null ;;
stop)
  cd "$base"
  as_pg pg_ctl -D "$base/data" -w -m fast stop >/dev/null
  huge_pages give ;;
destroy) if [ -d "$base/data" ]; then cd "$base"; as_pg pg_ctl -D "$base/data" -w -m fast stop >/dev/null || true; huge_pages give; fi; rm -rf "$base" ;;
*) echo "start, stop or destroy" >&2; exit 2 ;;
esac
