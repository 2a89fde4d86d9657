/*
 * The limit: a room over WebSocket that stores nothing and knows nobody.
 *
 *   fanout PORT each     one write per delivery
 *   fanout PORT joined   what arrived in one wake-up goes out in one write per receiver
 *
 * The room is the last number of the path. It speaks to our own load client only, so it answers the sample key.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../load/frame.h"

enum { ROOMS = 256, WAKE = 512, READ = 256 * 1024, QUEUE_MOST = 8 * 1024 * 1024 };

struct Bytes {
  unsigned char *at;
  size_t length, room;
};

struct Connection {
  int fd, place; /* its index among the members of its room, -1 before the handshake */
  struct Room *room;
  struct Bytes in, out; /* the beginning of a frame; what the kernel did not take */
};

struct Room {
  struct Connection **members;
  int count, space;
  struct Bytes told; /* this wake-up's frames */
};

static struct Room rooms[ROOMS];
static unsigned char buffer[READ];
static bool joined;
static int epoll;

static void serve(int listener);
static void welcome(int listener);
static void listen_to(struct Connection *from);
static bool shake_hands(struct Connection *with, unsigned char *request, size_t length);
static void tell(struct Room *room);
static void give(struct Connection *to, const unsigned char *bytes, size_t length);
static void give_rest(struct Connection *to);
static void leave(struct Connection *gone);
static void append(struct Bytes *to, const void *from, size_t length);

int main(int count, char **words) {
  if (count != 3) return fprintf(stderr, "fanout PORT each|joined\n"), 2;
  joined = !strcmp(words[2], "joined");
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) return perror("fanout"), 1;
  serve(listener);
}

static void serve(int listener) {
  struct epoll_event events[WAKE] = {{.events = EPOLLIN, .data.ptr = NULL}};
  epoll = epoll_create1(0);
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &events[0]);
  for (;;) {
    int count = epoll_wait(epoll, events, WAKE, -1);
    for (int i = 0; i < count; i++) {
      struct Connection *connection = events[i].data.ptr;
      if (!connection) {
        welcome(listener);
      } else {
        if (events[i].events & EPOLLOUT) give_rest(connection);
        if (events[i].events & ~EPOLLOUT) listen_to(connection);
      }
    }
    if (joined)
      for (int i = 0; i < ROOMS; i++) tell(&rooms[i]);
  }
}

static void welcome(int listener) {
  int fd, yes = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    struct Connection *connection = calloc(1, sizeof *connection);
    connection->fd = fd;
    connection->place = -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

static void listen_to(struct Connection *from) {
  size_t have = from->in.length;
  if (have) memcpy(buffer, from->in.at, have);
  from->in.length = 0;
  ssize_t got = read(from->fd, buffer + have, READ - have);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) leave(from);
    else append(&from->in, buffer, have);
    return;
  }
  have += got;
  if (from->place < 0) {
    if (!shake_hands(from, buffer, have)) append(&from->in, buffer, have);
    return;
  }
  size_t at = 0;
  struct Frame frame;
  for (long taken; at < have; at += taken) {
    taken = frame_read(buffer + at, have - at, &frame);
    if (taken == 0) break;
    if (taken < 0 || frame.opcode == CLOSE) return leave(from);
    if (frame.opcode != TEXT) continue;
    unsigned char head[10];
    frame_unmask(&frame);
    append(&from->room->told, head, frame_head(head, TEXT, frame.length, false));
    append(&from->room->told, frame.body, frame.length);
    if (!joined) tell(from->room);
  }
  append(&from->in, buffer + at, have - at);
}

static bool shake_hands(struct Connection *with, unsigned char *request, size_t length) {
  static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: " SAMPLE_ANSWER "\r\n\r\n";
  if (length < 4 || memcmp(request + length - 4, "\r\n\r\n", 4)) return false;
  int number = 0;
  unsigned char *path = memchr(request, '/', length);
  for (; path && *path != ' '; path++) {
    if (*path == '/') number = 0;
    else if (*path >= '0' && *path <= '9') number = number * 10 + *path - '0';
  }
  struct Room *room = &rooms[number % ROOMS];
  if (room->count == room->space) {
    room->space = room->space ? room->space * 2 : 64;
    room->members = realloc(room->members, room->space * sizeof *room->members);
  }
  with->room = room;
  with->place = room->count;
  room->members[room->count++] = with;
  give(with, (const unsigned char *)answer, sizeof answer - 1);
  return true;
}

static void tell(struct Room *room) {
  if (!room->told.length) return;
  /* Who came first hears first: our senders do, and what they say next is here when the walk is over. */
  for (int i = 0; i < room->count; i++) give(room->members[i], room->told.at, room->told.length);
  room->told.length = 0;
}

static void give(struct Connection *to, const unsigned char *bytes, size_t length) {
  ssize_t sent = 0;
  if (!to->out.length) {
    sent = write(to->fd, bytes, length);
    if (sent == (ssize_t)length) return;
    if (sent < 0) {
      /* A reader that is gone is noticed when its socket is read: leaving here would change the list being walked. */
      if (errno != EAGAIN) return;
      sent = 0;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = to};
    epoll_ctl(epoll, EPOLL_CTL_MOD, to->fd, &event);
  }
  if (to->out.length + length > QUEUE_MOST) shutdown(to->fd, SHUT_RDWR);
  else append(&to->out, bytes + sent, length - sent);
}

static void give_rest(struct Connection *to) {
  ssize_t sent = write(to->fd, to->out.at, to->out.length);
  if (sent <= 0) return;
  memmove(to->out.at, to->out.at + sent, to->out.length - sent);
  to->out.length -= sent;
  if (to->out.length) return;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = to};
  epoll_ctl(epoll, EPOLL_CTL_MOD, to->fd, &event);
}

static void leave(struct Connection *gone) {
  if (gone->place >= 0) {
    struct Room *room = gone->room;
    room->members[gone->place] = room->members[--room->count];
    room->members[gone->place]->place = gone->place;
  }
  close(gone->fd);
  free(gone->in.at);
  free(gone->out.at);
  free(gone);
}

static void append(struct Bytes *to, const void *from, size_t length) {
  if (!length) return;
  if (to->length + length > to->room) {
    while (to->length + length > to->room) to->room = to->room ? to->room * 2 : 4096;
    to->at = realloc(to->at, to->room);
  }
  memcpy(to->at + to->length, from, length);
  to->length += length;
}
