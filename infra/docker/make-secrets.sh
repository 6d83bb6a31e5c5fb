#!/bin/sh
# Makes every secret of the Docker stack that does not exist yet, one volume per reader, so that no service can read
# the secrets of another. Runs once before everything else; running it again changes nothing.
set -eu
umask 077

node_user=1000 # the user `node` of Towpath's image

password() {
  od -An -v -tx1 -N16 /dev/urandom | tr -d ' \n'
}

# write <owner> <file> <content>: never replaces a secret that is in use
write() {
  if [ ! -s "$2" ]; then
    printf '%s' "$3" >"$2.partial"
    chown "$1" "$2.partial"
    mv "$2.partial" "$2"
  fi
}

for folder in /secrets/*; do chown "$node_user" "$folder"; done
chown postgres /secrets/postgres

# The set-up creates the roles, so it alone knows all passwords, each under the name of its role.
for role in admin triage_service fraud_service egress_service cdc_service towpath_reader towpath_revealer; do
  write "$node_user" "/secrets/setup/postgres-$role" "$(password)"
done
admin=$(cat /secrets/setup/postgres-admin)
write "$node_user" /secrets/setup/admin-database-url "postgres://towpath_admin:$admin@postgres:5432/towpath"

# Postgres learns its administrator's password alone.
write postgres /secrets/postgres/postgres-admin "$admin"

for service in triage fraud egress cdc; do
  role="${service}_service"
  url="postgres://$role:$(cat "/secrets/setup/postgres-$role")@postgres:5432/towpath"
  write "$node_user" "/secrets/$service/database-url" "$url"
done
