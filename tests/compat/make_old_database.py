"""Makes the database of another chat system, as such systems make theirs: by SQLAlchemy's models and passlib's bcrypt.

    make_old_database.py PLACE SPELLING [USERS ROOMS MESSAGES]

PLACE is a file, or the address of an empty database in PostgreSQL. SPELLING is one of the two ways in which they name their tables and columns. Everything follows from a fixed seed.
"""

import random
import sys
from datetime import datetime, timedelta

import sqlalchemy as sa
from passlib.hash import bcrypt

SPELLINGS = {
    "plural": {
        "users": ("users", dict(name="username", password="hashed_password", role="role", made="created_at")),
        "rooms": ("chat_rooms", dict(maker="created_by", made="created_at")),
        "messages": ("messages", dict(content="content", user="user_id", room="room_id", time="timestamp")),
    },
    "singular": {
        "users": ("user", dict(name="username", password="password", role="is_admin", made="created_at")),
        "rooms": ("room", dict(maker="owner_id", made="created_at")),
        "messages": ("message", dict(content="text", user="sender_id", room="chat_room_id", time="sent_at")),
    },
}

WORDS = "tea rain bicycle évidence Straße 上海 привет 🙂 garden north seven river \"quoted\" <b> \\n %s".split(" ")
START = datetime(2023, 3, 1, 8, 30, 0)


def tables(spelling):
    meta = sa.MetaData()
    (users, u), (rooms, r), (messages, m) = (SPELLINGS[spelling][part] for part in ("users", "rooms", "messages"))
    role = sa.Column(u["role"], sa.Boolean if u["role"] == "is_admin" else sa.String(20))
    return (
        sa.Table(
            users,
            meta,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column(u["name"], sa.String, unique=True),
            sa.Column("email", sa.String),
            sa.Column(u["password"], sa.String),
            role,
            sa.Column(u["made"], sa.DateTime),
        ),
        sa.Table(
            rooms,
            meta,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String),
            sa.Column("description", sa.String),
            sa.Column(r["maker"], sa.Integer, sa.ForeignKey(f"{users}.id")),
            sa.Column(r["made"], sa.DateTime),
        ),
        sa.Table(
            messages,
            meta,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column(m["content"], sa.Text),
            sa.Column(m["user"], sa.Integer, sa.ForeignKey(f"{users}.id")),
            sa.Column(m["room"], sa.Integer, sa.ForeignKey(f"{rooms}.id")),
            sa.Column(m["time"], sa.DateTime),
        ),
        meta,
    )


def main(place, spelling, user_count=1000, room_count=50, message_count=100_000):
    dice = random.Random(spelling)
    users, rooms, messages, meta = tables(spelling)
    (_, u), (_, r), (_, m) = (SPELLINGS[spelling][part] for part in ("users", "rooms", "messages"))
    engine = sa.create_engine(place if "://" in place else f"sqlite:///{place}")
    meta.create_all(engine)
    # Hashing is slow on purpose: a few at the usual cost, the rest at the lowest, and most of them shared.
    usual = {n: bcrypt.using(rounds=12).hash(f"usual password {n}") for n in (1, 2)}
    shared = [bcrypt.using(rounds=4).hash(f"shared password {n}") for n in range(20)]

    def admin(n):
        return n in (1, 3)

    with engine.begin() as connection:
        connection.execute(
            users.insert(),
            [
                {
                    "id": n,
                    u["name"]: "admin" if n == 1 else f"user{n}",
                    "email": f"user{n}@example.org",
                    u["password"]: usual.get(n) or shared[n % 20],
                    u["role"]: admin(n) if u["role"] == "is_admin" else ("admin" if admin(n) else "user"),
                    u["made"]: START + timedelta(minutes=n),
                }
                for n in range(1, user_count + 1)
            ],
        )
        connection.execute(
            rooms.insert(),
            [
                {
                    "id": n,
                    "name": f"Room {n:02d}",
                    "description": None if n % 3 else f"About {n}",
                    r["maker"]: dice.randint(1, user_count),
                    r["made"]: START + timedelta(hours=n),
                }
                for n in range(1, room_count + 1)
            ],
        )
        step = timedelta(days=600) / message_count
        for first in range(1, message_count + 1, 20_000):
            connection.execute(
                messages.insert(),
                [
                    {
                        "id": n,
                        m["content"]: " ".join(dice.choices(WORDS, k=dice.randint(1, 12))) + f" {n}",
                        m["user"]: dice.randint(1, user_count),
                        m["room"]: dice.randint(1, room_count),
                        m["time"]: START + timedelta(days=3) + step * n,
                    }
                    for n in range(first, min(first + 20_000, message_count + 1))
                ],
            )
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
