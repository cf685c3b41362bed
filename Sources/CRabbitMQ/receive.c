// One frame of the broker as one flat struct.
#include "internal.h"
#include <string.h>
#include <sys/time.h>

static rmq_bytes text_if(const amqp_basic_properties_t *p, amqp_flags_t flag, amqp_bytes_t text) {
  return p->_flags & flag ? rmq_from_amqp(text) : (rmq_bytes){0};
}

static rmq_properties flatten(const amqp_basic_properties_t *p) {
  rmq_properties flat = {
      .delivery_mode = p->delivery_mode,
      .priority = p->priority,
      .timestamp = p->timestamp,
      .content_type = text_if(p, AMQP_BASIC_CONTENT_TYPE_FLAG, p->content_type),
      .content_encoding = text_if(p, AMQP_BASIC_CONTENT_ENCODING_FLAG, p->content_encoding),
      .correlation_id = text_if(p, AMQP_BASIC_CORRELATION_ID_FLAG, p->correlation_id),
      .reply_to = text_if(p, AMQP_BASIC_REPLY_TO_FLAG, p->reply_to),
      .expiration = text_if(p, AMQP_BASIC_EXPIRATION_FLAG, p->expiration),
      .message_id = text_if(p, AMQP_BASIC_MESSAGE_ID_FLAG, p->message_id),
      .type = text_if(p, AMQP_BASIC_TYPE_FLAG, p->type),
      .user_id = text_if(p, AMQP_BASIC_USER_ID_FLAG, p->user_id),
      .app_id = text_if(p, AMQP_BASIC_APP_ID_FLAG, p->app_id),
  };
  if (p->_flags & AMQP_BASIC_DELIVERY_MODE_FLAG) flat.present |= RMQ_HAS_DELIVERY_MODE;
  if (p->_flags & AMQP_BASIC_PRIORITY_FLAG) flat.present |= RMQ_HAS_PRIORITY;
  if (p->_flags & AMQP_BASIC_TIMESTAMP_FLAG) flat.present |= RMQ_HAS_TIMESTAMP;
  if (p->_flags & AMQP_BASIC_HEADERS_FLAG) flat.headers = &p->headers;
  return flat;
}

static void read_header(const amqp_frame_t *source, rmq_frame *frame) {
  frame->class_id = source->payload.properties.class_id;
  if (frame->class_id != AMQP_BASIC_CLASS) return;  // librabbitmq decoded it as another type
  frame->kind = RMQ_FRAME_HEADER;
  frame->body_size = source->payload.properties.body_size;
  frame->properties = flatten(source->payload.properties.decoded);
}

// Unsolicited methods from the broker, and those that carry content.
static bool read_event(amqp_method_t method, rmq_frame *frame) {
  switch (method.id) {
    case AMQP_BASIC_DELIVER_METHOD: {
      const amqp_basic_deliver_t *m = method.decoded;
      frame->kind = RMQ_FRAME_DELIVER;
      frame->delivery_tag = m->delivery_tag;
      frame->redelivered = m->redelivered;
      frame->consumer_tag = rmq_from_amqp(m->consumer_tag);
      frame->exchange = rmq_from_amqp(m->exchange);
      frame->routing_key = rmq_from_amqp(m->routing_key);
      return true;
    }
    case AMQP_BASIC_GET_OK_METHOD: {
      const amqp_basic_get_ok_t *m = method.decoded;
      frame->kind = RMQ_FRAME_GET_OK;
      frame->delivery_tag = m->delivery_tag;
      frame->redelivered = m->redelivered;
      frame->exchange = rmq_from_amqp(m->exchange);
      frame->routing_key = rmq_from_amqp(m->routing_key);
      frame->message_count = m->message_count;
      return true;
    }
    case AMQP_BASIC_RETURN_METHOD: {
      const amqp_basic_return_t *m = method.decoded;
      frame->kind = RMQ_FRAME_RETURN;
      frame->code = m->reply_code;
      frame->text = rmq_from_amqp(m->reply_text);
      frame->exchange = rmq_from_amqp(m->exchange);
      frame->routing_key = rmq_from_amqp(m->routing_key);
      return true;
    }
    case AMQP_BASIC_ACK_METHOD: {
      const amqp_basic_ack_t *m = method.decoded;
      frame->kind = RMQ_FRAME_ACK;
      frame->delivery_tag = m->delivery_tag;
      frame->multiple = m->multiple;
      return true;
    }
    case AMQP_BASIC_NACK_METHOD: {
      const amqp_basic_nack_t *m = method.decoded;
      frame->kind = RMQ_FRAME_NACK;
      frame->delivery_tag = m->delivery_tag;
      frame->multiple = m->multiple;
      return true;
    }
    case AMQP_BASIC_CANCEL_METHOD: {
      const amqp_basic_cancel_t *m = method.decoded;
      frame->kind = RMQ_FRAME_CANCEL;
      frame->consumer_tag = rmq_from_amqp(m->consumer_tag);
      frame->no_wait = m->nowait;
      return true;
    }
    case AMQP_CHANNEL_FLOW_METHOD:
      frame->kind = RMQ_FRAME_FLOW;
      frame->active = ((const amqp_channel_flow_t *)method.decoded)->active;
      return true;
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const amqp_channel_close_t *m = method.decoded;
      frame->kind = RMQ_FRAME_CHANNEL_CLOSE;
      frame->code = m->reply_code;
      frame->text = rmq_from_amqp(m->reply_text);
      return true;
    }
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const amqp_connection_close_t *m = method.decoded;
      frame->kind = RMQ_FRAME_CONNECTION_CLOSE;
      frame->code = m->reply_code;
      frame->text = rmq_from_amqp(m->reply_text);
      return true;
    }
    case AMQP_CONNECTION_BLOCKED_METHOD:
      frame->kind = RMQ_FRAME_BLOCKED;
      frame->text = rmq_from_amqp(((const amqp_connection_blocked_t *)method.decoded)->reason);
      return true;
    case AMQP_CONNECTION_UNBLOCKED_METHOD: frame->kind = RMQ_FRAME_UNBLOCKED; return true;
    default: return false;
  }
}

static void read_answer(amqp_method_t method, rmq_frame *frame) {
  switch (method.id) {
    case AMQP_CONNECTION_CLOSE_OK_METHOD: frame->kind = RMQ_FRAME_CONNECTION_CLOSE_OK; break;
    case AMQP_CHANNEL_OPEN_OK_METHOD: frame->kind = RMQ_FRAME_CHANNEL_OPEN_OK; break;
    case AMQP_CHANNEL_CLOSE_OK_METHOD: frame->kind = RMQ_FRAME_CHANNEL_CLOSE_OK; break;
    case AMQP_CONFIRM_SELECT_OK_METHOD: frame->kind = RMQ_FRAME_CONFIRM_SELECT_OK; break;
    case AMQP_EXCHANGE_DECLARE_OK_METHOD: frame->kind = RMQ_FRAME_EXCHANGE_DECLARE_OK; break;
    case AMQP_EXCHANGE_DELETE_OK_METHOD: frame->kind = RMQ_FRAME_EXCHANGE_DELETE_OK; break;
    case AMQP_EXCHANGE_BIND_OK_METHOD: frame->kind = RMQ_FRAME_EXCHANGE_BIND_OK; break;
    case AMQP_EXCHANGE_UNBIND_OK_METHOD: frame->kind = RMQ_FRAME_EXCHANGE_UNBIND_OK; break;
    case AMQP_QUEUE_DECLARE_OK_METHOD: {
      const amqp_queue_declare_ok_t *m = method.decoded;
      frame->kind = RMQ_FRAME_QUEUE_DECLARE_OK;
      frame->text = rmq_from_amqp(m->queue);
      frame->message_count = m->message_count;
      frame->consumer_count = m->consumer_count;
      break;
    }
    case AMQP_QUEUE_DELETE_OK_METHOD:
      frame->kind = RMQ_FRAME_QUEUE_DELETE_OK;
      frame->message_count = ((const amqp_queue_delete_ok_t *)method.decoded)->message_count;
      break;
    case AMQP_QUEUE_PURGE_OK_METHOD:
      frame->kind = RMQ_FRAME_QUEUE_PURGE_OK;
      frame->message_count = ((const amqp_queue_purge_ok_t *)method.decoded)->message_count;
      break;
    case AMQP_QUEUE_BIND_OK_METHOD: frame->kind = RMQ_FRAME_QUEUE_BIND_OK; break;
    case AMQP_QUEUE_UNBIND_OK_METHOD: frame->kind = RMQ_FRAME_QUEUE_UNBIND_OK; break;
    case AMQP_BASIC_QOS_OK_METHOD: frame->kind = RMQ_FRAME_QOS_OK; break;
    case AMQP_BASIC_CONSUME_OK_METHOD:
      frame->kind = RMQ_FRAME_CONSUME_OK;
      frame->consumer_tag = rmq_from_amqp(((const amqp_basic_consume_ok_t *)method.decoded)->consumer_tag);
      break;
    case AMQP_BASIC_CANCEL_OK_METHOD:
      frame->kind = RMQ_FRAME_CANCEL_OK;
      frame->consumer_tag = rmq_from_amqp(((const amqp_basic_cancel_ok_t *)method.decoded)->consumer_tag);
      break;
    case AMQP_BASIC_GET_EMPTY_METHOD: frame->kind = RMQ_FRAME_GET_EMPTY; break;
    default: break;
  }
}

static void read_frame(const amqp_frame_t *source, rmq_frame *frame) {
  memset(frame, 0, sizeof *frame);
  frame->kind = RMQ_FRAME_OTHER;
  frame->channel = source->channel;
  switch (source->frame_type) {
    case AMQP_FRAME_METHOD:
      frame->class_id = (uint16_t)(source->payload.method.id >> 16);
      frame->method_id = (uint16_t)source->payload.method.id;
      if (!read_event(source->payload.method, frame)) read_answer(source->payload.method, frame);
      break;
    case AMQP_FRAME_HEADER: read_header(source, frame); break;
    case AMQP_FRAME_BODY:
      frame->kind = RMQ_FRAME_BODY;
      frame->body = rmq_from_amqp(source->payload.body_fragment);
      break;
    default: break;
  }
}

int rmq_receive(rmq_connection *c, rmq_frame *frame) {
  // The previous frame has been copied out by now. Without this its memory would never be reused.
  if (c->holds_frame) {
    amqp_maybe_release_buffers_on_channel(c->state, c->last_channel);
    c->holds_frame = false;
  }
  amqp_frame_t source;
  struct timeval no_time = {0, 0};
  int status = amqp_simple_wait_frame_noblock(c->state, &source, &no_time);
  if (status == AMQP_STATUS_TIMEOUT) return 0;
  if (status != AMQP_STATUS_OK) return status;
  c->holds_frame = true;
  c->last_channel = source.channel;
  read_frame(&source, frame);
  return 1;
}

bool rmq_has_buffered(rmq_connection *c) {
  return amqp_frames_enqueued(c->state) || amqp_data_in_buffer(c->state);
}
