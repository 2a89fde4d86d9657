/* WebSocket frames, as far as the limit and the load client need them: whole text frames, pings and closes. */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

/* The key and the answer of RFC 6455, section 1.3. A load client has nobody to protect from a caching proxy. */
#define SAMPLE_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define SAMPLE_ANSWER "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

struct Frame {
  unsigned char *body;
  size_t length;
  unsigned char *mask; /* NULL when the frame is not masked */
  int opcode;
};

/* Bytes taken from `at`, 0 when the frame is not all there yet, -1 when it is one that we never expect. */
static inline long frame_read(unsigned char *at, size_t have, struct Frame *frame) {
  if (have < 2) return 0;
  size_t head = 2, length = at[1] & 0x7f;
  bool masked = at[1] & 0x80;
  if ((at[0] & 0xf0) != 0x80) return -1;
  if (length == 126) {
    if (have < 4) return 0;
    length = (size_t)at[2] << 8 | at[3];
    head = 4;
  } else if (length == 127) {
    if (have < 10) return 0;
    if (at[2] | at[3] | at[4] | at[5]) return -1;
    length = (size_t)at[6] << 24 | (size_t)at[7] << 16 | (size_t)at[8] << 8 | at[9];
    head = 10;
  }
  frame->mask = masked ? at + head : NULL;
  if (masked) head += 4;
  if (have < head + length) return 0;
  frame->opcode = at[0] & 0x0f;
  frame->body = at + head;
  frame->length = length;
  return (long)(head + length);
}

/* Writes the head of a frame of up to 64 KiB. A mask of zeros lets the client write into its frame in place. */
static inline size_t frame_head(unsigned char *to, int opcode, size_t length, bool masked) {
  size_t head = 2;
  to[0] = 0x80 | opcode;
  if (length < 126) {
    to[1] = length;
  } else {
    to[1] = 126;
    to[2] = length >> 8;
    to[3] = length;
    head = 4;
  }
  if (masked) {
    to[1] |= 0x80;
    memset(to + head, 0, 4);
    head += 4;
  }
  return head;
}

static inline void frame_unmask(struct Frame *frame) {
  if (!frame->mask) return;
  uint32_t narrow;
  memcpy(&narrow, frame->mask, 4);
  uint64_t mask = (uint64_t)narrow << 32 | narrow;
  size_t i = 0;
  for (; i + 8 <= frame->length; i += 8) {
    uint64_t word;
    memcpy(&word, frame->body + i, 8);
    word ^= mask;
    memcpy(frame->body + i, &word, 8);
  }
  for (; i < frame->length; i++) frame->body[i] ^= frame->mask[i & 3];
}

#endif
