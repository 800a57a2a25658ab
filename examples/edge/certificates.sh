#!/bin/sh
# Certificates for one machine: an authority for regions, one for points of presence, and one for what clients see.
set -eu
cd "$(dirname "$0")"

authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" \
        -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

issue() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" -addext "subjectAltName=DNS:$3" \
        -keyout "$2.key" -out "$2.csr" 2>/dev/null
    openssl x509 -req -in "$2.csr" -CA "$1.pem" -CAkey "$1.key" -CAcreateserial -days 30 -copy_extensions copy \
        -out "$2.pem" 2>/dev/null
    rm "$2.csr"
}

authority regions
authority edges
authority public
issue regions region region.example
issue edges edge fra1.example
issue public client-side localhost
echo "made regions, edges, public; region, edge, client-side"
