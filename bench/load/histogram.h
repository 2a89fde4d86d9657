/* Times in nanoseconds, kept to within 1.6 %: 64 slots for every doubling. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <string.h>

enum { SLOT_BITS = 6, SLOTS = 1 << SLOT_BITS, DOUBLINGS = 36 };

struct Histogram {
  uint64_t count, most;
  uint32_t slots[DOUBLINGS * SLOTS];
};

static inline void histogram_add(struct Histogram *to, uint64_t value) {
  int shift = value < SLOTS ? 0 : 63 - __builtin_clzll(value) - SLOT_BITS;
  uint64_t slot = ((uint64_t)shift << SLOT_BITS) + (value >> shift);
  if (slot >= DOUBLINGS * SLOTS) slot = DOUBLINGS * SLOTS - 1;
  to->slots[slot]++;
  to->count++;
  if (value > to->most) to->most = value;
}

static inline double histogram_microseconds(const struct Histogram *of, double quantile) {
  uint64_t wanted = (uint64_t)(quantile * of->count), seen = 0;
  for (uint64_t slot = 0; slot < DOUBLINGS * SLOTS; slot++) {
    seen += of->slots[slot];
    if (seen <= wanted) continue;
    uint64_t shift = slot < 2 * SLOTS ? 0 : (slot >> SLOT_BITS) - 1;
    uint64_t value = (slot - (shift << SLOT_BITS)) << shift;
    value += (1ull << shift) >> 1;
    return (value < of->most ? value : of->most) / 1e3;
  }
  return of->most / 1e3;
}

#endif
