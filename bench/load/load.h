/* The load client: one thread, one epoll, any server that speaks WebSocket. `plan.c` says how it is told what to do. */
#ifndef LOAD_H
#define LOAD_H

#include "frame.h"
#include "histogram.h"

enum { BUFFER = 256 * 1024, RING = 1 << 16, SENDERS = 256, ROOMS = 256 };

/* A message carries `~SSS~CCCCCCCC~`: who sent it and which of theirs it is. */
enum { MARK = 14 };

struct Step {
  enum { SAY, AWAIT } kind;
  char *text;
};

struct Text {
  char *at;
  size_t length, space;
};

/* Sockets that do the same. `in_flight` > 0 makes them senders, `requests` makes them plain HTTP connections. */
struct Group {
  int count, room, in_flight;
  bool stalls;
  char *path, *message;
  struct Text headers, *requests;
  struct Step *steps;
  int step_count, request_count;
};

struct Plan {
  int port, opening, content, warm_ms, window_ms, windows, watch;
  bool acks;     /* a send is answered by an ack frame, not by hearing oneself */
  bool numbered; /* messages carry "seq", and that is what must have no gap */
  bool spins;    /* never sleep, so that no server pays for waking us */
  bool hold;     /* open everything, say so, and wait for the end of stdin */
  bool stays;    /* the same, but alive: `stay.c` */
  char *again;   /* what who comes back says first, in place of the first step */
  double rate, request_rate;
  char *delivery;
  struct Group *groups;
  int group_count;
};

struct Connection {
  int fd, step, port;
  enum { JOINING, UPGRADING, STEPPING, LIVE, HTTP_IDLE, HTTP_BUSY, STALLED, GONE } state;
  struct Group *group;
  struct Sender *sender;
  uint32_t *next; /* the counter expected of each sender */
  uint64_t next_seq, heard;
  struct Text rest, out; /* the beginning of a frame; what the kernel did not take */
  bool wants_write;
  /* HTTP: which request is next, and the intended times of those that are due. */
  int request;
  uint64_t *due;
  uint32_t due_head, due_tail;
  /* Who stays: where it comes back to, when, and how often in vain. */
  int to, failures, back_after;
  uint64_t back_at;
  bool returns;
};

struct Sent {
  uint64_t at;
  uint32_t heard;
};

struct Sender {
  struct Connection *connection;
  struct Text frame;
  size_t nonce, marks[4], content;
  int number, mark_count;
  uint32_t sent, answered;
  struct Sent ring[RING];
};

struct Numbered {
  uint64_t seq, at;
  uint32_t heard;
};

struct Room {
  uint32_t members;
  struct Numbered ring[RING];
};

/* What one window saw. */
struct Window {
  uint64_t began, deliveries, answers, sent, bytes, reads, withheld;
  double own_cpu, server_cpu, machine_cpu;
  uint64_t idle; /* nanoseconds in which nothing was there to be read */
  struct Histogram answer, last, request;
};

/* What must stay zero in the whole run. */
struct Faults {
  uint64_t gaps, repeats, damaged, errors, closed, missing, refused_requests;
};

extern struct Plan plan;
extern struct Connection *connections;
extern int connection_count, live_count, epoll;
extern struct Sender **senders;
extern int sender_count;
extern struct Room *rooms[ROOMS];
extern struct Window window;
extern struct Faults faults;
extern bool sending, staying;
extern unsigned char buffer[BUFFER];

void plan_read(const char *path);

void open_all(void);
void connect_one(struct Connection *connection);
void opening_ended(void);
void opening_ready(struct Connection *connection);
bool opening_heard(struct Connection *connection, struct Frame *frame);

void stay(void);
void come_back(struct Connection *connection);
void draining_heard(struct Connection *connection, struct Frame *frame);

void hear(struct Connection *connection);
void drain_stalled(struct Connection *connection);
void count_missing(void);

void senders_prepare(void);
void senders_begin(void);
void send_next(struct Sender *sender, uint64_t intended);
void send_due(uint64_t now);
void write_out(struct Connection *connection, const void *bytes, size_t length);
void flush(struct Connection *connection);

void requests_begin(void);
void request_due(uint64_t now);
void request_answered(struct Connection *connection);

double distance_ns(void);
uint64_t nanoseconds(void);
void lost(struct Connection *connection);
void append(struct Text *to, const void *from, size_t length);
_Noreturn void fail(const char *format, ...);

#endif
