// From nothing to a logged-in connection, and back.
#include "internal.h"
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

rmq_failure rmq_failure_of(int status) {
  switch (status) {
    case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED: return RMQ_FAILED_REFUSED;
    case AMQP_STATUS_TIMEOUT: return RMQ_FAILED_TIMEOUT;
    case AMQP_STATUS_HEARTBEAT_TIMEOUT: return RMQ_FAILED_HEARTBEAT;
    case AMQP_STATUS_CONNECTION_CLOSED:
    case AMQP_STATUS_SOCKET_ERROR:
    case AMQP_STATUS_SOCKET_CLOSED:
    case AMQP_STATUS_TCP_ERROR: return RMQ_FAILED_CLOSED;
    case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED: return RMQ_FAILED_TLS_HOST;
    case AMQP_STATUS_SSL_PEER_VERIFY_FAILED: return RMQ_FAILED_TLS_PEER;
    case AMQP_STATUS_SSL_ERROR:
    case AMQP_STATUS_SSL_CONNECTION_FAILED:
    case AMQP_STATUS_SSL_SET_ENGINE_FAILED: return RMQ_FAILED_TLS;
    case AMQP_STATUS_BAD_AMQP_DATA:
    case AMQP_STATUS_UNKNOWN_CLASS:
    case AMQP_STATUS_UNKNOWN_METHOD:
    case AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION:
    case AMQP_STATUS_WRONG_METHOD:
    case AMQP_STATUS_UNEXPECTED_STATE:
    case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD: return RMQ_FAILED_PROTOCOL;
    case AMQP_STATUS_TABLE_TOO_BIG: return RMQ_FAILED_TOO_BIG;
    case RMQ_STATUS_FILE: return RMQ_FAILED_FILE;
    default: return RMQ_FAILED_OTHERWISE;
  }
}

const char *rmq_status_text(int status) { return amqp_error_string2(status); }

static void ignore_sigpipe(void) {
  // OpenSSL writes without MSG_NOSIGNAL. A program that handles the signal itself keeps its handler.
  struct sigaction current;
  if (sigaction(SIGPIPE, NULL, &current) == 0 && current.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
}

rmq_connection *rmq_connection_new(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, ignore_sigpipe);
  rmq_connection *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  c->state = amqp_new_connection();
  if (!c->state) {
    free(c);
    return NULL;
  }
  init_amqp_pool(&c->sending, 16 * 1024);
  return c;
}

void rmq_connection_free(rmq_connection *c) {
  // Otherwise OpenSSL's shutdown would wait for a peer that may never answer.
  int descriptor = rmq_descriptor(c);
  if (descriptor >= 0) shutdown(descriptor, SHUT_RDWR);
  amqp_destroy_connection(c->state);
  empty_amqp_pool(&c->sending);
  free(c);
}

int rmq_connect(rmq_connection *c, const rmq_address *addresses, int count, int timeout_ms, int *reached) {
  amqp_socket_t *socket = amqp_tcp_socket_new(c->state);
  if (!socket) return AMQP_STATUS_NO_MEMORY;
  int descriptor = rmq_reach(addresses, count, timeout_ms, reached);
  if (descriptor < 0) return descriptor;
  amqp_tcp_socket_set_sockfd(socket, descriptor);
  return AMQP_STATUS_OK;
}

static amqp_table_entry_t entry(const char *key, uint8_t kind) {
  return (amqp_table_entry_t){.key = amqp_cstring_bytes(key), .value = {.kind = kind}};
}

static int keep_refusal(rmq_connection *c, amqp_method_t method) {
  if (method.id != AMQP_CONNECTION_CLOSE_METHOD) return AMQP_STATUS_UNEXPECTED_STATE;
  const amqp_connection_close_t *close = method.decoded;
  size_t count = close->reply_text.len < sizeof c->refusal_text ? close->reply_text.len : sizeof c->refusal_text - 1;
  memcpy(c->refusal_text, close->reply_text.bytes, count);
  c->refusal_text[count] = 0;
  c->refusal_code = close->reply_code;
  return RMQ_REFUSED_BY_BROKER;
}

int rmq_login(rmq_connection *c, const char *username, const char *password, const char *virtual_host, const char *name,
              int frame_max, int heartbeat_s, int timeout_ms) {
  // librabbitmq itself announces only the last two: no connection.blocked, no basic.cancel after a queue is deleted.
  const char *names[] = {"connection.blocked", "consumer_cancel_notify", "basic.nack", "publisher_confirms",
                         "authentication_failure_close", "exchange_exchange_bindings"};
  enum { COUNT = sizeof names / sizeof *names };
  amqp_table_entry_t capabilities[COUNT];
  for (int i = 0; i < COUNT; i++) {
    capabilities[i] = entry(names[i], AMQP_FIELD_KIND_BOOLEAN);
    capabilities[i].value.value.boolean = 1;
  }
  amqp_table_entry_t properties[] = {entry("capabilities", AMQP_FIELD_KIND_TABLE),
                                     entry("connection_name", AMQP_FIELD_KIND_UTF8)};
  properties[0].value.value.table = (amqp_table_t){.num_entries = COUNT, .entries = capabilities};
  properties[1].value.value.bytes = amqp_cstring_bytes(name);
  amqp_table_t table = {.num_entries = 2, .entries = properties};

  struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
  amqp_set_handshake_timeout(c->state, &timeout);
  amqp_set_rpc_timeout(c->state, &timeout);
  amqp_rpc_reply_t reply = amqp_login_with_properties(c->state, virtual_host, 0, frame_max, heartbeat_s, &table,
                                                      AMQP_SASL_METHOD_PLAIN, username, password);
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL: return AMQP_STATUS_OK;
    case AMQP_RESPONSE_SERVER_EXCEPTION: return keep_refusal(c, reply.reply);
    default: return reply.library_error < 0 ? reply.library_error : AMQP_STATUS_UNEXPECTED_STATE;
  }
}

uint16_t rmq_refusal_code(const rmq_connection *c) { return c->refusal_code; }
const char *rmq_refusal_text(const rmq_connection *c) { return c->refusal_text; }

const void *rmq_server_properties(rmq_connection *c) { return amqp_get_server_properties(c->state); }

int rmq_frame_max(rmq_connection *c) { return amqp_get_frame_max(c->state); }
int rmq_channel_max(rmq_connection *c) { return amqp_get_channel_max(c->state); }
int rmq_heartbeat_s(rmq_connection *c) { return amqp_get_heartbeat(c->state); }

int rmq_breaker_open(rmq_connection *c) { return fcntl(rmq_descriptor(c), F_DUPFD_CLOEXEC, 0); }
void rmq_breaker_trip(int breaker) { shutdown(breaker, SHUT_RDWR); }
void rmq_breaker_close(int breaker) {
  if (breaker >= 0) close(breaker);
}
