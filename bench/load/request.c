/* Requests over plain HTTP beside the sockets, at a rate, each timed from when it should have been sent. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load.h"

enum { DUE = 1 << 14 };

static struct Connection **callers;
static int caller_count;
static uint64_t began, scheduled;

static void ask(struct Connection *connection);

void requests_begin(void) {
  callers = calloc(connection_count, sizeof *callers);
  for (int i = 0; i < connection_count; i++) {
    if (!connections[i].group->request_count) continue;
    connections[i].due = calloc(DUE, sizeof(uint64_t));
    callers[caller_count++] = &connections[i];
  }
  began = nanoseconds();
}

void request_due(uint64_t now) {
  if (!caller_count || !sending || !plan.request_rate) return;
  uint64_t due = (uint64_t)((now - began) / 1e9 * plan.request_rate) + 1;
  for (; scheduled < due; scheduled++) {
    struct Connection *caller = callers[scheduled % caller_count];
    if (caller->due_tail - caller->due_head == DUE) fail("requests are not answered");
    caller->due[caller->due_tail++ % DUE] = began + (uint64_t)(scheduled * 1e9 / plan.request_rate);
    if (caller->state == HTTP_IDLE) ask(caller);
  }
}

static void ask(struct Connection *connection) {
  struct Text *request = &connection->group->requests[connection->request++ % connection->group->request_count];
  connection->state = HTTP_BUSY;
  write_out(connection, request->at, request->length);
}

void request_answered(struct Connection *connection) {
  char text[16384];
  ssize_t got = read(connection->fd, text, sizeof text);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) fail("the server closed a connection that was to be kept");
  append(&connection->rest, text, got);
  append(&connection->rest, "", 1);
  connection->rest.length--;
  char *end = strstr(connection->rest.at, "\r\n\r\n");
  if (!end) return;
  char *length = strcasestr(connection->rest.at, "\r\ncontent-length:");
  size_t whole = end + 4 - connection->rest.at + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
  if (connection->rest.length < whole) return;
  uint64_t intended = connection->due[connection->due_head++ % DUE];
  histogram_add(&window.request, nanoseconds() - intended);
  if (connection->rest.at[9] != '2' && !faults.refused_requests++)
    fprintf(stderr, "refused: %.60s … %.*s\n",
            connection->group->requests[(connection->request - 1) % connection->group->request_count].at,
            (int)connection->rest.length, connection->rest.at);
  connection->rest.length = 0;
  connection->state = HTTP_IDLE;
  if (connection->due_head != connection->due_tail && sending) ask(connection);
}
