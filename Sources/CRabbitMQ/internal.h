#pragma once
#include "CRabbitMQ.h"
#include <amqp.h>
#include <amqp_framing.h>

struct rmq_connection {
  amqp_connection_state_t state;
  amqp_pool_t sending;        // texts and tables of the method being written
  uint16_t last_channel;      // whose buffers the last frame lives in
  bool holds_frame;
  bool waits_for_room;        // the low-water mark of rmq_wait is set
  uint16_t refusal_code;
  char refusal_text[256];
};

// A socket connected to the first of these addresses that answers, of which `reached` is the index; below 0 a status of
// librabbitmq.
int rmq_reach(const rmq_address *addresses, int count, int timeout_ms, int *reached);

// -1 once librabbitmq has closed the socket.
static inline int rmq_descriptor(rmq_connection *c) { return amqp_get_sockfd(c->state); }

static inline amqp_bytes_t rmq_to_amqp(rmq_bytes bytes) {
  return (amqp_bytes_t){.len = bytes.count, .bytes = (void *)bytes.start};
}

// A present text is never null, not even an empty one.
static inline rmq_bytes rmq_from_amqp(amqp_bytes_t bytes) {
  static const uint8_t nothing = 0;
  return (rmq_bytes){.start = bytes.len ? bytes.bytes : &nothing, .count = bytes.len};
}

static inline amqp_table_t rmq_args(const void *table) {
  return table ? *(const amqp_table_t *)table : amqp_empty_table;
}
