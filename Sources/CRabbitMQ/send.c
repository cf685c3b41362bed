// Every method that a client sends. None waits for its answer.
#include "internal.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define SEND(channel, METHOD, ...) amqp_send_method(c->state, channel, METHOD, &(__VA_ARGS__))

int rmq_send_connection_close(rmq_connection *c) {
  return SEND(0, AMQP_CONNECTION_CLOSE_METHOD,
              (amqp_connection_close_t){.reply_code = AMQP_REPLY_SUCCESS, .reply_text = amqp_cstring_bytes("bye")});
}

int rmq_send_connection_close_ok(rmq_connection *c) {
  return SEND(0, AMQP_CONNECTION_CLOSE_OK_METHOD, (amqp_connection_close_ok_t){0});
}

int rmq_send_channel_open(rmq_connection *c, uint16_t channel) {
  return SEND(channel, AMQP_CHANNEL_OPEN_METHOD, (amqp_channel_open_t){0});
}

int rmq_send_channel_close(rmq_connection *c, uint16_t channel) {
  return SEND(channel, AMQP_CHANNEL_CLOSE_METHOD,
              (amqp_channel_close_t){.reply_code = AMQP_REPLY_SUCCESS, .reply_text = amqp_cstring_bytes("bye")});
}

int rmq_send_channel_close_ok(rmq_connection *c, uint16_t channel) {
  return SEND(channel, AMQP_CHANNEL_CLOSE_OK_METHOD, (amqp_channel_close_ok_t){0});
}

int rmq_send_flow_ok(rmq_connection *c, uint16_t channel, bool active) {
  return SEND(channel, AMQP_CHANNEL_FLOW_OK_METHOD, (amqp_channel_flow_ok_t){.active = active});
}

int rmq_send_confirm_select(rmq_connection *c, uint16_t channel) {
  return SEND(channel, AMQP_CONFIRM_SELECT_METHOD, (amqp_confirm_select_t){0});
}

int rmq_send_exchange_declare(rmq_connection *c, uint16_t channel, rmq_bytes exchange, rmq_bytes kind, bool passive,
                              bool durable, bool auto_delete, bool internal, const void *args) {
  return SEND(channel, AMQP_EXCHANGE_DECLARE_METHOD,
              (amqp_exchange_declare_t){.exchange = rmq_to_amqp(exchange),
                                        .type = rmq_to_amqp(kind),
                                        .passive = passive,
                                        .durable = durable,
                                        .auto_delete = auto_delete,
                                        .internal = internal,
                                        .arguments = rmq_args(args)});
}

int rmq_send_exchange_delete(rmq_connection *c, uint16_t channel, rmq_bytes exchange, bool if_unused) {
  return SEND(channel, AMQP_EXCHANGE_DELETE_METHOD,
              (amqp_exchange_delete_t){.exchange = rmq_to_amqp(exchange), .if_unused = if_unused});
}

int rmq_send_exchange_bind(rmq_connection *c, uint16_t channel, rmq_bytes destination, rmq_bytes source,
                           rmq_bytes routing_key, const void *args) {
  return SEND(channel, AMQP_EXCHANGE_BIND_METHOD,
              (amqp_exchange_bind_t){.destination = rmq_to_amqp(destination),
                                     .source = rmq_to_amqp(source),
                                     .routing_key = rmq_to_amqp(routing_key),
                                     .arguments = rmq_args(args)});
}

int rmq_send_exchange_unbind(rmq_connection *c, uint16_t channel, rmq_bytes destination, rmq_bytes source,
                             rmq_bytes routing_key, const void *args) {
  return SEND(channel, AMQP_EXCHANGE_UNBIND_METHOD,
              (amqp_exchange_unbind_t){.destination = rmq_to_amqp(destination),
                                       .source = rmq_to_amqp(source),
                                       .routing_key = rmq_to_amqp(routing_key),
                                       .arguments = rmq_args(args)});
}

int rmq_send_queue_declare(rmq_connection *c, uint16_t channel, rmq_bytes queue, bool passive, bool durable,
                           bool exclusive, bool auto_delete, const void *args) {
  return SEND(channel, AMQP_QUEUE_DECLARE_METHOD,
              (amqp_queue_declare_t){.queue = rmq_to_amqp(queue),
                                     .passive = passive,
                                     .durable = durable,
                                     .exclusive = exclusive,
                                     .auto_delete = auto_delete,
                                     .arguments = rmq_args(args)});
}

int rmq_send_queue_delete(rmq_connection *c, uint16_t channel, rmq_bytes queue, bool if_unused, bool if_empty) {
  return SEND(channel, AMQP_QUEUE_DELETE_METHOD,
              (amqp_queue_delete_t){.queue = rmq_to_amqp(queue), .if_unused = if_unused, .if_empty = if_empty});
}

int rmq_send_queue_purge(rmq_connection *c, uint16_t channel, rmq_bytes queue) {
  return SEND(channel, AMQP_QUEUE_PURGE_METHOD, (amqp_queue_purge_t){.queue = rmq_to_amqp(queue)});
}

int rmq_send_queue_bind(rmq_connection *c, uint16_t channel, rmq_bytes queue, rmq_bytes exchange, rmq_bytes routing_key,
                        const void *args) {
  return SEND(channel, AMQP_QUEUE_BIND_METHOD,
              (amqp_queue_bind_t){.queue = rmq_to_amqp(queue),
                                  .exchange = rmq_to_amqp(exchange),
                                  .routing_key = rmq_to_amqp(routing_key),
                                  .arguments = rmq_args(args)});
}

int rmq_send_queue_unbind(rmq_connection *c, uint16_t channel, rmq_bytes queue, rmq_bytes exchange,
                          rmq_bytes routing_key, const void *args) {
  return SEND(channel, AMQP_QUEUE_UNBIND_METHOD,
              (amqp_queue_unbind_t){.queue = rmq_to_amqp(queue),
                                    .exchange = rmq_to_amqp(exchange),
                                    .routing_key = rmq_to_amqp(routing_key),
                                    .arguments = rmq_args(args)});
}

int rmq_send_qos(rmq_connection *c, uint16_t channel, uint16_t prefetch) {
  return SEND(channel, AMQP_BASIC_QOS_METHOD, (amqp_basic_qos_t){.prefetch_count = prefetch});
}

int rmq_send_consume(rmq_connection *c, uint16_t channel, rmq_bytes queue, rmq_bytes tag, bool no_ack, bool exclusive,
                     const void *args) {
  return SEND(channel, AMQP_BASIC_CONSUME_METHOD,
              (amqp_basic_consume_t){.queue = rmq_to_amqp(queue),
                                     .consumer_tag = rmq_to_amqp(tag),
                                     .no_ack = no_ack,
                                     .exclusive = exclusive,
                                     .arguments = rmq_args(args)});
}

int rmq_send_cancel(rmq_connection *c, uint16_t channel, rmq_bytes tag, bool no_wait) {
  return SEND(channel, AMQP_BASIC_CANCEL_METHOD,
              (amqp_basic_cancel_t){.consumer_tag = rmq_to_amqp(tag), .nowait = no_wait});
}

int rmq_send_cancel_ok(rmq_connection *c, uint16_t channel, rmq_bytes tag) {
  return SEND(channel, AMQP_BASIC_CANCEL_OK_METHOD, (amqp_basic_cancel_ok_t){.consumer_tag = rmq_to_amqp(tag)});
}

int rmq_send_get(rmq_connection *c, uint16_t channel, rmq_bytes queue, bool no_ack) {
  return SEND(channel, AMQP_BASIC_GET_METHOD, (amqp_basic_get_t){.queue = rmq_to_amqp(queue), .no_ack = no_ack});
}

int rmq_send_ack(rmq_connection *c, uint16_t channel, uint64_t tag, bool multiple) {
  return SEND(channel, AMQP_BASIC_ACK_METHOD, (amqp_basic_ack_t){.delivery_tag = tag, .multiple = multiple});
}

int rmq_send_nack(rmq_connection *c, uint16_t channel, uint64_t tag, bool multiple, bool requeue) {
  return SEND(channel, AMQP_BASIC_NACK_METHOD,
              (amqp_basic_nack_t){.delivery_tag = tag, .multiple = multiple, .requeue = requeue});
}

static void set_text(amqp_basic_properties_t *p, amqp_flags_t flag, amqp_bytes_t *field, rmq_bytes text) {
  if (!text.start) return;
  p->_flags |= flag;
  *field = rmq_to_amqp(text);
}

static amqp_basic_properties_t unflatten(const rmq_properties *flat) {
  amqp_basic_properties_t p = {
      .delivery_mode = flat->delivery_mode, .priority = flat->priority, .timestamp = flat->timestamp};
  if (flat->present & RMQ_HAS_DELIVERY_MODE) p._flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
  if (flat->present & RMQ_HAS_PRIORITY) p._flags |= AMQP_BASIC_PRIORITY_FLAG;
  if (flat->present & RMQ_HAS_TIMESTAMP) p._flags |= AMQP_BASIC_TIMESTAMP_FLAG;
  if (flat->headers) {
    p._flags |= AMQP_BASIC_HEADERS_FLAG;
    p.headers = *(const amqp_table_t *)flat->headers;
  }
  set_text(&p, AMQP_BASIC_CONTENT_TYPE_FLAG, &p.content_type, flat->content_type);
  set_text(&p, AMQP_BASIC_CONTENT_ENCODING_FLAG, &p.content_encoding, flat->content_encoding);
  set_text(&p, AMQP_BASIC_CORRELATION_ID_FLAG, &p.correlation_id, flat->correlation_id);
  set_text(&p, AMQP_BASIC_REPLY_TO_FLAG, &p.reply_to, flat->reply_to);
  set_text(&p, AMQP_BASIC_EXPIRATION_FLAG, &p.expiration, flat->expiration);
  set_text(&p, AMQP_BASIC_MESSAGE_ID_FLAG, &p.message_id, flat->message_id);
  set_text(&p, AMQP_BASIC_TYPE_FLAG, &p.type, flat->type);
  set_text(&p, AMQP_BASIC_USER_ID_FLAG, &p.user_id, flat->user_id);
  set_text(&p, AMQP_BASIC_APP_ID_FLAG, &p.app_id, flat->app_id);
  return p;
}

int rmq_send_publish(rmq_connection *c, uint16_t channel, rmq_bytes exchange, rmq_bytes routing_key, bool mandatory,
                     const rmq_properties *properties, const uint8_t *body, size_t body_size) {
  amqp_basic_properties_t encoded = unflatten(properties);
  amqp_bytes_t content = {.len = body_size, .bytes = (void *)body};
  int status = amqp_basic_publish(c->state, channel, rmq_to_amqp(exchange), rmq_to_amqp(routing_key), mandatory, 0,
                                  &encoded, content);
  size_t piece = (size_t)amqp_get_frame_max(c->state) - 8;
  if (status == AMQP_STATUS_OK && body_size && body_size % piece == 0) {
    // librabbitmq announces more to come after a last frame that is full; the kernel would hold it back for 200 ms.
    // Setting this option, though it is set already, pushes it out.
    int on = 1;
    setsockopt(rmq_descriptor(c), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return status;
}
