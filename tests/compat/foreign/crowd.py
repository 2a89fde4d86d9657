"""Thirty people in one room by websockets, and one script by websocket-client, which blocks; all hear the same order."""

import asyncio
import json

import requests
import websocket
from room import Room, expect, run, socket_url

PEOPLE = 15
SOCKETS = 2
EACH = 4


def blocking(address, token):
    """A script as they are often written: connect, send, receive until it is there, close."""
    socket = websocket.create_connection(f"{address}?token={token}", timeout=5)
    socket.send("from a script that blocks")
    heard = []
    while not heard or heard[-1].get("content") != "from a script that blocks":
        heard.append(json.loads(socket.recv()))
    socket.ping("are you there")
    socket.send(json.dumps({"message": "and once more"}))
    while heard[-1].get("content") != "and once more":
        heard.append(json.loads(socket.recv()))
    socket.close()
    try:
        refused = websocket.create_connection(f"{address}?token=nonsense", timeout=5)
        opcode, data = refused.recv_data()
        assert opcode == websocket.ABNF.OPCODE_CLOSE and int.from_bytes(data[:2], "big") == 4401, (opcode, data)
    finally:
        refused.close()
    return heard


async def story(base):
    def token(number):
        person = {"username": f"guest{number}", "password": "a guest's password"}
        expect(requests.post(f"{base}/signup", json=person), 200, 201)
        return expect(requests.post(f"{base}/login", json=person), 200)["access_token"]

    tokens = [token(number) for number in range(PEOPLE)]
    address = socket_url(base, "/ws/crowd")
    # All at once into a room that is not there yet.
    rooms = await asyncio.gather(*(Room.enter(f"{address}?token={token}") for token in tokens * SOCKETS))
    ids = {(await room.hears("active_users"))["room_id"] for room in rooms}
    assert len(ids) == 1, ids
    for room in rooms:
        assert (await room.hears("history"))["messages"] == []
    words = [[f"{number} says {count}" for count in range(EACH)] for number in range(len(rooms))]

    async def talk(room, mine):
        for text in mine:
            await room.say({"content": text})

    orders = []

    async def listen(room):
        orders.append([(await room.hears("message"))["content"] for _ in range(len(rooms) * EACH)])

    await asyncio.gather(*(talk(room, mine) for room, mine in zip(rooms, words)), *(listen(room) for room in rooms))
    assert all(order == orders[0] for order in orders), "not all heard the same order"
    assert sorted(orders[0]) == sorted(sum(words, [])), "something was lost or came twice"
    # What one said came in the order in which it was said.
    for mine in words:
        assert [text for text in orders[0] if text in mine] == mine

    heard = await asyncio.get_running_loop().run_in_executor(None, blocking, address, tokens[0])
    assert [frame["type"] for frame in heard[:2]] == ["history", "active_users"], heard[:2]
    assert heard[1]["count"] == PEOPLE == len(heard[1]["users"]), heard[1]
    assert [message["content"] for message in heard[0]["messages"]] == orders[0][-50:]
    for room in rooms:
        assert (await room.hears("message"))["content"] == "from a script that blocks"


run(story)
