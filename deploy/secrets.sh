#!/bin/sh
# New passwords and the log's signing key, each in a file of its own, once:
# `sh deploy/secrets.sh FOLDER HOST [ORIGIN]`. HOST is where the services find PostgreSQL, ORIGIN the
# name that the log signs under for good, such as example.org/record. The logins' files are libpq
# service files (PGSERVICEFILE); the key is as store/signing_key.py reads it.
set -eu
folder=$1 host=$2 origin=${3:-sijill.local/$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')}
command -v openssl > /dev/null || { echo "secrets.sh needs openssl, to make the signing key" >&2; exit 1; }

password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

umask 077
mkdir "$folder"
password > "$folder/postgres"
for login in sijill_owner sijill_service; do
    printf '[sijill]\nhost=%s\ndbname=sijill\nuser=%s\npassword=%s\n' \
        "$host" "$login" "$(password)" > "$folder/$login"
done
key="$folder/signing_key" new="$folder/.new"
openssl genpkey -algorithm ed25519 -outform DER -out "$new"
id=$({ printf '%s\n\001' "$origin"; openssl pkey -inform DER -in "$new" -pubout -outform DER | tail -c 32; } \
    | openssl dgst -sha256 -binary | od -An -N4 -tx1 | tr -d ' \n')
printf 'PRIVATE+KEY+%s+%s+%s\n' "$origin" "$id" \
    "$({ printf '\001'; tail -c 32 "$new"; } | openssl base64 -A)" > "$key"
rm "$new"
# Only its owner enters the folder; each container gets its own files, and reads them as another user.
chmod 444 "$folder"/*
