"""What a script needs to talk in a room: a socket that remembers what it heard, and a wait that ends."""

import asyncio
import json
import sys

import websockets

WITHIN = 5


class Room:
    """One socket in one room, by the websockets library of Debian."""

    opened = []

    def __init__(self, socket):
        Room.opened.append(self)
        self.socket = socket
        self.heard = []

    @classmethod
    async def enter(cls, url, **options):
        return cls(await websockets.connect(url, open_timeout=WITHIN, close_timeout=WITHIN, **options))

    async def say(self, words):
        await self.socket.send(words if isinstance(words, (str, bytes)) else json.dumps(words))

    async def hears(self, kind, **wanted):
        """The first frame of a kind that has these values, heard already or still to come; it is then spent."""
        fits = lambda frame: frame.get("type") == kind and all(frame.get(key) == value for key, value in wanted.items())
        deadline = asyncio.get_running_loop().time() + WITHIN
        while True:
            for frame in self.heard:
                if fits(frame):
                    self.heard.remove(frame)
                    return frame
            left = deadline - asyncio.get_running_loop().time()
            try:
                self.heard.append(json.loads(await asyncio.wait_for(self.socket.recv(), max(left, 0.001))))
            except asyncio.TimeoutError:
                raise AssertionError(f"no {kind} {wanted}; heard {self.heard}") from None
            except websockets.ConnectionClosed as closed:
                raise AssertionError(f"closed {closed.code} {closed.reason!r}, no {kind} {wanted}") from None

    async def is_closed(self, *codes):
        """Reads to the end, which must come and be one of these."""
        try:
            while True:
                self.heard.append(json.loads(await asyncio.wait_for(self.socket.recv(), WITHIN)))
        except websockets.ConnectionClosed as closed:
            assert closed.code in codes, f"closed with {closed.code} {closed.reason!r}, not {codes}"

    async def leave(self):
        await self.socket.close()


def expect(answer, *statuses):
    """The JSON of an answer of python-requests, which must have one of these statuses."""
    status = answer.status_code
    asked = f"{answer.request.method} {answer.request.url}"
    assert status in statuses, f"{asked}: {status} and not {statuses}: {answer.text[:400]}"
    assert answer.history == [], f"{asked}: was sent elsewhere: {answer.history}"
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer", f"{asked}: {answer.headers}"
    if status == 204:
        assert answer.content == b"", f"{asked}: a 204 with a body"
        return None
    body = answer.json()
    if status == 422:
        # As FastAPI tells it: a list of what is wrong, and where.
        assert all({"loc", "msg", "type"} <= set(fault) and fault["loc"] for fault in body["detail"]), f"{asked}: {body}"
        assert body["detail"] and all(fault["loc"][0] in ("body", "query", "path") for fault in body["detail"]), body
    elif status >= 400:
        assert isinstance(body["detail"], str) and body["detail"], f"{asked}: {body}"
    return body


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def socket_url(base, path):
    return base.replace("http", "ws", 1) + path


async def whole(story):
    await asyncio.wait_for(story(sys.argv[1]), 40)
    for room in Room.opened:
        await room.leave()


def run(story):
    asyncio.run(whole(story))
    print("the story is told")
