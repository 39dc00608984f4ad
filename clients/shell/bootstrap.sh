#!/bin/sh
# A Windlass client made of stock tools: curl, jq, openssl. It shows that the protocol can be implemented by others.
#   bootstrap.sh bootstrap DEV/agent.json      asks the service, checks the answer, writes the trust bundle
#   bootstrap.sh verify VECTOR.json            checks one answer of spec/vectors; prints "accepted OUTCOME" or "refused CODE"
# Exit codes are those of windlass-agent: 0 active, 10 unclaimed, 11 awaiting approval, 12 not inspected, 20 no answer, 30 not valid, 31 refused.
set -eu
umask 077
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
arc=2.25.253403436449784854204672248200112754133
refuse() { echo "refused $1"; exit 30; }
digest() { openssl dgst -sha256 -binary "$1" | base64 -w0; }

# open ROLE ANCHORS TIME EKU SAN: checks $work/ROLE.json (an envelope) with stock CMS; leaves $work/ROLE.payload and .digest
open() {
  jq -e 'keys == ["payload","signature"] and all(.[]; type == "string")' "$work/$1.json" >/dev/null 2>&1 || refuse schema
  jq -j .payload "$work/$1.json" > "$work/$1.payload"
  jq -j .signature "$work/$1.json" | base64 -d > "$work/$1.der" 2>/dev/null || refuse cms
  openssl cms -verify -binary -inform DER -in "$work/$1.der" -content "$work/$1.payload" -CAfile "$2" -no-CApath -no-CAstore \
    -partial_chain -purpose any -attime "$3" -signer "$work/$1.signer" -out /dev/null 2> "$work/$1.log" || refuse "$(cms_error "$work/$1.log")"
  [ "$(grep -c BEGIN "$work/$1.signer")" = 1 ] || refuse cms                                                        # spec E2
  [ "$(openssl x509 -in "$work/$1.signer" -noout -ext extendedKeyUsage 2>/dev/null | sed 1d | tr -d ' ')" = "$4" ] || refuse signer-purpose  # spec K3
  [ "$(openssl x509 -in "$work/$1.signer" -noout -ext subjectAltName 2>/dev/null | sed 1d | tr -d ' ')" = "$5" ] || refuse signer-name      # spec K4
  digest "$work/$1.payload" > "$work/$1.digest"
}
cms_error() {   # which check of openssl failed, in the words of the specification
  case $(cat "$1") in
    *"certificate has expired"*) echo signer-expired ;;
    *"not yet valid"*) echo signer-not-yet-valid ;;
    *"unable to get"*"issuer"* | *"self-signed certificate"* | *"self signed certificate"*) echo signer-untrusted ;;
    *"certificate verify error"*) echo signer-path ;;
    *verify_content*) echo digest-mismatch ;;
    *"verification failure"* | *signature*) echo signature ;;
    *) echo cms ;;
  esac
}

# check_answer: $work/answer.json against $work/context.json (the members of a vector's input) and $work/anchors.pem
check_answer() {
  [ "$(wc -c < "$work/answer.json")" -le 65536 ] || refuse too-large                                                # spec F1
  jq -e 'type == "object" and has("decision")' "$work/answer.json" >/dev/null 2>&1 || refuse json
  jq -e 'has("revocations") | not' "$work/answer.json" >/dev/null || refuse unsupported                             # spec X1
  service=$(jq -r .service "$work/context.json")
  for role in decision claim profile; do
    jq -e ".$role // empty" "$work/answer.json" > "$work/$role.json" 2>/dev/null || rm -f "$work/$role.json"
  done
  now=$(jq -r '.decision.payload | fromjson | .time | fromdateiso8601' "$work/answer.json" 2>/dev/null) || refuse schema
  open decision "$work/anchors.pem" "$now" "$arc.2" "DNS:$service"
  held claim "$(jq -r '.claim // empty' "$work/decision.payload")"
  held profile "$(jq -r '.profile // empty' "$work/decision.payload")"
  rules decision
  if [ -f "$work/claim.json" ]; then
    open claim "$work/anchors.pem" "$now" "$arc.1" "DNS:$service"
    rules claim
  fi
  if [ -f "$work/profile.json" ]; then
    jq -r '.publishers[] | "-----BEGIN CERTIFICATE-----\n\(.)\n-----END CERTIFICATE-----"' "$work/claim.payload" | fold -w 64 > "$work/publishers.pem"
    open profile "$work/publishers.pem" "$now" "$arc.3" "URI:windlass://$service/organizations/$(jq -r .organization "$work/decision.payload")"
    # Issued by the publisher anchor itself, with nothing between: spec K6
    openssl verify -partial_chain -purpose any -attime "$now" -no-CApath -no-CAstore -CAfile "$work/publishers.pem" "$work/profile.signer" >/dev/null 2>&1 || refuse signer-untrusted
    rules profile
    [ "$(jq '.expires | fromdateiso8601' "$work/profile.payload")" -le "$(ends "$work/profile.signer")" ] || refuse profile-outlives-publisher  # spec D17
    check_cas
  fi
}
# held NAME DIGEST: what the answer left out because the device holds it
held() {
  if [ ! -f "$work/$1.json" ] && [ -n "$2" ]; then
    jq -c ".held | .$1, (.profiles // [])[] | select(. != null)" "$work/context.json" | while read -r envelope; do
      printf '%s' "$envelope" | jq -j .payload > "$work/candidate"
      [ "$(digest "$work/candidate")" != "$2" ] || printf '%s' "$envelope" > "$work/$1.json"
    done
  fi
}
rules() {   # the rules of section 5 that relate the messages to each other, to the request and to what was accepted before
  [ -f "$work/claim.payload" ] || echo null > "$work/claim.payload"
  [ -f "$work/profile.payload" ] || echo null > "$work/profile.payload"
  code=$(jq -rn --arg upto "$1" --slurpfile context "$work/context.json" --slurpfile d "$work/decision.payload" --slurpfile c "$work/claim.payload" --slurpfile p "$work/profile.payload" \
    --argjson has "$(cd "$work" && ls claim.json profile.json 2>/dev/null | jq -Rnc '[inputs | rtrimstr(".json")]')" --arg requested "$(jq -j .request.payload "$work/context.json" | openssl dgst -sha256 -binary | base64 -w0)" \
    --arg cd "$(cat "$work/claim.digest" 2>/dev/null)" --arg pd "$(cat "$work/profile.digest" 2>/dev/null)" -f "$here/rules.jq") || refuse schema
  [ -z "$code" ] || refuse "$code"
}

check_cas() {   # D18 and D19, as far as stock tools see them; the profile's CAs become $work/cas.pem
  : > "$work/cas.pem"
  for ca in $(jq -r '.inspectionCas[] | "\(.until | fromdateiso8601):\(.certificate)"' "$work/profile.payload"); do
    printf '%s' "${ca#*:}" | base64 -d | openssl x509 -inform DER -out "$work/ca.pem" 2>/dev/null || refuse inspection-ca
    openssl x509 -in "$work/ca.pem" -noout -ext basicConstraints 2>/dev/null | grep -q 'CA:TRUE' || refuse inspection-ca
    openssl x509 -in "$work/ca.pem" -noout -ext keyUsage 2>/dev/null | grep -q 'Certificate Sign' || refuse inspection-ca
    [ "${ca%%:*}" -le "$(ends "$work/ca.pem")" ] || refuse inspection-ca
    openssl x509 -in "$work/ca.pem" -noout -pubkey > "$work/ca.key"
    keys_of "$work/anchors.pem" "$work/publishers.pem" | grep -qxF "$(openssl pkey -pubin -in "$work/ca.key" -outform DER | openssl dgst -sha256)" && refuse inspection-ca-key
    cat "$work/ca.pem" >> "$work/cas.pem"
  done
}
keys_of() {     # the digest of each certificate's key in these files
  cat "$@" | awk -v w="$work/anchor" '/BEGIN/ {n++} {print > (w n ".one")} END {print n}' >/dev/null
  for one in "$work"/anchor*.one; do openssl x509 -in "$one" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256; done
}
ends() { date -u -d "$(openssl x509 -in "$1" -noout -enddate -dateopt iso_8601 | cut -d= -f2)" +%s; }
outcome() { jq -r .outcome "$work/decision.payload"; }

verify() {
  jq .input "$1" > "$work/context.json"
  jq -r '.serviceAnchors[]' "$work/context.json" > "$work/anchors.pem"
  jq -j 'if has("body") then .body else .bodyBase64 | @base64d end' "$work/context.json" > "$work/answer.json"
  check_answer
  echo "accepted $(outcome)"
}

bootstrap() {
  cd "$(dirname "$1")"; config=$(basename "$1")
  get() { jq -r "$1 // empty" "$config"; }
  service=$(get .service); state=$(get .stateDirectory); mkdir -p "$state"
  cat "$(get .serviceAnchor)" > "$work/anchors.pem"
  openssl x509 -in "$(get .deviceCertificate)" -noout -pubkey | openssl pkey -pubin -outform DER > "$work/device.spki"
  serial=$(openssl x509 -in "$(get .deviceCertificate)" -noout -subject -nameopt sep_multiline,sname | sed -n 's/^ *serialNumber=//p')
  device=$(jq -nc --arg m "$(get .manufacturer)" --arg own "$(digest "$work/device.spki")" --arg s "$serial" '{manufacturer: (if $m == "" then $own else $m end), serial: $s}')
  [ -f "$state/accepted.json" ] || jq -n --arg t "$(get .firmwareBuild)" '{held: {profiles: []}, lastNonce: null, floors: {time: $t, ownership: 0, generation: 0, claimDigest: null, organization: null, epochs: {}, networks: {}}}' > "$state/accepted.json"
  https=$(get .ports.https); http=$(get .ports.http); set --
  for entry in $(jq -r '.connectTo // {} | to_entries[] | "\(.key)=\(.value)"' "$config"); do
    from=${entry%%=*}; set -- "$@" --connect-to "$(echo "$from" | sed 's/^\*//'):${entry#*=}"
  done
  # The chain that this network presents: observed, and trusted in nothing.
  target=$(jq -r --arg k1 "$service:${https:-443}" --arg k2 "*:${https:-443}" '.connectTo[$k1]? // .connectTo[$k2]? // $k1' "$config")
  openssl s_client -connect "$target" -servername "$service" -showcerts </dev/null 2>/dev/null > "$work/handshake" || true
  awk '/BEGIN CERT/ {on=1; next} /END CERT/ {on=0; print ""; next} on {printf "%s", $0}' "$work/handshake" | jq -Rnc '[inputs | select(. != "")][:4]' > "$work/chain.json"
  nonce=$(openssl rand -base64 32)
  jq -njc --arg service "$service" --argjson device "$device" --arg nonce "$nonce" --arg now "$(jq -r .floors.time "$state/accepted.json")" --slurpfile chain "$work/chain.json" \
    '{type: "bootstrap-request", version: 1, service: $service, device: $device, nonce: $nonce, holds: {profiles: []}, clock: {state: "untrusted", time: $now},
      path: {rung: 2, failure: "unknown-issuer", presentedChain: $chain[0]}, agent: {version: "shell-1", stores: ["bundle"]}}' > "$work/request"
  openssl cms -sign -binary -md sha256 -nosmimecap -in "$work/request" -signer "$(get .deviceCertificate)" -inkey "$(get .deviceKey)" -outform DER -out "$work/request.der"
  jq -n --rawfile p "$work/request" --arg s "$(base64 -w0 "$work/request.der")" '{payload: $p, signature: $s}' > "$work/body"
  path=/.well-known/windlass/v1/bootstrap
  for url in "https://$service:${https:-443}$path" "http://$service:${http:-80}$path"; do
    curl -sk --max-time 30 --max-filesize 65536 --compressed "$@" -H 'Content-Type: application/json' -H 'Cache-Control: no-store' --data-binary "@$work/body" "$url" > "$work/answer.json" 2>/dev/null || continue
    jq -e 'type == "object" and has("decision")' "$work/answer.json" >/dev/null 2>&1 && break
    : > "$work/answer.json"
  done
  [ -s "$work/answer.json" ] || { echo "no answer from $service"; exit 20; }
  jq -n --arg service "$service" --argjson device "$device" --arg key "$(digest "$work/device.spki")" --rawfile p "$work/request" --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --slurpfile a "$state/accepted.json" \
    '$a[0] + {service: $service, device: $device, deviceKey: $key, request: {payload: $p, nonce: ($p | fromjson | .nonce), ageSeconds: 0, kind: "online"}, clock: {state: "untrusted", time: $now}}' > "$work/context.json"
  check_answer
  case $(outcome) in
    unclaimed) echo "unclaimed"; code=10 ;; awaiting-approval) echo "awaiting approval"; code=11 ;;
    not-inspected) echo "not inspected"; code=12 ;; refused) echo "refused by the service: $(jq -r .code "$work/decision.payload")"; exit 31 ;; *) code=0 ;;
  esac
  # Nothing was written until here. What was accepted first, in one rename; then the bundle that follows from it.
  jq -n -f "$here/accept.jq" --slurpfile context "$work/context.json" --slurpfile d "$work/decision.payload" --slurpfile c "$work/claim.payload" --slurpfile p "$work/profile.payload" --slurpfile answer "$work/answer.json" \
    --arg cd "$(cat "$work/claim.digest" 2>/dev/null)" --arg pd "$(cat "$work/profile.digest" 2>/dev/null)" > "$state/accepted.new"
  sync "$state/accepted.new"; mv "$state/accepted.new" "$state/accepted.json"; sync "$state"
  bundle=$(jq -r '.trustStores[0].path // empty' "$config"); roots=$(get .systemRoots)
  [ -f "$roots" ] || roots=/etc/ssl/certs/ca-certificates.crt
  if [ "$code" = 0 ] || { [ -f "$work/claim.json" ] && [ "$(jq -r .organization "$work/claim.payload")" = null ]; }; then   # installed, or released: purged
    [ -f "$work/cas.pem" ] || : > "$work/cas.pem"
    cat "$work/cas.pem" "$roots" > "$bundle.new"; chmod 644 "$bundle.new"; sync "$bundle.new"; mv "$bundle.new" "$bundle"
  fi
  if [ "$code" = 0 ]; then
    echo "active: $(jq -r '"\(.organization)/\(.network)"' "$work/decision.payload"), $(jq '.inspectionCas | length' "$work/profile.payload") inspection CA(s) in $bundle"
  fi
  exit "$code"
}

case ${1-} in
  bootstrap | verify) [ $# = 2 ] && "$1" "$2" ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac
