#!/bin/bash
# A real Request Tracker 5 (Debian 12's package, SQLite, Starlet) on loopback, for tests marked `peer`. Needs root, no
# systemd.
#
#   request_tracker.sh install | bootstrap | start | wait | stop | reset | tokens | all
#
# RT_PORT and PEER_RUN (a folder for the log and the process id) may be set. `all` brings up a server from whatever is
# there. `reset` takes a stopped server back to the pristine database, which lies beside the real one. `tokens` prints
# two lines once bootstrapped: of root, who is a superuser, and of the user syncd, who may see the queue Seen alone.
set -euo pipefail
PORT=${RT_PORT:-18081}
RUN=${PEER_RUN:-/tmp/syncd-peer-request-tracker}
PASSWORD=rtrootpass1
DATABASE=/var/lib/dbconfig-common/sqlite3/request-tracker5/rtdb
PRISTINE=$DATABASE.pristine
TOKENS=$DATABASE.tokens
SITE=/etc/request-tracker5/RT_SiteConfig.d/99-syncd-peer.pm
mkdir -p "$RUN"

# The package's files belong to www-data. A server of another test on the same machine has a port of its own.
as_www_data() {
  cd /var/cache/request-tracker5
  setpriv --reuid=www-data --regid=www-data --init-groups env HOME=/var/cache/request-tracker5 "$@"
}

install() {
  if dpkg -s request-tracker5 rt5-db-sqlite rt5-standalone >/dev/null 2>&1; then return; fi
  export DEBIAN_FRONTEND=noninteractive
  # Packages must not start services of their own.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
  fi
  debconf-set-selections <<ANSWERS
request-tracker5 request-tracker5/rtname string rt.test
request-tracker5 request-tracker5/organization string rt.test
request-tracker5 request-tracker5/correspondaddress string rt@localhost
request-tracker5 request-tracker5/commentaddress string rt-comment@localhost
request-tracker5 request-tracker5/webbaseurl string http://127.0.0.1:$PORT
request-tracker5 request-tracker5/handle-siteconfig-permissions boolean true
request-tracker5 request-tracker5/initial-root-password password $PASSWORD
request-tracker5 request-tracker5/initial-root-password-confirm password $PASSWORD
request-tracker5 request-tracker5/install-cronjobs boolean false
request-tracker5 request-tracker5/dbconfig-install boolean true
request-tracker5 request-tracker5/database-type select sqlite3
ANSWERS
  # Another test may install the package of another tool at this moment.
  exec 9>/tmp/syncd-peer-apt.lock
  flock 9
  apt-get update -q
  apt-get install -y -q --no-install-recommends rt5-db-sqlite request-tracker5 rt5-standalone curl
  exec 9>&-
}

# Debian puts RT below /rt; tests want it at the root of their port. Mail goes into a file, never out.
configure() {
  cat >"$SITE" <<SETTINGS
Set(\$WebPath, ""); Set(\$WebDomain, "127.0.0.1"); Set(\$WebPort, $PORT);
Set(\$WebBaseURL, "http://127.0.0.1:$PORT"); Set(\$WebURL, "http://127.0.0.1:$PORT/");
Set(\$LogToSyslog, undef); Set(\$LogToSTDERR, "warning"); Set(\$MailCommand, "testfile"); Set(\$Timezone, "UTC");
1;
SETTINGS
  chown root:www-data /etc/request-tracker5/RT_SiteConfig.pm
  chmod 640 /etc/request-tracker5/RT_SiteConfig.pm
}

# What REST itself cannot create: tokens, rights, and custom fields that every queue has.
bootstrap() {
  cat >"$RUN/bootstrap.pl" <<'PERL'
use lib '/usr/share/request-tracker5/lib';
use RT -init;
require RT::AuthToken;
my $queue = RT::Queue->new(RT->SystemUser);
$queue->Create(Name => 'Seen');
my $user = RT::User->new(RT->SystemUser);
$user->Create(Name => 'syncd', Privileged => 1);
$user->PrincipalObj->GrantRight(Object => $queue, Right => $_) for qw(SeeQueue ShowTicket);
for ([Customer => 'RT::Queue-RT::Ticket'], [Service => 'RT::Queue-RT::Ticket'],
     [Activity => 'RT::Queue-RT::Ticket-RT::Transaction']) {
  my $field = RT::CustomField->new(RT->SystemUser);
  $field->Create(Name => $_->[0], Type => 'Freeform', MaxValues => 1, LookupType => $_->[1]);
  $field->AddToObject(RT::Queue->new(RT->SystemUser));
}
for my $name (qw(root syncd)) {
  $user->Load($name);
  my (undef, undef, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->Id, Description => 'tests');
  print "$token\n";
}
PERL
  chmod 644 "$RUN/bootstrap.pl"
  as_www_data perl "$RUN/bootstrap.pl" | grep '^1-' >"$TOKENS"
  cp -p "$DATABASE" "$PRISTINE"
}

start() {
  cd /var/cache/request-tracker5
  nohup setpriv --reuid=www-data --regid=www-data --init-groups env HOME=/var/cache/request-tracker5 \
    perl /usr/share/request-tracker5/libexec/rt-server --host 127.0.0.1 --port "$PORT" \
    --server Starlet --max-workers 2 --env deployment >"$RUN/log" 2>&1 </dev/null &
  echo $! >"$RUN/pid"
}

wait_until_up() {
  token=$(head -1 "$TOKENS")
  for _ in $(seq 1 240); do
    if answer=$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: token $token" \
      "http://127.0.0.1:$PORT/REST/2.0/rt") && [ "$answer" = 200 ]; then return; fi
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
  reset) cp -p "$PRISTINE" "$DATABASE" ;;
  tokens) cat "$TOKENS" ;;
  all)
    install
    configure
    if [ -e "$PRISTINE" ]; then cp -p "$PRISTINE" "$DATABASE"; else bootstrap; fi
    start
    wait_until_up
    ;;
  *) echo "unknown: $1" >&2; exit 64 ;;
esac
