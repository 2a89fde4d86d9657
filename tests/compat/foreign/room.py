"""What a script needs to talk in a room: a socket that remembers what it heard, and a wait that ends."""

import asyncio
import json
import sys

import websockets

WITHIN = 5


class Room:
    """One socket in one room, by the websockets library of Debian."""

    def __init__(self, socket):
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

    async def is_closed(self, code):
        """Reads to the end, which must come and be this one."""
        try:
            while True:
                self.heard.append(json.loads(await asyncio.wait_for(self.socket.recv(), WITHIN)))
        except websockets.ConnectionClosed as closed:
            assert closed.code == code, f"closed with {closed.code} {closed.reason!r}, not {code}"

    async def leave(self):
        await self.socket.close()


def expect(answer, status):
    """The JSON of an answer of python-requests, which must have this status."""
    asked = f"{answer.request.method} {answer.request.url}"
    assert answer.status_code == status, f"{asked}: {answer.status_code} and not {status}: {answer.text[:400]}"
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer", f"{asked}: {answer.headers}"
    if status == 204:
        assert answer.content == b"", f"{asked}: a 204 with a body"
        return None
    return answer.json()


def socket_url(base, path):
    return base.replace("http", "ws", 1) + path


def run(story):
    base = sys.argv[1]
    asyncio.run(asyncio.wait_for(story(base), 40))
    print("the story is told")
