"""The system with a front end of its own: access and refresh tokens, history of a room, both with and without prefix."""

import requests
from room import Room, bearer, expect, run, socket_url


async def story(base):
    for prefix in ("/api/v1", ""):
        await walk(base, prefix, "ann" if prefix else "cat", "ben" if prefix else "dan")
    page = requests.get(f"{base}/chat", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.status_code == 200 and "text/html" in page.headers["content-type"], page.headers
    for path in ("/signup", "/login", "/"):
        page = requests.get(base + path, headers={"Accept": "text/html"})
        assert page.status_code == 200 and "text/html" in page.headers["content-type"], (path, page.status_code)


async def walk(base, prefix, first, second):
    at = base + prefix
    tokens = {}
    for name in (first, second):
        person = {"username": name, "password": f"{name} has a password"}
        made = expect(requests.post(f"{at}/signup", json={**person, "email": f"{name}@example.com"}), 200, 201)
        assert made["username"] == name and isinstance(made["id"], int), made
        pair = expect(requests.post(f"{at}/token", data={**person, "grant_type": "password", "scope": ""}), 200)
        assert pair["token_type"].lower() == "bearer" and pair["refresh_token"] and pair["expires_in"] > 0, pair
        assert expect(requests.post(f"{at}/token", json=person), 200)["refresh_token"]
        tokens[name] = pair
    expect(requests.post(f"{at}/token", data={"username": first, "password": "no"}), 401)
    expect(requests.post(f"{at}/token", data={"username": first}), 400)
    expect(requests.post(f"{at}/signup", json={"username": "x"}), 400 if prefix else 422)
    # As a front end's FormData is sent.
    multipart = {"username": (None, first), "password": (None, f"{first} has a password")}
    assert expect(requests.post(f"{at}/token", files=multipart), 200)["access_token"]
    # Clients that attach what they have in store to every request have nothing yet, or an old token.
    for stale in ("null", "undefined", "", "a.b.c"):
        person = {"username": first, "password": f"{first} has a password"}
        assert expect(requests.post(f"{at}/token", data=person, headers=bearer(stale)), 200)["access_token"]
    person = {"username": f"{first}-late", "password": "one more password"}
    expect(requests.post(f"{at}/signup", json=person, headers=bearer("null")), 200, 201)

    one, two = tokens[first]["access_token"], tokens[second]["access_token"]
    room = expect(requests.post(f"{base}/api/v1/rooms", json={"name": f"Room of {first}"}, headers=bearer(one)), 201)["id"]
    ann = await Room.enter(socket_url(base, f"/ws/{room}"), extra_headers=bearer(one))
    await ann.hears("active_users")
    ben = await Room.enter(socket_url(base, f"/ws/{room}?token={two}"))
    await ben.hears("active_users")
    for number in range(60):
        await ann.say({"content": f"{first} says {number}"})
    for number in range(60):
        for who in (ann, ben):
            assert (await who.hears("message"))["content"] == f"{first} says {number}"

    history = expect(requests.get(f"{at}/chat/history", params={"room_id": room}, headers=bearer(two)), 200)
    assert [message["content"] for message in history] == [f"{first} says {number}" for number in range(10, 60)]
    some = expect(requests.get(f"{at}/chat/history?room_id={room}&limit=100", headers=bearer(two)), 200)
    assert len(some) == 60 and some[0]["content"] == f"{first} says 0"
    newest = expect(requests.get(f"{at}/chat", headers={**bearer(two), "Accept": "application/json"}), 200)
    assert newest[-1]["content"] == f"{first} says 59" and len(newest) == 50, newest
    assert expect(requests.get(f"{at}/chat", headers=bearer(two)), 200)[-1]["room_id"] == room
    for path in ("/chat", f"/chat/history?room_id={room}"):
        expect(requests.get(at + path, headers=bearer("nonsense")), 401)
    expect(requests.get(f"{at}/chat/history?room_id={room}"), 401)
    expect(requests.get(f"{at}/chat/history", headers=bearer(two)), 400)
    expect(requests.get(f"{at}/chat/history?room_id=x", headers=bearer(two)), 400)
    expect(requests.get(f"{at}/chat/history?room_id=99999", headers=bearer(two)), 404)

    # What another may not read is in nobody else's list of newest messages.
    secret = {"name": f"Secret of {first}", "kind": "private"}
    secret = expect(requests.post(f"{base}/api/v1/rooms", json=secret, headers=bearer(one)), 201)["id"]
    said = {"content": "for no other eyes"}
    expect(requests.post(f"{base}/api/v1/rooms/{secret}/messages", json=said, headers=bearer(one)), 200, 201)
    assert expect(requests.get(f"{at}/chat", headers=bearer(one)), 200)[-1]["content"] == "for no other eyes"
    assert "for no other eyes" not in requests.get(f"{at}/chat?limit=100", headers=bearer(two)).text
    expect(requests.get(f"{at}/chat/history?room_id={secret}", headers=bearer(two)), 404)

    # A refresh token by every way in which clients bring it; each is good once.
    old = tokens[second]["refresh_token"]
    for bring in (
        lambda token: {"json": {"refresh_token": token}},
        lambda token: {"data": {"grant_type": "refresh_token", "refresh_token": token}},
        lambda token: {"params": {"refresh_token": token}},
        lambda token: {"headers": bearer(token)},
        lambda token: {"headers": bearer(token), "json": {}},
    ):
        pair = expect(requests.post(f"{at}/token/refresh", **bring(old)), 200)
        assert pair["access_token"] and pair["refresh_token"] != old, pair
        old = pair["refresh_token"]
        assert expect(requests.get(f"{base}/api/v1/me", headers=bearer(pair["access_token"])), 200)["username"] == second
    for bad in ({"json": {"refresh_token": "x"}}, {"headers": bearer("x")}, {"json": {"refresh_token": one}}):
        expect(requests.post(f"{at}/token/refresh", **bad), 401)
    expect(requests.post(f"{at}/token/refresh"), 401, 400)
    # A refresh token opens nothing by itself.
    expect(requests.get(f"{at}/chat", headers=bearer(old)), 401)
    await (await Room.enter(socket_url(base, f"/ws/{room}?token={old}"))).is_closed(4401)
    for one in (ann, ben):
        await one.leave()


run(story)
