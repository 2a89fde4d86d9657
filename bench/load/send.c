/* Sending: closed loop (so many in flight, the next when one is answered) or open loop (a rate, whatever happens). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

struct Sender **senders;
int sender_count;
bool sending;

static uint64_t began, scheduled;

static struct Sender *prepare(struct Connection *connection, int number);
static void digits(char *to, uint32_t value, int count);

void senders_prepare(void) {
  senders = calloc(SENDERS, sizeof *senders);
  for (int i = 0; i < connection_count; i++) {
    struct Connection *connection = &connections[i];
    if (connection->group->request_count) continue;
    struct Room **room = &rooms[connection->group->room];
    if (!*room) *room = calloc(1, sizeof **room);
    if (!connection->group->stalls) (*room)->members++;
    if (!connection->group->in_flight) continue;
    if (sender_count == SENDERS) fail("more than %d senders", SENDERS);
    connection->sender = senders[sender_count] = prepare(connection, sender_count);
    sender_count++;
  }
  for (int i = 0; i < connection_count; i++) connections[i].next = calloc(sender_count + 1, sizeof(uint32_t));
}

static struct Sender *prepare(struct Connection *connection, int number) {
  struct Sender *sender = calloc(1, sizeof *sender);
  sender->connection = connection;
  sender->number = number;
  char body[4096];
  size_t length = 0, nonce = 0, content = 0, marks[4];
  for (const char *from = connection->group->message; *from;) {
    if (length + plan.content + 64 > sizeof body) fail("the message is too long");
    if (!strncmp(from, "$nonce", 6)) {
      if (sender->mark_count == 4) fail("too many marks in a message");
      nonce = length;
      marks[sender->mark_count++] = length + 12;
      memset(body + length, '0', 12 + MARK);
      length += 12 + MARK;
      from += 6;
    } else if (!strncmp(from, "$content", 8)) {
      if (sender->mark_count == 4) fail("too many marks in a message");
      content = marks[sender->mark_count++] = length;
      for (int i = 0; i < plan.content; i++) body[length + i] = "what a long day it was "[i % 23];
      length += plan.content;
      from += 8;
    } else body[length++] = *from++;
  }
  sender->frame.at = malloc(length + 16);
  size_t head = frame_head((unsigned char *)sender->frame.at, TEXT, length, true);
  memcpy(sender->frame.at + head, body, length);
  sender->frame.length = head + length;
  sender->nonce = nonce ? head + nonce : 0;
  sender->content = head + content;
  for (int i = 0; i < sender->mark_count; i++) {
    sender->marks[i] = head + marks[i];
    char *mark = sender->frame.at + sender->marks[i];
    mark[0] = mark[4] = mark[MARK - 1] = '~';
    digits(mark + 1, number, 3);
  }
  return sender;
}

void senders_begin(void) {
  sending = true;
  began = nanoseconds();
  if (plan.rate) return;
  for (int i = 0; i < sender_count; i++) {
    for (int j = 0; j < senders[i]->connection->group->in_flight; j++) send_next(senders[i], nanoseconds());
    flush(senders[i]->connection);
  }
}

void send_next(struct Sender *sender, uint64_t intended) {
  /* A server that is this far behind has lost the race; sending on would only overwrite what is being timed. */
  if (sender->sent - sender->answered >= RING) {
    window.withheld++;
    return;
  }
  for (int i = 0; i < sender->mark_count; i++) digits(sender->frame.at + sender->marks[i] + 5, sender->sent, 8);
  if (sender->nonce) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    uint64_t ms = (uint64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
    for (int i = 11; i >= 0; i--, ms >>= 4) sender->frame.at[sender->nonce + i] = "0123456789abcdef"[ms & 15];
  }
  sender->ring[sender->sent % RING] = (struct Sent){.at = intended};
  sender->sent++;
  window.sent++;
  append(&sender->connection->out, sender->frame.at, sender->frame.length);
}

void send_due(uint64_t now) {
  if (!sending || !plan.rate || !sender_count) return;
  // The first is due at once: counted by intervals that have passed, each would be sent one interval late.
  uint64_t due = (uint64_t)((now - began) / 1e9 * plan.rate) + 1;
  uint64_t first = scheduled;
  for (; scheduled < due; scheduled++)
    send_next(senders[scheduled % sender_count], began + (uint64_t)(scheduled * 1e9 / plan.rate));
  uint64_t touched = due - first < (uint64_t)sender_count ? due - first : (uint64_t)sender_count;
  for (uint64_t i = 0; i < touched; i++) flush(senders[(first + i) % sender_count]->connection);
}

static void digits(char *to, uint32_t value, int count) {
  for (int i = count - 1; i >= 0; i--, value /= 10) to[i] = '0' + value % 10;
}

void write_out(struct Connection *connection, const void *bytes, size_t length) {
  append(&connection->out, bytes, length);
  flush(connection);
}

void flush(struct Connection *connection) {
  struct Text *out = &connection->out;
  if (!out->length || connection->state == GONE) return;
  ssize_t sent = write(connection->fd, out->at, out->length);
  if (sent < 0) {
    if (errno != EAGAIN) return;
    sent = 0;
  }
  memmove(out->at, out->at + sent, out->length - sent);
  out->length -= sent;
  if (connection->wants_write == (out->length > 0)) return;
  connection->wants_write = out->length > 0;
  struct epoll_event event = {.events = EPOLLIN | (connection->wants_write ? EPOLLOUT : 0), .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_MOD, connection->fd, &event);
}
