#!/bin/sh
# Makes every secret of the Docker stack that does not exist yet, one volume per reader, so that no service can read
# the secrets of another. Runs once before everything else; running it again changes nothing.
set -eu
umask 077

secrets=${SECRETS_ROOT:-/secrets}       # a folder per reader
node_user=${NODE_USER:-1000}            # the user `node` of Towpath's image
postgres_user=${POSTGRES_USER:-postgres}

# random [bytes]: hexadecimal, 16 bytes unless told
random() {
  od -An -v -tx1 -N"${1:-16}" /dev/urandom | tr -d ' \n'
}

# replace <owner> <file> <content>: as a whole or not at all, it may be read meanwhile
replace() {
  printf '%s' "$3" >"$2.partial"
  chown "$1" "$2.partial"
  mv "$2.partial" "$2"
}

# write <owner> <file> <content>: never replaces a secret that is in use
write() {
  [ -s "$2" ] || replace "$1" "$2" "$3"
}

for folder in "$secrets"/*; do chown "$node_user" "$folder"; done
chown "$postgres_user" "$secrets/postgres"

# The set-up creates the roles, so it alone knows all passwords, each under the name of its role.
for role in admin triage_service fraud_service lending_service support_service saga_orchestrator_service commerce_service growth_service egress_service console_service cdc_service towpath_reader towpath_revealer towpath_archivist; do
  write "$node_user" "$secrets/setup/postgres-$role" "$(random)"
done
admin=$(cat "$secrets"/setup/postgres-admin)
write "$node_user" "$secrets/setup/admin-database-url" "postgres://towpath_admin:$admin@postgres:5432/towpath"

# Postgres learns its administrator's password alone.
write "$postgres_user" "$secrets/postgres/postgres-admin" "$admin"

# The relay keeps the stores, as a role of its own.
archivist=$(cat "$secrets"/setup/postgres-towpath_archivist)
write "$node_user" "$secrets/cdc/archivist-url" "postgres://towpath_archivist:$archivist@postgres:5432/towpath"

# The set-up makes the public key known, the relay signs.
write "$node_user" "$secrets/setup/checkpoint-key" "$(random 32)"
write "$node_user" "$secrets/cdc/checkpoint-key" "$(cat "$secrets"/setup/checkpoint-key)"

# Egress signs with it what it leaves at the provider, ingress recognises it.
write "$node_user" "$secrets/egress/story-key" "$(random)"
write "$node_user" "$secrets/ingress/story-key" "$(cat "$secrets"/egress/story-key)"

for service in triage fraud lending support saga-orchestrator commerce growth egress console cdc; do
  role="$(printf %s "$service" | tr - _)_service"
  url="postgres://$role:$(cat "$secrets/setup/postgres-$role")@postgres:5432/towpath"
  write "$node_user" "$secrets/$service/database-url" "$url"
done

# base64url: of standard input, without padding
base64url() {
  openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# key_member <file> <name>: a member of a JWK that this script wrote
key_member() {
  sed -n "s/.*\"$2\": *\"\([^\"]*\)\".*/\1/p" "$1"
}

# Each service with agents signs with an Ed25519 key of its own, a JWK. The key is the last 32 bytes of its DER.
agents='fraud lending support growth'
public_keys=
for service in $agents; do
  file="$secrets/$service/agent-key.jwk"
  if [ ! -s "$file" ]; then
    pem=$(openssl genpkey -algorithm ed25519)
    d=$(printf '%s\n' "$pem" | openssl pkey -outform DER | tail -c 32 | base64url)
    x=$(printf '%s\n' "$pem" | openssl pkey -pubout -outform DER | tail -c 32 | base64url)
    kid="$service-$(date -u +%Y%m%dT%H%M%SZ)-$(random 4)"
    write "$node_user" "$file" "{ \"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": \"$x\", \"d\": \"$d\", \"kid\": \"$kid\" }"
  fi
  public_keys="$public_keys${public_keys:+, }{ \"kty\": \"OKP\", \"crv\": \"Ed25519\", \"x\": \"$(key_member "$file" x)\", \"kid\": \"$(key_member "$file" kid)\", \"service\": \"$service\" }"
done

# Whoever verifies gets the public halves of the keys in use, and of no other: a key that was removed speaks for nobody any more.
for reader in $agents egress; do
  file="$secrets/$reader/agent-public-keys.json"
  book="{ \"keys\": [$public_keys] }"
  [ -s "$file" ] && [ "$(cat "$file")" = "$book" ] || replace "$node_user" "$file" "$book"
done
