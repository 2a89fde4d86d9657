"""The system with rooms by id, as its documentation begins: an admin signs up on the empty server and makes "General"."""

import base64
import json
from datetime import datetime

import requests
from room import Room, bearer, expect, run, socket_url


async def story(base):
    admin = {"username": "admin", "email": "admin@example.com", "password": "adminpass123", "role": "admin"}
    made = expect(requests.post(f"{base}/auth/signup", json=admin), 200, 201)
    assert (made["username"], made["email"], made["role"]) == ("admin", "admin@example.com", "admin"), made
    assert isinstance(made["id"], int) and not any("password" in key for key in made), made
    expect(requests.post(f"{base}/auth/signup", json=admin), 403)
    expect(requests.post(f"{base}/auth/signup", json={**admin, "role": "user"}), 400, 409)

    login = expect(requests.post(f"{base}/auth/login", json={"username": "admin", "password": "adminpass123"}), 200)
    assert login["token_type"].lower() == "bearer"
    token = login["access_token"]
    # The token is an HS256 JWT which expires and carries the role, for clients that look into it.
    head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    assert head["alg"] == "HS256" and claims["exp"] and claims["role"] == "admin", (head, claims)
    expect(requests.post(f"{base}/auth/login", json={"username": "admin", "password": "wrong"}), 401)
    expect(requests.post(f"{base}/auth/login", json={"username": "nobody", "password": "adminpass123"}), 401)
    # The OAuth2 form is taken too, as docs pages send it, with its empty fields.
    form = {"grant_type": "password", "username": "admin", "password": "adminpass123", "scope": "", "client_id": ""}
    assert expect(requests.post(f"{base}/auth/login", data=form), 200)["access_token"]

    me = expect(requests.get(f"{base}/auth/me", headers=bearer(token)), 200)
    assert (me["id"], me["username"], me["email"], me["role"]) == (made["id"], "admin", "admin@example.com", "admin"), me
    expect(requests.get(f"{base}/auth/me"), 401)
    expect(requests.get(f"{base}/auth/me", headers=bearer("nonsense")), 401)

    user = {"username": "user1", "email": "user1@example.com", "password": "userpass123", "role": "user"}
    expect(requests.post(f"{base}/auth/signup", json=user), 200, 201)
    other = expect(requests.post(f"{base}/auth/login", json={"username": "user1", "password": "userpass123"}), 200)
    other = other["access_token"]
    expect(requests.post(f"{base}/auth/signup", json={**user, "username": "eve", "email": "e@x.io", "role": "admin"}), 403)

    # Rooms are made by admins only: the right comes before the body.
    room = {"name": "General", "description": "General discussion"}
    expect(requests.post(f"{base}/rooms/", json=room), 401)
    expect(requests.post(f"{base}/rooms/", json=room, headers=bearer(other)), 403)
    expect(requests.post(f"{base}/rooms/", json={"name": 7}, headers=bearer(other)), 403)
    expect(requests.post(f"{base}/rooms/", json={"name": 7}, headers=bearer(token)), 422)
    expect(requests.post(f"{base}/rooms/", json={}, headers=bearer(token)), 422)
    general = expect(requests.post(f"{base}/rooms/", json=room, headers=bearer(token)), 200, 201)
    assert (general["id"], general["name"], general["description"]) == (1, "General", "General discussion"), general
    bare = expect(requests.post(f"{base}/rooms", json={"name": "Bare", "is_secret": 1}, headers=bearer(token)), 200, 201)

    for path in ("/rooms/", "/rooms"):
        rooms = expect(requests.get(base + path, headers=bearer(other)), 200)
        assert {one["name"] for one in rooms} == {"General", "Bare"}, rooms
    for path in ("/rooms/1", "/rooms/1/"):
        assert expect(requests.get(base + path, headers=bearer(other)), 200)["name"] == "General"
    expect(requests.get(f"{base}/rooms/999", headers=bearer(other)), 404)
    expect(requests.get(f"{base}/rooms/General", headers=bearer(other)), 422, 404)

    # Two people talk.
    address = socket_url(base, "/ws/1")
    ann = await Room.enter(f"{address}?token={token}")
    await ann.hears("active_users")
    ben = await Room.enter(f"{address}?token={other}")
    assert {one["username"] for one in (await ben.hears("active_users"))["users"]} == {"admin", "user1"}
    assert (await ann.hears("join"))["username"] == "user1"
    await ann.say({"content": "Hello, everyone!"})
    for one in (ann, ben):
        heard = await one.hears("message")
        assert heard["content"] == "Hello, everyone!" and heard["username"] == "admin" and heard["room_id"] == 1, heard
        assert heard["user_id"] == made["id"] and heard["id"] == 1
        assert heard["timestamp"].endswith("Z") and datetime.fromisoformat(heard["timestamp"].replace("Z", "+00:00"))
    await ben.leave()
    assert (await ann.hears("leave"))["username"] == "user1"

    # History pages with a cursor; 50 unless the limit says, at most 100.
    for number in range(119):
        await ann.say({"content": f"message {number}"})
        await ann.hears("message")
    address = f"{base}/rooms/1/messages"
    newest = requests.get(address, headers=bearer(other))
    page = expect(newest, 200)
    assert [one["content"] for one in page] == [f"message {number}" for number in range(69, 119)], page
    assert page[0]["username"] == "admin" and page[0]["user_id"] == made["id"] and page[0]["room_id"] == 1, page[0]
    seen, answer = page, newest
    while answer.links.get("next"):
        answer = requests.get(requests.compat.urljoin(base, answer.links["next"]["url"]), headers=bearer(other))
        seen = expect(answer, 200) + seen
    assert [one["id"] for one in seen] == list(range(1, 121)), [one["id"] for one in seen]
    assert len(expect(requests.get(f"{address}/?limit=100", headers=bearer(other)), 200)) == 100
    for wrong in ("limit=0", "limit=101", "limit=x", "limit=-1"):
        expect(requests.get(f"{address}?{wrong}", headers=bearer(other)), 422)
    assert len(expect(requests.get(f"{address}?_=1699999999&utm_source=x", headers=bearer(other)), 200)) == 50

    # Deleting is for admins; who is inside hears of it by the socket's end.
    expect(requests.delete(f"{base}/rooms/1", headers=bearer(other)), 403)
    expect(requests.delete(f"{base}/rooms/1"), 401)
    expect(requests.delete(f"{base}/rooms/1", headers=bearer(token)), 200, 204)
    await ann.is_closed(4404)
    expect(requests.get(f"{base}/rooms/1", headers=bearer(token)), 404)
    expect(requests.delete(f"{base}/rooms/1", headers=bearer(token)), 404)
    expect(requests.delete(f"{base}/rooms/{bare['id']}/", headers=bearer(token)), 200, 204)
    assert expect(requests.get(f"{base}/rooms/", headers=bearer(token)), 200) == []
    late = await Room.enter(socket_url(base, f"/ws/1?token={token}"))
    await late.is_closed(4404)

    page = requests.get(f"{base}/docs", timeout=5)
    assert page.status_code == 200 and "text/html" in page.headers["content-type"]


run(story)
