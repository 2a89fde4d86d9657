#!/bin/sh
# What the documents show as curl commands, typed as they stand.
base=$1
fail() {
  echo "$*" >&2
  exit 1
}
# ask STATUS, then curl's own words; prints the body.
ask() {
  wanted=$1
  shift
  answer=$(curl -sS --max-time 10 -w '\n%{http_code}' "$@")
  got=$(printf '%s' "$answer" | tail -n 1)
  printf '%s' "$wanted" | grep -qw "$got" || fail "curl $*: $got and not $wanted: $answer"
  printf '%s\n' "$answer" | sed '$d'
}
has() { printf '%s' "$1" | grep -q "$2" || fail "no $2 in $1"; }
token_in() { printf '%s' "$1" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'; }
json='Content-Type: application/json'

has "$(ask '200 201' -X POST "$base/auth/signup" -H "$json" \
  -d '{"username": "admin", "email": "admin@example.com", "password": "adminpass123", "role": "admin"}')" '"role":"admin"'
ask '200 201' -X POST "$base/signup" -H "$json" -d '{"username": "user2", "password": "userpass", "role": "user"}' >/dev/null
admin=$(token_in "$(ask 200 -X POST "$base/auth/login" -H "$json" -d '{"username": "admin", "password": "adminpass123"}')")
form=$(token_in "$(ask 200 -X POST "$base/auth/token" -d 'username=admin&password=adminpass123')")
user=$(token_in "$(ask 200 "$base/login" -H "$json" -d '{"username": "user2", "password": "userpass"}')")
# Docs pages send a client's empty name by Basic; it is no proof of anything and is not in the way.
ask 200 -u ':' "$base/api/v1/token" -d 'grant_type=password&username=user2&password=userpass&client_id=&client_secret=' >/dev/null
ask 200 -F username=user2 -F password=userpass "$base/auth/token" >/dev/null

has "$(ask 200 "$base/auth/me" -H "Authorization: Bearer $form")" '"username":"admin"'
has "$(ask '200 201' -X POST "$base/rooms/" -H "Authorization: Bearer $admin" -H "$json" \
  -d '{"name": "General", "description": "General discussion"}')" '"id":1'
ask 403 -X POST "$base/rooms/" -H "Authorization: Bearer $user" -H "$json" -d '{"name": "Mine"}' >/dev/null
ask '200 201' -X POST "$base/room/" -H "Authorization: bearer $user" -H "$json" -d '{"name": "Mine"}' >/dev/null
ask '200 201' -X POST "$base/message/rooms/1/messages" -H "Authorization: Bearer $user" -H "$json; charset=UTF-8" \
  -d '{"content": "Grüße aus der Schale"}' >/dev/null
has "$(ask 200 "$base/rooms/1/messages?limit=1" -H "Authorization: Bearer $admin")" '"content":"Grüße aus der Schale"'
has "$(ask 200 -L "$base/rooms" -H "Authorization: Bearer $user")" '^\[.*"General".*\]$'
has "$(ask 200 -G "$base/api/v1/chat/history" -d room_id=1 -H "Authorization: Bearer $user")" '^\[.*Schale.*\]$'
has "$(ask 422 -X POST "$base/auth/signup" -H "$json" -d '{')" '"detail":\['
has "$(ask 422 -X POST "$base/login" -H "$json" -d '')" '"detail":\['
has "$(ask 401 "$base/user/users")" '"detail":"'
ask 200 -I "$base/docs" >/dev/null
ask 200 "$base/openapi.json" >/dev/null
ask '200 204' -X DELETE "$base/rooms/1" -H "Authorization: Bearer $admin" >/dev/null
ask 404 "$base/rooms/1" -H "Authorization: Bearer $admin" >/dev/null
echo 'the story is told'
