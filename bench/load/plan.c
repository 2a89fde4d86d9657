/*
 * A plan is lines of text; what follows a `group` is about that group.
 *
 *   port 4001              answers own | ack        order counter | seq      delivery {"type":"message"
 *   content 100            warm 2000                windows 3 5000           watch PID
 *   rate 20000             request-rate 1000        opening 32               hold               spins
 *   stays                  again {"type":"hello","me":7}
 *   group 4                room 0                   path /ws                 header Authorization: Bearer …
 *   say TEXT               await TEXT               sender 8 {"content":"$content","nonce":"$nonce"}
 *   stalls                 request POST /api/v1/rooms/1/join {"a":1}
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "load.h"

struct Plan plan = {.opening = 32, .content = 100, .warm_ms = 1000, .window_ms = 1000, .windows = 1, .delivery = ""};

static struct Group *add_group(int count);
static void add_request(struct Group *to, char *words);

void plan_read(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) fail("no plan at %s", path);
  struct Group *group = NULL;
  char *line = NULL;
  size_t space = 0;
  for (ssize_t length; (length = getline(&line, &space, file)) > 0;) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    char *rest = strchrnul(line, ' ');
    if (*rest) *rest++ = 0;
    if (!*line) continue;
    else if (!strcmp(line, "port")) plan.port = atoi(rest);
    else if (!strcmp(line, "answers")) plan.acks = !strcmp(rest, "ack");
    else if (!strcmp(line, "order")) plan.numbered = !strcmp(rest, "seq");
    else if (!strcmp(line, "delivery")) plan.delivery = strdup(rest);
    else if (!strcmp(line, "content")) plan.content = atoi(rest);
    else if (!strcmp(line, "warm")) plan.warm_ms = atoi(rest);
    else if (!strcmp(line, "windows")) sscanf(rest, "%d %d", &plan.windows, &plan.window_ms);
    else if (!strcmp(line, "watch")) plan.watch = atoi(rest);
    else if (!strcmp(line, "rate")) plan.rate = atof(rest);
    else if (!strcmp(line, "request-rate")) plan.request_rate = atof(rest);
    else if (!strcmp(line, "opening")) plan.opening = atoi(rest);
    else if (!strcmp(line, "spins")) plan.spins = true;
    else if (!strcmp(line, "hold")) plan.hold = true;
    else if (!strcmp(line, "stays")) plan.stays = true;
    else if (!strcmp(line, "again")) plan.again = strdup(rest);
    else if (!strcmp(line, "group")) group = add_group(atoi(rest));
    else if (!group) fail("the plan says %s before any group", line);
    else if (!strcmp(line, "room")) group->room = atoi(rest) % ROOMS;
    else if (!strcmp(line, "path")) group->path = strdup(rest);
    else if (!strcmp(line, "stalls")) group->stalls = true;
    else if (!strcmp(line, "request")) add_request(group, rest);
    else if (!strcmp(line, "header")) {
      append(&group->headers, rest, strlen(rest));
      append(&group->headers, "\r\n", 2);
    } else if (!strcmp(line, "say") || !strcmp(line, "await")) {
      group->steps = realloc(group->steps, (group->step_count + 1) * sizeof *group->steps);
      group->steps[group->step_count++] = (struct Step){*line == 's' ? SAY : AWAIT, strdup(rest)};
    } else if (!strcmp(line, "sender")) {
      char *message = strchr(rest, ' ');
      if (!message) fail("sender needs a number and a message");
      group->in_flight = atoi(rest);
      group->message = strdup(message + 1);
    } else fail("the plan says %s, which is nothing", line);
  }
  free(line);
  fclose(file);
  if (!plan.port || !plan.group_count) fail("a plan needs a port and a group");
}

static struct Group *add_group(int count) {
  plan.groups = realloc(plan.groups, (plan.group_count + 1) * sizeof *plan.groups);
  plan.groups[plan.group_count] = (struct Group){.count = count, .path = "/"};
  return &plan.groups[plan.group_count++];
}

static void add_request(struct Group *to, char *words) {
  char *path = strchr(words, ' ');
  if (!path) fail("request needs a method and a path");
  *path++ = 0;
  char *body = strchrnul(path, ' '), *text;
  if (*body) *body++ = 0;
  int length = asprintf(&text, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%.*s%sContent-Length: %zu\r\n\r\n%s", words, path,
                        (int)to->headers.length, to->headers.at ? to->headers.at : "",
                        *body ? "Content-Type: application/json\r\n" : "", strlen(body), body);
  to->requests = realloc(to->requests, (to->request_count + 1) * sizeof *to->requests);
  to->requests[to->request_count++] = (struct Text){text, length, length};
}
