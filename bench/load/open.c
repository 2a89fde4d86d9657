/* Opening: a few sockets at a time are connected, upgraded, and led through the steps of their group. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum { OPENED_WITHIN_S = 30 };

static int begun, opening;

static void upgrade(struct Connection *connection);
static void upgraded(struct Connection *connection);
static void step_on(struct Connection *connection);
static void opened(struct Connection *connection);
static bool failed(struct Connection *connection);
static _Noreturn void give_up(void);

void open_all(void) {
  for (int i = 0; i < plan.group_count; i++) connection_count += plan.groups[i].count;
  connections = calloc(connection_count, sizeof *connections);
  for (int i = 0, at = 0; i < plan.group_count; i++)
    for (int j = 0; j < plan.groups[i].count; j++) connections[at++].group = &plan.groups[i];

  uint64_t progress = nanoseconds();
  int before = 0;
  while (live_count < connection_count) {
    while (opening < plan.opening && begun < connection_count) connect_one(&connections[begun++]);
    struct epoll_event events[256];
    int count = epoll_wait(epoll, events, 256, 1000);
    for (int i = 0; i < count; i++) {
      struct Connection *connection = events[i].data.ptr;
      if (connection->state < LIVE) opening_ready(connection);
      else hear(connection);
    }
    if (live_count > before) {
      before = live_count;
      progress = nanoseconds();
    }
    if (nanoseconds() - progress > OPENED_WITHIN_S * 1000000000ull) give_up();
  }
}

void opening_ended(void) { opening--; }

/* Whoever stays tries again, as clients do; for everybody else it is the end. */
static bool failed(struct Connection *connection) {
  if (staying) come_back(connection);
  return staying;
}

void connect_one(struct Connection *connection) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(connection->to ? connection->to : plan.port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int yes = 1, small = 4096;
  opening++;
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connection->fd < 0) fail("socket: %s", strerror(errno));
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  /* What a stalled reader's own kernel holds is not the server's queue. */
  if (connection->group->stalls) setsockopt(connection->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  bool refused = connect(connection->fd, (void *)&address, sizeof address) && errno != EINPROGRESS;
  if (refused && failed(connection)) return;
  if (refused) fail("connect: %s", strerror(errno));
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event);
}

void opening_ready(struct Connection *connection) {
  if (connection->state == JOINING) upgrade(connection);
  else if (connection->state == UPGRADING) upgraded(connection);
  else hear(connection);
}

static void upgrade(struct Connection *connection) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error && failed(connection)) return;
  if (error) fail("connect: %s", strerror(error));
  struct sockaddr_in own;
  size = sizeof own;
  getsockname(connection->fd, (void *)&own, &size);
  connection->port = ntohs(own.sin_port);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  epoll_ctl(epoll, EPOLL_CTL_MOD, connection->fd, &event);

  struct Group *group = connection->group;
  if (group->request_count) {
    opened(connection);
    connection->state = HTTP_IDLE;
    return;
  }
  char *text;
  int length = asprintf(&text,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " SAMPLE_KEY "\r\n%.*s\r\n",
                        group->path, plan.port, (int)group->headers.length, group->headers.at ? group->headers.at : "");
  connection->state = UPGRADING;
  write_out(connection, text, length);
  free(text);
}

static void upgraded(struct Connection *connection) {
  char text[4096];
  ssize_t got = read(connection->fd, text, sizeof text);
  if (got <= 0 && failed(connection)) return;
  if (got <= 0) fail("the server hung up during the upgrade");
  append(&connection->rest, text, got);
  char *end = memmem(connection->rest.at, connection->rest.length, "\r\n\r\n", 4);
  if (!end) return;
  *end = 0;
  bool refused = strncmp(connection->rest.at, "HTTP/1.1 101", 12) || !strstr(connection->rest.at, SAMPLE_ANSWER);
  if (refused && failed(connection)) return;
  if (refused)
    fail("no upgrade of %s: %.300s", connection->group->path, connection->rest.at);
  size_t head = end + 4 - connection->rest.at;
  memmove(connection->rest.at, connection->rest.at + head, connection->rest.length - head);
  connection->rest.length -= head;
  connection->state = STEPPING;
  step_on(connection);
  /* Frames may have come in the same packet as the upgrade. */
  if (connection->rest.length) hear(connection);
}

/* False: it was given up, and there is nothing more to hear. */
bool opening_heard(struct Connection *connection, struct Frame *frame) {
  struct Step *step = &connection->group->steps[connection->step];
  if (frame->opcode == CLOSE && failed(connection)) return false;
  if (frame->opcode == CLOSE)
    fail("the server closed a socket with %d (%.*s) when it should have said \"%s\"",
         frame->length >= 2 ? frame->body[0] << 8 | frame->body[1] : 0, frame->length >= 2 ? (int)frame->length - 2 : 0,
         frame->body + 2, step->text);
  static const char error[] = "{\"type\":\"error\"";
  if (frame->length >= sizeof error - 1 && !memcmp(frame->body, error, sizeof error - 1))
    fail("asked for \"%s\" and heard %.*s", step->text, (int)frame->length, frame->body);
  if (frame->opcode != TEXT || !memmem(frame->body, frame->length, step->text, strlen(step->text))) return true;
  connection->step++;
  step_on(connection);
  return true;
}

static void step_on(struct Connection *connection) {
  struct Group *group = connection->group;
  for (; connection->step < group->step_count; connection->step++) {
    struct Step *step = &group->steps[connection->step];
    if (step->kind == AWAIT) return;
    const char *text = connection->returns && plan.again && connection->step == 0 ? plan.again : step->text;
    size_t length = strlen(text);
    unsigned char *frame = malloc(length + 16);
    size_t head = frame_head(frame, TEXT, length, true);
    memcpy(frame + head, text, length);
    write_out(connection, frame, head + length);
    free(frame);
  }
  opened(connection);
}

static void opened(struct Connection *connection) {
  connection->state = LIVE;
  connection->failures = 0;
  opening--;
  live_count++;
}

static _Noreturn void give_up(void) {
  int i = 0;
  while (connections[i].state >= LIVE) i++;
  const char *waits = connections[i].state == STEPPING ? connections[i].group->steps[connections[i].step].text : "upgrade";
  fail("only %d of %d sockets opened; one waits for: %s", live_count, connection_count, waits);
}
