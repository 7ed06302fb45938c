#!/bin/bash
# A real Redmine (Debian 12's package, SQLite, puma) on loopback, for tests marked `peer`. Needs root, no systemd.
#
#   redmine.sh install | bootstrap | start | wait | stop | reset | shell CODE | all
#
# REDMINE_PORT, REDMINE_API_KEY and PEER_RUN (a folder for the log, the process id and the pristine database) may be
# set. `all` brings up a server from whatever is there. `reset` takes a stopped server back to the pristine database.
set -euo pipefail
PORT=${REDMINE_PORT:-18080}
KEY=${REDMINE_API_KEY:-0123456789abcdef0123456789abcdef01234567}
RUN=${PEER_RUN:-/tmp/syncd-peer-redmine}
HOME_FOLDER=/usr/share/redmine
DATABASE=/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default
mkdir -p "$RUN"

# The package's files belong to www-data, and its README asks to run it as that user.
as_www_data() {
  cd "$HOME_FOLDER"
  setpriv --reuid=www-data --regid=www-data --init-groups \
    env HOME=/var/lib/redmine RAILS_ENV=production REDMINE_INSTANCE=default SYNCD_KEY="$KEY" "$@"
}

install() {
  if dpkg -s redmine redmine-sqlite puma >/dev/null 2>&1; then return; fi
  export DEBIAN_FRONTEND=noninteractive
  # Packages must not start services of their own.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
  fi
  debconf-set-selections <<'ANSWERS'
redmine redmine/instances/default/dbconfig-install boolean true
redmine redmine/instances/default/database-type select sqlite3
redmine redmine/instances/default/default-language select en
redmine redmine/default-language select en
ANSWERS
  # Another test may install the package of another tool at this moment.
  exec 9>/tmp/syncd-peer-apt.lock
  flock 9
  apt-get update -q
  apt-get install -y -q --no-install-recommends redmine redmine-sqlite puma
  exec 9>&-
}

# REST on, a fixed key for the administrator, and custom fields, which REST itself cannot create.
bootstrap() {
  as_www_data rails runner -e production '
    Setting.rest_api_enabled = "1"
    Setting.login_required = "1"
    admin = User.find_by_login("admin")
    admin.password = admin.password_confirmation = "adminpass1"
    admin.must_change_passwd = false
    admin.save!
    Token.find_or_create_by!(user_id: admin.id, action: "api").update_column(:value, ENV["SYNCD_KEY"])
    TimeEntryCustomField.find_or_create_by!(name: "Invoice") { |field| field.field_format = "string"; field.is_filter = true }
    TimeEntryCustomField.find_or_create_by!(name: "Chargeable") { |field| field.field_format = "bool" }
    ProjectCustomField.find_or_create_by!(name: "Customer") { |field| field.field_format = "string" }'
  cp -p "$DATABASE" "$RUN/pristine.sqlite"
}

start() {
  cd "$HOME_FOLDER"
  nohup setpriv --reuid=www-data --regid=www-data --init-groups \
    env HOME=/var/lib/redmine RAILS_ENV=production REDMINE_INSTANCE=default \
    puma -e production -b "tcp://127.0.0.1:$PORT" -t 1:4 -w 0 config.ru >"$RUN/log" 2>&1 </dev/null &
  echo $! >"$RUN/pid"
}

wait_until_up() {
  for _ in $(seq 1 240); do
    if answer=$(curl -s -o /dev/null -w '%{http_code}' -H "X-Redmine-API-Key: $KEY" \
      "http://127.0.0.1:$PORT/users/current.json") && [ "$answer" = 200 ]; then return; fi
    sleep 0.25
  done
  tail -20 "$RUN/log" >&2
  exit 1
}

stop() {
  [ -e "$RUN/pid" ] || return 0
  kill "$(cat "$RUN/pid")" 2>/dev/null || true
  for _ in $(seq 1 40); do
    kill -0 "$(cat "$RUN/pid")" 2>/dev/null || break
    sleep 0.25
  done
  rm -f "$RUN/pid"
}

case $1 in
  install) install ;;
  bootstrap) bootstrap ;;
  start) start ;;
  wait) wait_until_up ;;
  stop) stop ;;
  reset) cp -p "$RUN/pristine.sqlite" "$DATABASE" ;;
  shell) as_www_data rails runner -e production "$2" ;;
  all)
    install
    if [ -e "$RUN/pristine.sqlite" ]; then cp -p "$RUN/pristine.sqlite" "$DATABASE"; else bootstrap; fi
    start
    wait_until_up
    ;;
  *) echo "unknown: $1" >&2; exit 64 ;;
esac
