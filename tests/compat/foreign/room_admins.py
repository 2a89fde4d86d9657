"""The system whose room makers are the rooms' admins, and whose clients send plain text."""

import asyncio

import requests
from room import Room, bearer, expect, run, socket_url

PASSWORD = "a long enough password"


def log_in(base, name, password=PASSWORD, status=200):
    return expect(requests.post(f"{base}/auth/login", json={"username": name, "password": password}), status)


async def story(base):
    people = {}
    for name in ("root", "ann", "ben"):
        body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "full_name": "is ignored"}
        people[name] = expect(requests.post(f"{base}/user/signup", json=body), 200, 201)
        assert people[name]["username"] == name and people[name]["email"] == f"{name}@example.com", people[name]
    assert [one["role"] for one in people.values()] == ["admin", "user", "user"], people
    expect(requests.post(f"{base}/user/signup", json={"username": "eve", "password": PASSWORD, "role": "admin"}), 403)

    login = log_in(base, "ann")
    assert login["user"]["username"] == "ann" and login["user"]["id"] == people["ann"]["id"], login
    session = requests.post(f"{base}/auth/token", data={"username": "ann", "password": PASSWORD, "scope": "me"})
    session = expect(session, 200)
    assert set(session) == {"access_token", "token_type", "expires_in"}, session
    assert expect(requests.post(f"{base}/auth/token", json={"username": "ann", "password": PASSWORD}), 200)
    root, ann, ben = (bearer(log_in(base, name)["access_token"]) for name in ("root", "ann", "ben"))

    users = expect(requests.get(f"{base}/user/users", headers=root), 200)
    assert {one["username"] for one in users} == {"root", "ann", "ben"}, users
    expect(requests.get(f"{base}/user/users", headers=ann), 403)
    expect(requests.get(f"{base}/user/users"), 401)

    # Anybody makes rooms and is their admin.
    expect(requests.post(f"{base}/room/", json={"name": "x"}), 401)
    expect(requests.post(f"{base}/room/", json={}, headers=ann), 422)
    room = expect(requests.post(f"{base}/room/", json={"name": "Tea", "description": "Cups"}, headers=ann), 200, 201)
    other = expect(requests.post(f"{base}/room", json={"name": "Coffee"}, headers=ben), 200, 201)
    names = lambda who: {one["name"] for one in expect(requests.get(f"{base}/room/rooms", headers=who), 200)}
    assert names(ann) == {"Tea"} and names(ben) == {"Coffee"} and names(root) == {"Tea", "Coffee"}
    tea = f"{base}/room/{room['id']}"
    assert expect(requests.get(tea, headers=ben), 200)["description"] == "Cups"
    expect(requests.patch(tea, json={"name": "Taken over"}, headers=ben), 403)
    expect(requests.patch(tea, json={"name": 7}, headers=ben), 403)
    expect(requests.patch(tea, json={"name": 7}, headers=ann), 422)
    assert expect(requests.patch(tea, json={"name": "Green tea"}, headers=ann), 200)["name"] == "Green tea"
    changed = expect(requests.patch(f"{tea}/", json={"description": "Pots"}, headers=root), 200)
    assert (changed["name"], changed["description"]) == ("Green tea", "Pots"), changed

    # Plain text by the socket, JSON by the address: one talk.
    messages = f"{base}/message/rooms/{room['id']}/messages"
    talker = await Room.enter(socket_url(base, f"/ws/{room['id']}?token={ann['Authorization'][7:]}"))
    await talker.hears("active_users")
    listener = await Room.enter(socket_url(base, f"/ws/{room['id']}?token={ben['Authorization'][7:]}"))
    await listener.hears("active_users")
    await talker.say("Hello as plain text")
    for one in (talker, listener):
        heard = await one.hears("message")
        assert (heard["content"], heard["username"]) == ("Hello as plain text", "ann"), heard
    stored = expect(requests.post(messages, json={"content": "By the address"}, headers=ben), 200, 201)
    assert stored["content"] == "By the address" and stored["user_id"] == people["ben"]["id"], stored
    expect(requests.post(f"{messages}/", json={"message": "By its other name"}, headers=ann), 200, 201)
    for content in ("By the address", "By its other name"):
        for one in (talker, listener):
            assert (await one.hears("message"))["content"] == content
    expect(requests.post(messages, json={}, headers=ann), 422)
    expect(requests.post(messages, json={"content": ["x"]}, headers=ann), 422)
    expect(requests.post(messages, json={"content": "x"}), 401)
    expect(requests.post(f"{base}/message/rooms/99999/messages", json={"content": "x"}, headers=ann), 404)
    history = [one["content"] for one in expect(requests.get(messages, headers=ben), 200)]
    assert history == ["Hello as plain text", "By the address", "By its other name"], history

    # People change themselves, admins change others, nobody makes themselves an admin.
    address = f"{base}/user/update/{people['ann']['id']}"
    assert expect(requests.put(address, json={"email": "new@example.com"}, headers=ann), 200)["email"] == "new@example.com"
    assert expect(requests.put(address, json={"username": "anna", "role": "admin"}, headers=ann), 200)["role"] == "user"
    expect(requests.put(address, json={"username": "taken-over"}, headers=ben), 403)
    expect(requests.put(address, json={"username": 7}, headers=ben), 403)
    expect(requests.put(address, json={"username": 7}, headers=ann), 422)
    assert expect(requests.put(f"{address}/", json={"username": "ann"}, headers=root), 200)["username"] == "ann"

    change = {"current_password": "wrong", "new_password": "another good password"}
    expect(requests.post(f"{base}/user/update_password", json=change, headers=ann), 400, 401, 403)
    elsewhere = log_in(base, "ann")["access_token"]
    far = await Room.enter(socket_url(base, f"/ws/{room['id']}?token={elsewhere}"))
    await far.hears("active_users")
    change = {"old_password": PASSWORD, "new_password": "another good password"}
    expect(requests.post(f"{base}/user/update_password", json=change, headers=ann), 200, 204)
    await asyncio.wait_for(far.is_closed(4401), 2)
    expect(requests.get(f"{base}/room/rooms", headers=bearer(elsewhere)), 401)
    log_in(base, "ann", PASSWORD, 401)
    again = bearer(log_in(base, "ann", "another good password")["access_token"])
    change = {"current_password": "another good password", "new_password": PASSWORD}
    expect(requests.post(f"{base}/user/update_password/", json=change, headers=again), 200, 204)

    # A role is changed by an admin and acts at once, whatever a token of old says.
    def role(who, role, by, *statuses):
        address = f"{base}/api/v1/users/{people[who]['id']}"
        expect(requests.patch(address, json={"role": role}, headers=by), *(statuses or (200,)))

    role("ben", "admin", ben, 403)
    role("root", "user", root, 400, 403, 409)
    role("ben", "admin", root)
    ben = bearer(log_in(base, "ben")["access_token"])
    expect(requests.get(f"{base}/user/users", headers=ben), 200)
    here = await Room.enter(socket_url(base, f"/ws/{room['id']}?token={ben['Authorization'][7:]}"))
    await here.hears("active_users")
    role("ben", "user", root)
    await asyncio.wait_for(here.is_closed(4401), 2)
    expect(requests.get(f"{base}/user/users", headers=ben), 401)
    ben = bearer(log_in(base, "ben")["access_token"])
    expect(requests.get(f"{base}/user/users", headers=ben), 403)
    listener = await Room.enter(socket_url(base, f"/ws/{room['id']}"), extra_headers=ben)
    await listener.hears("active_users")

    # A room goes by its admin or by the house's; whoever is inside hears it.
    ann = bearer(log_in(base, "ann")["access_token"])
    expect(requests.delete(tea, headers=ben), 403)
    expect(requests.delete(tea, headers=ann), 200, 204)
    await listener.is_closed(4404)
    expect(requests.delete(f"{base}/room/{other['id']}", headers=root), 200, 204)
    assert names(root) == set()
    expect(requests.get(tea, headers=ann), 404)


run(story)
