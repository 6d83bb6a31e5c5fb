#!/bin/sh
# Makes every secret of the Docker stack that does not exist yet, one volume per reader, so that no service can read
# the secrets of another. Runs once before everything else; running it again changes nothing.
set -eu
umask 077

node_user=1000 # the user `node` of Towpath's image

# random [bytes]: hexadecimal, 16 bytes unless told
random() {
  od -An -v -tx1 -N"${1:-16}" /dev/urandom | tr -d ' \n'
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
for role in admin triage_service fraud_service lending_service support_service saga_orchestrator_service commerce_service growth_service egress_service console_service cdc_service towpath_reader towpath_revealer towpath_archivist; do
  write "$node_user" "/secrets/setup/postgres-$role" "$(random)"
done
admin=$(cat /secrets/setup/postgres-admin)
write "$node_user" /secrets/setup/admin-database-url "postgres://towpath_admin:$admin@postgres:5432/towpath"

# Postgres learns its administrator's password alone.
write postgres /secrets/postgres/postgres-admin "$admin"

# The relay keeps the stores, as a role of its own.
archivist=$(cat /secrets/setup/postgres-towpath_archivist)
write "$node_user" /secrets/cdc/archivist-url "postgres://towpath_archivist:$archivist@postgres:5432/towpath"

# The set-up makes the public key known, the relay signs.
write "$node_user" /secrets/setup/checkpoint-key "$(random 32)"
write "$node_user" /secrets/cdc/checkpoint-key "$(cat /secrets/setup/checkpoint-key)"

# Egress signs with it what it leaves at the provider, ingress recognises it.
write "$node_user" /secrets/egress/story-key "$(random)"
write "$node_user" /secrets/ingress/story-key "$(cat /secrets/egress/story-key)"

for service in triage fraud lending support saga-orchestrator commerce growth egress console cdc; do
  role="$(printf %s "$service" | tr - _)_service"
  url="postgres://$role:$(cat "/secrets/setup/postgres-$role")@postgres:5432/towpath"
  write "$node_user" "/secrets/$service/database-url" "$url"
done
