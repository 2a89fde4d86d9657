/**
 * See SQLite's migration of this version. `send_batch_3` answers a guest of a public room that they are not in as if there
 * were none; nodes of the version before go on calling `send_batch_2`.
 */
export const guestsBansAndBlocks = {
  version: 13,
  needs: 13,
  sql: `
ALTER TABLE users ADD COLUMN guest bigint NOT NULL DEFAULT 0 CHECK (guest IN (0, 1));
ALTER TABLE invites ADD COLUMN guest bigint NOT NULL DEFAULT 0 CHECK (guest IN (0, 1));
ALTER TABLE members ADD COLUMN favourite bigint NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1));
ALTER TABLE members ADD COLUMN hidden bigint NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1));

CREATE TABLE bans (
  room_id bigint NOT NULL REFERENCES rooms (id),
  user_id bigint NOT NULL REFERENCES users (id),
  by_user bigint NOT NULL REFERENCES users (id),
  at bigint NOT NULL,
  until bigint,
  reason text NOT NULL,
  PRIMARY KEY (room_id, user_id)
);
CREATE INDEX bans_by_end ON bans (until) WHERE until IS NOT NULL;

CREATE TABLE blocks (
  user_id bigint NOT NULL REFERENCES users (id),
  blocked_id bigint NOT NULL REFERENCES users (id),
  blocked_at bigint,
  version bigint NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
);
CREATE INDEX blocks_by_version ON blocks (user_id, version);

CREATE FUNCTION send_batch_3(
  stamp bigint, room_ids bigint[], user_ids bigint[], nonce_texts text[], hashes text[], contents text[]
) RETURNS text LANGUAGE plpgsql
SET search_path = parlour, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan SET jit = off
SET lock_timeout = '5s'
AS $$
DECLARE
  outcomes text;
BEGIN
  PERFORM 1 FROM rooms WHERE id = ANY (room_ids) ORDER BY id FOR NO KEY UPDATE;
  WITH items AS (
    SELECT * FROM unnest(room_ids, user_ids, nonce_texts, hashes, contents)
      WITH ORDINALITY AS item (room_id, user_id, nonce, hash, content, place)
  ), judged AS MATERIALIZED (
    SELECT i.*, r.seq AS room_seq, r.n AS room_n,
      CASE
        WHEN k.author IS NOT NULL THEN CASE WHEN k.content_hash = i.hash THEN k.result ELSE '"nonce_reused"' END
        WHEN r.id IS NULL THEN '"not_found"'
        WHEN m.state = 'in' THEN CASE
          WHEN r.archived_at IS NOT NULL THEN '"archived"'
          WHEN m.role = 'reader' OR (m.role = 'member' AND r.posting = 'moderators') THEN '"read_only"'
        END
        WHEN r.kind <> 'public' OR (SELECT u.guest FROM users u WHERE u.id = i.user_id) = 1 THEN '"not_found"'
        WHEN m.state = 'removed' THEN '"removed"'
        ELSE '"not_member"'
      END AS outcome
    FROM items i
    LEFT JOIN nonces k ON k.author = i.user_id AND k.nonce = i.nonce
    LEFT JOIN rooms r ON r.id = i.room_id AND r.deleted_at IS NULL
    LEFT JOIN members m ON m.room_id = i.room_id AND m.user_id = i.user_id
  ), placed AS MATERIALIZED (
    SELECT j.room_id, j.user_id, j.nonce, j.hash, j.content, j.place, nextval('parlour.messages_id_seq') AS id,
      j.room_seq + row_number() OVER room AS seq, j.room_n + row_number() OVER room AS n
    FROM judged j WHERE j.outcome IS NULL WINDOW room AS (PARTITION BY j.room_id ORDER BY j.place)
  ), said AS (
    INSERT INTO messages (id, room_id, seq, n, changed, user_id, content, created_at)
    SELECT id, room_id, seq, n, seq, user_id, content, stamp FROM placed
  ), logged AS (
    INSERT INTO log (room_id, seq, kind, subject, actor, at) SELECT room_id, seq, 'message', id, user_id, stamp FROM placed
  ), kept AS (
    INSERT INTO nonces (author, nonce, content_hash, result)
    SELECT user_id, nonce, hash, '[' || id || ',' || seq || ',' || n || ',' || stamp || ']' FROM placed
  ), moved AS (
    UPDATE rooms r SET seq = last.seq, n = last.n
    FROM (SELECT room_id, max(seq) AS seq, max(n) AS n FROM placed GROUP BY room_id) AS last WHERE r.id = last.room_id
  )
  SELECT '[' || string_agg(each.outcome, ',' ORDER BY each.place) || ']' INTO outcomes FROM (
    SELECT j.place, j.outcome FROM judged j WHERE j.outcome IS NOT NULL
    UNION ALL SELECT p.place, '[' || p.id || ',' || p.seq || ',' || p.n || ']' FROM placed p
  ) AS each;
  RETURN outcomes;
END $$;
`,
};
