/* load PLAN: opens the plan's sockets, warms up, and prints one line of JSON for each window. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

/* After a look at the distance, what has queued up meanwhile is heard before the next window begins. */
enum { TICK_NS = 100 * 1000, ANSWERED_WITHIN_MS = 5000, AFTER_PROBE_MS = 20 };

struct Connection *connections;
int connection_count, live_count, epoll;
struct Room *rooms[ROOMS];
struct Window window;
struct Faults faults;
unsigned char buffer[BUFFER];
static int timer;
static double distance;

static void hold(void);
static void stall(void);
static void turn_for(uint64_t ms);
static void tick_begin(void);
static void tick(void);
static bool all_answered(void);
static void window_begin(void);
static void window_print(int number);
static double own_cpu(void);
static double server_cpu(void);
static double machine_cpu(void);

int main(int count, char **words) {
  if (count != 2) fail("load PLAN");
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  plan_read(words[1]);
  epoll = epoll_create1(0);
  open_all();
  if (plan.stays) return stay(), 0;
  if (plan.hold) return hold(), 0;

  senders_prepare();
  requests_begin();
  tick_begin();
  senders_begin();
  turn_for(plan.warm_ms);
  stall();
  distance = distance_ns();
  turn_for(AFTER_PROBE_MS);
  for (int i = 0; i < plan.windows; i++) {
    window_begin();
    turn_for(plan.window_ms);
    window_print(i + 1);
    turn_for(AFTER_PROBE_MS);
  }
  sending = false;
  for (int i = 0; i < ANSWERED_WITHIN_MS / 50 && !all_answered(); i++) turn_for(50);
  turn_for(200);
  for (int i = 0; i < connection_count; i++)
    if (connections[i].state == STALLED) drain_stalled(&connections[i]);
  count_missing();
  printf("{\"event\":\"end\",\"gaps\":%lu,\"repeats\":%lu,\"damaged\":%lu,\"errors\":%lu,\"closed\":%lu,\"missing\":%lu,"
         "\"refused_requests\":%lu}\n",
         faults.gaps, faults.repeats, faults.damaged, faults.errors, faults.closed, faults.missing,
         faults.refused_requests);
}

static void hold(void) {
  char byte;
  printf("{\"event\":\"held\",\"sockets\":%d}\n", live_count);
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
}

static void stall(void) {
  for (int i = 0; i < connection_count; i++) {
    struct Connection *each = &connections[i];
    if (!each->group->stalls || each->state != LIVE) continue;
    epoll_ctl(epoll, EPOLL_CTL_DEL, each->fd, NULL);
    each->state = STALLED;
    printf("{\"event\":\"stalled\",\"port\":%d}\n", each->port);
  }
}

static void turn_for(uint64_t ms) {
  uint64_t now = nanoseconds(), until = now + ms * 1000000;
  for (; now < until; now = nanoseconds()) {
    struct epoll_event events[512];
    int count = epoll_wait(epoll, events, 512, plan.spins ? 0 : (until - now) / 1000000 + 1);
    if (!count) window.idle += nanoseconds() - now;
    if (plan.spins) tick();
    for (int i = 0; i < count; i++) {
      struct Connection *connection = events[i].data.ptr;
      if (!connection) {
        tick();
        continue;
      }
      if (events[i].events & EPOLLOUT) flush(connection);
      if (!(events[i].events & ~EPOLLOUT)) continue;
      if (connection->group->request_count) request_answered(connection);
      else if (connection->state != GONE) hear(connection);
    }
  }
}

static void tick_begin(void) {
  if (plan.spins || (!plan.rate && !plan.request_rate)) return;
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct itimerspec every = {.it_interval.tv_nsec = TICK_NS, .it_value.tv_nsec = TICK_NS};
  timerfd_settime(timer, 0, &every, NULL);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
}

static void tick(void) {
  uint64_t passed, now = nanoseconds();
  if (!plan.spins && read(timer, &passed, sizeof passed) < 0) return;
  send_due(now);
  request_due(now);
}

static bool all_answered(void) {
  for (int i = 0; i < sender_count; i++)
    if (senders[i]->answered < senders[i]->sent && senders[i]->connection->state == LIVE) return false;
  return true;
}

static void window_begin(void) {
  memset(&window, 0, sizeof window);
  window.own_cpu = own_cpu();
  window.server_cpu = server_cpu();
  window.machine_cpu = machine_cpu();
  window.began = nanoseconds();
}

static void window_print(int number) {
  double seconds = (nanoseconds() - window.began) / 1e9;
  printf("{\"event\":\"window\",\"number\":%d,\"seconds\":%.4f,\"deliveries\":%lu,\"answers\":%lu,\"sent\":%lu,"
         "\"withheld\":%lu,\"bytes\":%lu,\"reads\":%lu,",
         number, seconds, window.deliveries, window.answers, window.sent, window.withheld, window.bytes, window.reads);
  struct Histogram *all[] = {&window.answer, &window.last, &window.request};
  const char *names[] = {"answer", "last", "request"};
  for (int i = 0; i < 3; i++)
    printf("\"%s\":{\"count\":%lu,\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"most\":%.1f},", names[i], all[i]->count,
           histogram_microseconds(all[i], 0.5), histogram_microseconds(all[i], 0.99),
           histogram_microseconds(all[i], 0.999), all[i]->most / 1e3);
  printf("\"idle\":%.3f,\"own_cpu\":%.3f,\"server_cpu\":%.3f,\"machine_cpu\":%.3f,\"distances\":[%.0f", window.idle / 1e9,
         own_cpu() - window.own_cpu, server_cpu() - window.server_cpu, machine_cpu() - window.machine_cpu, distance);
  distance = distance_ns();
  printf(",%.0f]}\n", distance);
}

static double own_cpu(void) {
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return use.ru_utime.tv_sec + use.ru_stime.tv_sec + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double server_cpu(void) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", plan.watch);
  FILE *file = plan.watch ? fopen(path, "r") : NULL;
  if (!file) return 0;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  unsigned long user = 0, kernel = 0;
  char *after = strrchr(text, ')');
  if (after) sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
  return (double)(user + kernel) / sysconf(_SC_CLK_TCK);
}

/* All that every process of the machine used, so that the runner can tell what others took. */
static double machine_cpu(void) {
  FILE *file = fopen("/proc/stat", "r");
  unsigned long user = 0, nice = 0, kernel = 0, idle, wait, irq = 0, soft = 0;
  if (!file) return 0;
  if (fscanf(file, "cpu %lu %lu %lu %lu %lu %lu %lu", &user, &nice, &kernel, &idle, &wait, &irq, &soft) < 3) user = 0;
  fclose(file);
  return (double)(user + nice + kernel + irq + soft) / sysconf(_SC_CLK_TCK);
}

void lost(struct Connection *connection) {
  if (staying) return come_back(connection);
  if (connection->state < LIVE) fail("the server hung up while a socket was being opened");
  if (connection->state != STALLED) faults.closed++;
  connection->state = GONE;
  close(connection->fd);
}

void append(struct Text *to, const void *from, size_t length) {
  if (!length) return;
  if (to->length + length > to->space) {
    to->space = (to->length + length) * 2;
    to->at = realloc(to->at, to->space);
  }
  memcpy(to->at + to->length, from, length);
  to->length += length;
}

uint64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

_Noreturn void fail(const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  fprintf(stderr, "load: ");
  vfprintf(stderr, format, rest);
  fprintf(stderr, "\n");
  exit(1);
}
