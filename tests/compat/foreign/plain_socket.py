"""A bot's view of /ws/{room}: every way to prove oneself, both ways to speak, all that is heard."""

import asyncio
from urllib.parse import quote

import requests
import websockets
from room import Room, expect, run, socket_url


def account(base, name):
    person = {"username": name, "password": f"{name} and a long password"}
    expect(requests.post(f"{base}/api/v1/signup", json=person), 201)
    return expect(requests.post(f"{base}/api/v1/token", data={**person, "grant_type": "password"}), 200)["access_token"]


async def story(base):
    ann, ben = account(base, "ann"), account(base, "ben")
    room = expect(
        requests.post(f"{base}/api/v1/rooms", json={"name": "Bots"}, headers={"Authorization": f"Bearer {ann}"}), 201
    )["id"]
    address = socket_url(base, f"/ws/{room}")

    # Five doors into one room; each one is let in and heard.
    by_query = await Room.enter(f"{address}?token={quote(ann)}")
    by_header = await Room.enter(address, extra_headers={"Authorization": f"Bearer {ben}"})
    by_small_header = await Room.enter(address, extra_headers=[("authorization", f"bearer {ben}")])
    by_protocol = await Room.enter(address, subprotocols=["parlour.v1", f"bearer.{ben}"])
    assert by_protocol.socket.subprotocol == "parlour.v1"
    by_frame = await Room.enter(address)
    await by_frame.say({"token": ben})
    everyone = [by_query, by_header, by_small_header, by_protocol, by_frame]
    for one in everyone:
        assert (await one.hears("history"))["messages"] == []
        assert room == (await one.hears("active_users"))["room_id"]
    for number, one in enumerate(everyone):
        await one.say(f"door {number}")
        for other in everyone:
            assert (await other.hears("message"))["content"] == f"door {number}"

    # One person's five sockets are one presence: a notice for the first in and the last out.
    assert (await by_query.hears("join"))["username"] == "ben"
    assert not [frame for frame in by_query.heard if frame["type"] == "join"]
    for one in everyone[1:]:
        await one.leave()
    left = await by_query.hears("leave")
    assert (left["username"], left["room_id"]) == ("ben", room) and left["timestamp"].endswith("Z")
    await by_query.leave()

    # Text as it is, in any script, and JSON; in binary frames too, as some libraries send bytes.
    talker = await Room.enter(f"{address}?token={ann}")
    await talker.hears("active_users")
    for said, heard in [
        ("Grüße, 上海, مرحبا 👩‍👩‍👧", "Grüße, 上海, مرحبا 👩‍👩‍👧"),
        ('"quoted"', '"quoted"'),
        ("null", "null"),
        ("42", "42"),
        ("two\nlines", "two\nlines"),
        ({"content": "by content"}, "by content"),
        ({"message": "by message"}, "by message"),
        ({"type": "message", "content": "with more", "room": 7, "username": "root"}, "with more"),
        ("as bytes".encode(), "as bytes"),
        ("x" * 4000, "x" * 4000),
    ]:
        await talker.say(said)
        message = await talker.hears("message")
        assert message["content"] == heard, message
        assert message["username"] == "ann" and message["room_id"] == room

    # What cannot be a message is an error, and the socket lives on.
    for wrong in ["{", '{"content": 1}', "{}", '{"content": ["x"]}', "", "   ", "x" * 60000, '{"content": "\\ud800"}']:
        await talker.say(wrong)
        error = await talker.hears("error")
        assert error["code"] and error["detail"], error
    for deep in ("[" * 30000, '{"content":' * 5000, '{"content": ' + "[" * 25000 + "]" * 25000 + "}"):
        await talker.say(deep if deep.startswith("{") else "{" + deep)
        assert (await talker.hears("error"))["code"] in ("bad_json", "invalid")
    # A frame beyond all bounds ends its own socket and no other.
    huge = await Room.enter(f"{address}?token={ben}")
    await huge.hears("active_users")
    await huge.say("x" * 1_000_000)
    await huge.is_closed(1009, 1006)
    # Bytes that are no UTF-8 in a binary frame reach nobody as a 500 or a lost server.
    await talker.say(b"\xff\xfe\x00")
    await talker.say("still here")
    await talker.hears("message", content="still here")

    # An ack for who asks for one.
    await talker.say({"content": "once", "nonce": "n-1"})
    ack = await talker.hears("ack", nonce="n-1")
    message = await talker.hears("message", content="once")
    assert ack["id"] == message["id"]

    # History for who comes later: oldest first, the newest fifty.
    later = await Room.enter(f"{address}?token={ben}")
    messages = (await later.hears("history"))["messages"]
    assert [one["id"] for one in messages] == sorted(one["id"] for one in messages) and messages[-1]["content"] == "once"
    # One who speaks at once, before history came, is heard.
    eager = await Room.enter(f"{address}?token={ben}")
    await eager.say("at once")
    await eager.hears("message", content="at once")
    await talker.hears("message", content="at once")

    # A lost line ends the presence too, without a close frame.
    for one in (later, eager):
        one.socket.transport.abort()
    await talker.hears("leave", username="ben")

    # A name that is new makes the room; spaces and other scripts come percent-encoded.
    named = await Room.enter(socket_url(base, f"/ws/{quote('Tee & Kuchen 🍰')}?token={ann}"))
    made = (await named.hears("active_users"))["room_id"]
    assert made != room
    guest = await Room.enter(socket_url(base, f"/ws/{quote('tee & kuchen 🍰')}/?token={ben}"))
    assert (await guest.hears("active_users"))["room_id"] == made

    # What is refused is told by a code that a browser can read too.
    forged = ann[:-4] + ("AAAA" if ann[-4:] != "AAAA" else "BBBB")
    for url, options, code in [
        (f"{address}?token=", {}, 4401),
        (f"{address}?token=nonsense", {}, 4401),
        (f"{address}?token={forged}", {}, 4401),
        (address, {"extra_headers": {"Authorization": f"Bearer {forged}"}}, 4401),
        (address, {"extra_headers": {"Authorization": "Basic YTpi"}}, 4401),
        (address, {"extra_headers": {"Authorization": ""}}, 4401),
        (address, {"subprotocols": ["parlour.v1", "bearer."]}, 4401),
        (address, {"extra_headers": {"Cookie": f"token={ann}; access_token={ann}"}}, 4401),
        (socket_url(base, f"/ws/999999?token={ann}"), {}, 4404),
        (socket_url(base, f"/ws/%ff?token={ann}"), {}, 4404),
        (socket_url(base, f"/ws/{'x' * 81}?token={ann}"), {}, 4404),
    ]:
        refused = await Room.enter(url, **options)
        if code == 4401 and "Cookie" in options.get("extra_headers", {}):
            await refused.say("let me in by my cookie")
        await refused.is_closed(code)
        assert refused.heard == [] or refused.heard[0]["type"] == "error", refused.heard
    empty_frame = await Room.enter(address)
    await empty_frame.say({"token": ""})
    await empty_frame.is_closed(4401)

    # Logging out ends the socket within two seconds.
    requests.post(f"{base}/api/v1/logout", headers={"Authorization": f"Bearer {ann}"}).raise_for_status()
    await asyncio.wait_for(talker.is_closed(4401), 2)


run(story)
