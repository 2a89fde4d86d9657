/* Hearing: every frame is parsed, every receiver's order is checked, every answer and every last receiver is timed. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load.h"

struct Mark {
  uint32_t sender, counter;
  const unsigned char *end;
};

static bool hear_frames(struct Connection *connection, size_t have, uint64_t now);
static void hear_text(struct Connection *connection, struct Frame *frame, uint64_t now);
static void delivered_by_seq(struct Connection *to, struct Frame *frame, uint64_t now);
static void delivered_by_counter(struct Connection *to, struct Frame *frame, uint64_t now);
static void own_heard(struct Sender *sender, struct Mark mark, struct Frame *frame, uint64_t now);
static void answered(struct Sender *sender, struct Mark mark, uint64_t now);
static bool find_mark(struct Frame *frame, size_t *usual, struct Mark *mark);
static uint64_t find_seq(struct Frame *frame);

void hear(struct Connection *connection) {
  size_t have = connection->rest.length;
  if (have) memcpy(buffer, connection->rest.at, have);
  connection->rest.length = 0;
  ssize_t got = read(connection->fd, buffer + have, BUFFER - have);
  if (got < 0 && errno == EAGAIN) got = 0;
  else if (got <= 0) return lost(connection);
  window.reads++;
  window.bytes += got;
  if (hear_frames(connection, have + got, nanoseconds())) flush(connection);
}

static bool hear_frames(struct Connection *connection, size_t have, uint64_t now) {
  struct Frame frame;
  size_t at = 0;
  for (long taken; at < have; at += taken) {
    taken = frame_read(buffer + at, have - at, &frame);
    if (taken == 0) break;
    if (taken < 0) fail("a frame that no server should send: %02x %02x", buffer[at], buffer[at + 1]);
    if (connection->state < LIVE) {
      if (!opening_heard(connection, &frame)) return false;
    } else if (frame.opcode == TEXT) {
      static const char draining[] = "{\"type\":\"draining\"";
      if (staying && frame.length >= sizeof draining - 1 && !memcmp(frame.body, draining, sizeof draining - 1))
        draining_heard(connection, &frame);
      hear_text(connection, &frame, now);
    } else if (frame.opcode == PING) {
      unsigned char pong[16];
      write_out(connection, pong, frame_head(pong, PONG, 0, true));
    } else if (frame.opcode == CLOSE) {
      if (frame.length >= 2 && !staying)
        fprintf(stderr, "closed with %d %.*s\n", frame.body[0] << 8 | frame.body[1], (int)frame.length - 2, frame.body + 2);
      lost(connection);
      return false;
    }
  }
  append(&connection->rest, buffer + at, have - at);
  return true;
}

static void hear_text(struct Connection *connection, struct Frame *frame, uint64_t now) {
  static const char ack[] = "{\"type\":\"ack\"", error[] = "{\"type\":\"error\"";
  static size_t delivery_length, usual_ack;
  if (!senders) return; /* still opening: nothing heard yet is ours */
  if (!delivery_length) delivery_length = strlen(plan.delivery);
  if (frame->length >= delivery_length && !memcmp(frame->body, plan.delivery, delivery_length)) {
    window.deliveries++;
    connection->heard++;
    if (plan.numbered) delivered_by_seq(connection, frame, now);
    else delivered_by_counter(connection, frame, now);
  } else if (plan.acks && connection->sender && frame->length > sizeof ack && !memcmp(frame->body, ack, sizeof ack - 1)) {
    struct Mark mark;
    if (find_mark(frame, &usual_ack, &mark)) answered(connection->sender, mark, now);
    else faults.damaged++;
  } else if (frame->length > sizeof error && !memcmp(frame->body, error, sizeof error - 1)) {
    if (!faults.errors++) fprintf(stderr, "%.*s\n", (int)frame->length, frame->body);
  }
}

static void delivered_by_seq(struct Connection *to, struct Frame *frame, uint64_t now) {
  static size_t usual;
  uint64_t seq = find_seq(frame);
  if (!seq) {
    faults.damaged++;
    return;
  }
  if (to->next_seq && seq < to->next_seq) faults.repeats++;
  else if (to->next_seq && seq > to->next_seq) faults.gaps += seq - to->next_seq;
  to->next_seq = seq + 1;
  if (to->state == STALLED || to->group->stalls) return;

  struct Room *room = rooms[to->group->room];
  struct Numbered *numbered = &room->ring[seq % RING];
  if (numbered->seq != seq) *numbered = (struct Numbered){.seq = seq};
  numbered->heard++;
  if (to->sender) {
    struct Mark mark;
    if (!find_mark(frame, &usual, &mark)) {
      faults.damaged++;
    } else if (mark.sender == (uint32_t)to->sender->number) {
      numbered->at = to->sender->ring[mark.counter % RING].at;
      own_heard(to->sender, mark, frame, now);
    }
  }
  if (numbered->heard == room->members && numbered->at) histogram_add(&window.last, now - numbered->at);
}

static void delivered_by_counter(struct Connection *to, struct Frame *frame, uint64_t now) {
  static size_t usual;
  struct Mark mark;
  if (!find_mark(frame, &usual, &mark) || mark.sender >= (uint32_t)sender_count) {
    faults.damaged++;
    return;
  }
  uint32_t expected = to->next[mark.sender];
  if (mark.counter < expected) faults.repeats++;
  else faults.gaps += mark.counter - expected;
  to->next[mark.sender] = mark.counter + 1;
  if (to->state == STALLED || to->group->stalls) return;

  struct Sent *sent = &senders[mark.sender]->ring[mark.counter % RING];
  if (++sent->heard == rooms[to->group->room]->members) histogram_add(&window.last, now - sent->at);
  if (to->sender && (uint32_t)to->sender->number == mark.sender) own_heard(to->sender, mark, frame, now);
}

static void own_heard(struct Sender *sender, struct Mark mark, struct Frame *frame, uint64_t now) {
  size_t filler = plan.content - MARK;
  const char *own = sender->frame.at + sender->content + MARK;
  const unsigned char *heard = plan.numbered ? memmem(frame->body, frame->length, own, filler) : mark.end;
  if (!heard || heard + filler > frame->body + frame->length || memcmp(heard, own, filler)) faults.damaged++;
  if (!plan.acks) answered(sender, mark, now);
}

static void answered(struct Sender *sender, struct Mark mark, uint64_t now) {
  histogram_add(&window.answer, now - sender->ring[mark.counter % RING].at);
  window.answers++;
  sender->answered++;
  if (sending && !plan.rate) send_next(sender, nanoseconds());
}

/* Eight decimal digits at once; the input's first digit is the lowest byte. */
static inline uint32_t eight_digits(const unsigned char *at) {
  uint64_t word;
  memcpy(&word, at, 8);
  word = (word & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
  word = (word & 0x00ff00ff00ff00ff) * 6553601 >> 16;
  return (word & 0x0000ffff0000ffff) * 42949672960001 >> 32;
}

static inline bool mark_at(const unsigned char *at) { return at[0] == '~' && at[4] == '~' && at[MARK - 1] == '~'; }

/* Frames of one run look alike, so the place of the last mark is tried before the frame is searched. */
static bool find_mark(struct Frame *frame, size_t *usual, struct Mark *mark) {
  const unsigned char *at = frame->body + *usual, *last = frame->body + frame->length - MARK;
  if (frame->length < MARK) return false;
  if (at > last || !mark_at(at)) {
    at = frame->body;
    do {
      at = memchr(at, '~', last - at + 1);
      if (!at) return false;
    } while (!mark_at(at) && ++at <= last);
    if (at > last) return false;
    *usual = at - frame->body;
  }
  mark->sender = (at[1] & 15) * 100 + (at[2] & 15) * 10 + (at[3] & 15);
  mark->counter = eight_digits(at + 5);
  mark->end = at + MARK;
  return true;
}

static uint64_t find_seq(struct Frame *frame) {
  static const char name[] = "\"seq\":";
  static size_t usual;
  const size_t length = sizeof name - 1;
  const unsigned char *at = frame->body + usual, *end = frame->body + frame->length;
  if (usual + length > frame->length || memcmp(at, name, length)) {
    at = memmem(frame->body, frame->length, name, length);
    if (!at) return 0;
    usual = at - frame->body;
  }
  uint64_t seq = 0;
  for (at += length; at < end && *at >= '0' && *at <= '9'; at++) seq = seq * 10 + (*at & 15);
  return seq;
}

/* Reads what a stalled socket was still given, to its end, and tells whether the server had cut it. */
void drain_stalled(struct Connection *connection) {
  uint64_t before = window.bytes;
  bool ended = false;
  struct pollfd ready = {.fd = connection->fd, .events = POLLIN};
  while (!ended && poll(&ready, 1, 1000) > 0) {
    size_t have = connection->rest.length;
    if (have) memcpy(buffer, connection->rest.at, have);
    connection->rest.length = 0;
    ssize_t got = read(connection->fd, buffer + have, BUFFER - have);
    if (got <= 0) ended = true;
    else if (window.bytes += got, !hear_frames(connection, have + got, nanoseconds())) ended = true;
  }
  printf("{\"event\":\"drained\",\"bytes\":%lu,\"cut\":%s}\n", window.bytes - before, ended ? "true" : "false");
}

/* After the last answer every member must have heard all that was answered in their room. */
void count_missing(void) {
  for (int i = 0; i < connection_count; i++) {
    struct Connection *each = &connections[i];
    if (each->state != LIVE || each->group->request_count) continue;
    uint64_t answered = 0;
    for (int j = 0; j < sender_count; j++)
      if (senders[j]->connection->group->room == each->group->room) answered += senders[j]->answered;
    if (answered > each->heard) faults.missing += answered - each->heard;
  }
}
