/*
 * Staying: every socket speaks now and then, and one that was cut comes back as clients do, at one of the ports that stdin
 * names last ("4002 4002 4003" in a line, each in turn). The end of stdin is the end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "load.h"

enum { PORTS = 64, TICK_MS = 50, PING_EVERY_MS = 25000, FIRST_BACK_MS = 1000, LAST_BACK_MS = 30000 };

bool staying;
static int ports[PORTS], port_count, turn, away_count, most_away;
static struct Connection **away;
static uint64_t lost_at;

static bool read_ports(void);
static void come_back_due(uint64_t now);
static void ping_some(int tick);
static void tell(uint64_t now);

void stay(void) {
  staying = true;
  away = calloc(2 * connection_count, sizeof *away);
  fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  printf("{\"event\":\"held\",\"sockets\":%d}\n", live_count);
  uint64_t next = nanoseconds();
  for (int tick = 0;;) {
    struct epoll_event events[512];
    int count = epoll_wait(epoll, events, 512, TICK_MS / 5);
    for (int i = 0; i < count; i++) {
      struct Connection *connection = events[i].data.ptr;
      if (connection->state == GONE) continue;
      if (connection->state < LIVE) opening_ready(connection);
      else if (events[i].events & ~EPOLLOUT) hear(connection);
      else flush(connection);
    }
    uint64_t now = nanoseconds();
    if (now < next) continue;
    next = now + TICK_MS * 1000000ull;
    if (!read_ports()) return;
    ping_some(tick++);
    come_back_due(now);
    tell(now);
  }
}

/* A draining server names a time; whoever was cut waits for anything below a bound that doubles. */
void come_back(struct Connection *connection) {
  close(connection->fd);
  if (connection->state == LIVE) live_count--;
  else opening_ended();
  int bound = FIRST_BACK_MS;
  for (int i = 0; i < connection->failures && bound < LAST_BACK_MS; i++) bound *= 2;
  if (bound > LAST_BACK_MS) bound = LAST_BACK_MS;
  int wait = connection->back_after ? connection->back_after : rand() % bound;
  if (!connection->back_after) connection->failures++;
  connection->back_at = nanoseconds() + wait * 1000000ull;
  connection->back_after = 0;
  connection->rest.length = connection->out.length = 0;
  connection->wants_write = false;
  connection->step = 0;
  connection->state = GONE;
  if (away_count == 0) lost_at = nanoseconds();
  away[away_count++] = connection;
  if (away_count > most_away) most_away = away_count;
}

void draining_heard(struct Connection *connection, struct Frame *frame) {
  static const char name[] = "\"retry_after\":";
  char *found = memmem(frame->body, frame->length, name, sizeof name - 1);
  connection->back_after = found ? atoi(found + sizeof name - 1) : 1;
}

static bool read_ports(void) {
  static char line[1024];
  static size_t length;
  ssize_t got = read(STDIN_FILENO, line + length, sizeof line - 1 - length);
  if (got == 0) return false;
  if (got < 0) return true;
  length += got;
  if (line[length - 1] != '\n') return true;
  line[length] = 0;
  length = port_count = 0;
  for (char *at = strtok(line, " \n"); at && port_count < PORTS; at = strtok(NULL, " \n")) ports[port_count++] = atoi(at);
  return true;
}

static void come_back_due(uint64_t now) {
  int kept = 0, count = away_count;
  for (int i = 0; i < count; i++) {
    struct Connection *connection = away[i];
    if (connection->back_at > now || !port_count) {
      away[kept++] = connection;
      continue;
    }
    connection->state = JOINING;
    connection->returns = true;
    connection->to = ports[turn++ % port_count];
    connect_one(connection);
  }
  /* Those that were refused at once stand behind the others. */
  for (int i = count; i < away_count; i++) away[kept++] = away[i];
  away_count = kept;
}

static void ping_some(int tick) {
  static const char text[] = "{\"type\":\"ping\"}";
  int ticks = PING_EVERY_MS / TICK_MS;
  for (int i = tick % ticks; i < connection_count; i += ticks) {
    if (connections[i].state != LIVE) continue;
    unsigned char frame[64];
    size_t head = frame_head(frame, TEXT, sizeof text - 1, true);
    memcpy(frame + head, text, sizeof text - 1);
    write_out(&connections[i], frame, head + sizeof text - 1);
  }
}

/* Once all are live again: how many were away at once, and for how long the last of them. */
static void tell(uint64_t now) {
  if (!lost_at || live_count < connection_count) return;
  printf("{\"event\":\"back\",\"away\":%d,\"seconds\":%.2f}\n", most_away, (now - lost_at) / 1e9);
  lost_at = most_away = 0;
}
