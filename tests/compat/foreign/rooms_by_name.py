"""The system with rooms by name: no address makes a room, connecting does."""

import json

import requests
from room import Room, expect, run, socket_url


async def story(base):
    # Its example signs up a plain user; on an empty server that is the admin all the same.
    expect(requests.post(f"{base}/signup", json={"username": "user1", "password": "userpass", "role": "admin"}), 200, 201)
    made = requests.post(f"{base}/signup", json={"username": "user2", "password": "userpass", "role": "user"})
    made = expect(made, 200, 201)
    assert made["username"] == "user2" and made["role"] == "user", made
    expect(requests.post(f"{base}/signup", json={"username": "user3", "password": "userpass", "role": "admin"}), 403)
    expect(requests.post(f"{base}/signup", json={"username": "user3"}), 422)
    expect(requests.post(f"{base}/signup/", json={"username": "user3", "password": "userpass"}), 200, 201)

    tokens = []
    for name in ("user1", "user2"):
        login = expect(requests.post(f"{base}/login", json={"username": name, "password": "userpass"}), 200)
        assert login["token_type"].lower() == "bearer" and login["expires_in"] == 12 * 3600, login
        tokens.append(login["access_token"])
    expect(requests.post(f"{base}/login", json={"username": "user2", "password": "x"}), 401)
    # Scripts that make the JSON themselves often forget to say that it is JSON.
    expect(requests.post(f"{base}/login", data=json.dumps({"username": "user2", "password": "userpass"})), 200)
    expect(requests.post(f"{base}/login", json={"username": "user2"}), 422)
    expect(requests.post(f"{base}/login/", data={"username": "user2", "password": "userpass"}), 200)

    one = await Room.enter(socket_url(base, f"/ws/room1?token={tokens[0]}"))
    room = (await one.hears("active_users"))["room_id"]
    two = await Room.enter(socket_url(base, f"/ws/room1?token={tokens[1]}"))
    assert (await two.hears("active_users"))["room_id"] == room
    assert (await one.hears("join"))["username"] == "user2"
    await two.say({"message": "Hello, what's up?"})
    for heard in [await one.hears("message"), await two.hears("message")]:
        assert (heard["content"], heard["username"]) == ("Hello, what's up?", "user2"), heard
    await one.say({"message": "Not much", "room": "room1", "user": "root"})
    heard = await two.hears("message")
    assert (heard["content"], heard["username"]) == ("Not much", "user1"), heard
    # Another room hears nothing of it.
    far = await Room.enter(socket_url(base, f"/ws/room2?token={tokens[1]}"))
    assert (await far.hears("active_users"))["room_id"] != room
    assert (await far.hears("history"))["messages"] == []
    await one.leave()
    assert (await two.hears("leave"))["username"] == "user1"
    for bad in ("", "?token=", "?token=abc"):
        refused = await Room.enter(socket_url(base, f"/ws/room1{bad}"))
        if bad == "":
            await refused.say({"message": "Hello, what's up?"})
        await refused.is_closed(4401)


run(story)
