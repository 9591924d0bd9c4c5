#!/bin/sh
# New passwords, each in a file of its own: `sh deploy/secrets.sh FOLDER HOST`, once. HOST is where
# the services find PostgreSQL. The logins' files are libpq service files (PGSERVICEFILE).
set -eu
folder=$1 host=$2

password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

umask 077
mkdir "$folder"
password > "$folder/postgres"
for login in sijill_owner sijill_service; do
    printf '[sijill]\nhost=%s\ndbname=sijill\nuser=%s\npassword=%s\n' \
        "$host" "$login" "$(password)" > "$folder/$login"
done
# Only its owner enters the folder; each container gets its own files, and reads them as another user.
chmod 444 "$folder"/*
