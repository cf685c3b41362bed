// librabbitmq 0.11 as plain functions and flat structs: no macros, no unions, no recursion, no globals.
//
// One thread owns an rmq_connection and is the only one that calls its functions.
//
// Statuses: 0 is success, below 0 is a status of librabbitmq (rmq_status_text describes it).
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct rmq_connection rmq_connection;

// Bytes owned by someone else. A frame's bytes live until the next call of rmq_receive; those made by rmq_copy
// until rmq_forget.
typedef struct {
  const uint8_t *_Nullable start;
  size_t count;
} rmq_bytes;

// ---------------------------------------------------------------------------------------------------- connection.c

typedef enum : int {
  RMQ_FAILED_OTHERWISE,
  RMQ_FAILED_REFUSED,      // nothing answers
  RMQ_FAILED_TIMEOUT,
  RMQ_FAILED_HEARTBEAT,
  RMQ_FAILED_CLOSED,       // the peer or the network ended the connection
  RMQ_FAILED_TLS,
  RMQ_FAILED_TLS_HOST,     // the certificate does not name the host
  RMQ_FAILED_TLS_PEER,     // the certificate is not trusted
  RMQ_FAILED_FILE,         // a certificate or key file cannot be used
  RMQ_FAILED_PROTOCOL,     // the peer does not speak AMQP 0-9-1
  RMQ_FAILED_TOO_BIG,
} rmq_failure;

// A status of our own: a certificate or key file cannot be read or used.
#define RMQ_STATUS_FILE (-0x7001)

// The class of a status below 0.
rmq_failure rmq_failure_of(int status);
const char *_Nonnull rmq_status_text(int status);

rmq_connection *_Nullable rmq_connection_new(void);
// Shuts the socket down, so that nothing waits for the peer, and frees everything.
void rmq_connection_free(rmq_connection *_Nonnull connection);

// One address of a broker.
enum { RMQ_MOST_ADDRESSES = 64 };
typedef struct {
  struct sockaddr_storage socket;
  socklen_t length;
  char text[64];
} rmq_address;

// How many addresses that host has, at most as many as there is room for; 0 when the name stands for none.
int rmq_resolve(const char *_Nonnull host, int port, rmq_address *_Nonnull addresses, int room);
const char *_Nonnull rmq_address_text(const rmq_address *_Nonnull address);

// Connects the socket to the first of these addresses that answers, of which `reached` is the index.
int rmq_connect(rmq_connection *_Nonnull connection, const rmq_address *_Nonnull addresses, int count, int timeout_ms,
                int *_Nonnull reached);

// Connects the socket to this address of that host, and shakes hands. The files may be null, but ca_file only when the
// peer is not verified.
int rmq_connect_tls(rmq_connection *_Nonnull connection, const char *_Nonnull host, const rmq_address *_Nonnull address,
                    int port, int timeout_ms, bool verifies_peer, const char *_Nullable ca_file,
                    const char *_Nullable certificate_file, const char *_Nullable key_file);

// Logs in. When the broker itself refuses, the result is RMQ_REFUSED_BY_BROKER and rmq_refusal says how.
#define RMQ_REFUSED_BY_BROKER 1
int rmq_login(rmq_connection *_Nonnull connection, const char *_Nonnull username, const char *_Nonnull password,
              const char *_Nonnull virtual_host, const char *_Nonnull name, int frame_max, int heartbeat_s,
              int timeout_ms);
uint16_t rmq_refusal_code(const rmq_connection *_Nonnull connection);
const char *_Nonnull rmq_refusal_text(const rmq_connection *_Nonnull connection);

// What the broker says about itself, after the login: for rmq_table_count and rmq_table_value.
const void *_Nonnull rmq_server_properties(rmq_connection *_Nonnull connection);

// What both sides agreed on.
int rmq_frame_max(rmq_connection *_Nonnull connection);
int rmq_channel_max(rmq_connection *_Nonnull connection);
int rmq_heartbeat_s(rmq_connection *_Nonnull connection);

// A descriptor of the same socket for other threads: librabbitmq may close its own at any time. Below 0 without one.
int rmq_breaker_open(rmq_connection *_Nonnull connection);
// Makes whatever the owning thread does on the socket fail at once. From any thread.
void rmq_breaker_trip(int breaker);
void rmq_breaker_close(int breaker);

// --------------------------------------------------------------------------------------------------------- waiting.c

// Waits for bytes, for the doorbell and, if asked, until rmq_can_send would be true; says whether the doorbell rang. A
// negative timeout waits forever.
bool rmq_wait(rmq_connection *_Nonnull connection, int doorbell, int timeout_ms, bool for_sending);
// Whether the kernel takes more bytes now and less than 1 MiB waits unsent in it.
bool rmq_can_send(rmq_connection *_Nonnull connection);

int rmq_doorbell_open(void);
void rmq_doorbell_close(int doorbell);
void rmq_doorbell_ring(int doorbell);
void rmq_doorbell_silence(int doorbell);
// Waits only for the doorbell, and silences it.
void rmq_doorbell_wait(int doorbell, int timeout_ms);

// Nanoseconds of the monotonic clock.
uint64_t rmq_now(void);
// Runs body(context) on a new detached thread with a 16 MiB stack, because librabbitmq decodes nested tables by
// recursion. Returns 0, or an errno.
int rmq_thread_start(void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

// --------------------------------------------------------------------------------------------------------- receive.c

typedef enum : int {
  RMQ_FRAME_NONE,
  RMQ_FRAME_OTHER,  // a frame that no client should get: class_id and method_id say which
  // Content.
  RMQ_FRAME_DELIVER,
  RMQ_FRAME_GET_OK,
  RMQ_FRAME_RETURN,
  RMQ_FRAME_HEADER,
  RMQ_FRAME_BODY,
  // From the broker, unasked.
  RMQ_FRAME_ACK,
  RMQ_FRAME_NACK,
  RMQ_FRAME_CANCEL,
  RMQ_FRAME_FLOW,
  RMQ_FRAME_CHANNEL_CLOSE,
  RMQ_FRAME_CONNECTION_CLOSE,
  RMQ_FRAME_BLOCKED,
  RMQ_FRAME_UNBLOCKED,
  // Answers.
  RMQ_FRAME_CONNECTION_CLOSE_OK,
  RMQ_FRAME_CHANNEL_OPEN_OK,
  RMQ_FRAME_CHANNEL_CLOSE_OK,
  RMQ_FRAME_CONFIRM_SELECT_OK,
  RMQ_FRAME_EXCHANGE_DECLARE_OK,
  RMQ_FRAME_EXCHANGE_DELETE_OK,
  RMQ_FRAME_EXCHANGE_BIND_OK,
  RMQ_FRAME_EXCHANGE_UNBIND_OK,
  RMQ_FRAME_QUEUE_DECLARE_OK,
  RMQ_FRAME_QUEUE_DELETE_OK,
  RMQ_FRAME_QUEUE_PURGE_OK,
  RMQ_FRAME_QUEUE_BIND_OK,
  RMQ_FRAME_QUEUE_UNBIND_OK,
  RMQ_FRAME_QOS_OK,
  RMQ_FRAME_CONSUME_OK,
  RMQ_FRAME_CANCEL_OK,
  RMQ_FRAME_GET_EMPTY,
} rmq_frame_kind;

#define RMQ_HAS_DELIVERY_MODE 1
#define RMQ_HAS_PRIORITY 2
#define RMQ_HAS_TIMESTAMP 4

// A text that is absent has a null start.
typedef struct {
  uint32_t present;
  uint8_t delivery_mode;
  uint8_t priority;
  uint64_t timestamp;
  rmq_bytes content_type, content_encoding, correlation_id, reply_to, expiration, message_id, type, user_id, app_id;
  const void *_Nullable headers;  // for rmq_table_count and rmq_table_value
} rmq_properties;

// Only the fields that the kind names in AMQP mean anything.
typedef struct {
  rmq_frame_kind kind;
  uint16_t channel;
  uint16_t code;          // channel.close, connection.close, basic.return
  uint16_t class_id, method_id;
  bool multiple;          // ack, nack
  bool redelivered;       // deliver, get-ok
  bool active;            // flow
  bool no_wait;           // cancel
  uint64_t delivery_tag;  // deliver, get-ok, ack, nack
  uint32_t message_count, consumer_count;
  rmq_bytes text;         // reply text, reason, queue name
  rmq_bytes consumer_tag, exchange, routing_key;
  uint64_t body_size;     // header
  rmq_properties properties;
  rmq_bytes body;
} rmq_frame;

// Takes one frame if there is one: 1 = taken, 0 = none yet, below 0 = the connection is unusable. Never waits for
// bytes. Sends heartbeats when due, and detects a silent peer.
int rmq_receive(rmq_connection *_Nonnull connection, rmq_frame *_Nonnull frame);
// Whether rmq_receive may have something without new bytes from the socket.
bool rmq_has_buffered(rmq_connection *_Nonnull connection);

// ----------------------------------------------------------------------------------------------------------- table.c

typedef enum : int {
  RMQ_VALUE_NULL,
  RMQ_VALUE_BOOL,
  RMQ_VALUE_INT,
  RMQ_VALUE_DOUBLE,
  RMQ_VALUE_STRING,
  RMQ_VALUE_BYTES,
  RMQ_VALUE_TIMESTAMP,
  RMQ_VALUE_DECIMAL,
  RMQ_VALUE_TABLE,
  RMQ_VALUE_ARRAY,
} rmq_value_kind;

typedef struct {
  rmq_value_kind kind;
  int64_t integer;  // bool, int, timestamp, and the digits of a decimal
  double number;
  uint8_t scale;
  rmq_bytes bytes;
  const void *_Nullable children;  // of a table or an array
} rmq_value;

int rmq_table_count(const void *_Nullable table);
rmq_value rmq_table_value(const void *_Nonnull table, int index, rmq_bytes *_Nonnull key);
int rmq_array_count(const void *_Nullable array);
rmq_value rmq_array_value(const void *_Nonnull array, int index);

// Copies into the connection's pool for sending; everything in it ends with rmq_forget.
rmq_bytes rmq_copy(rmq_connection *_Nonnull connection, const void *_Nullable start, size_t count);
void rmq_forget(rmq_connection *_Nonnull connection);

// A table or an array with room for exactly this many values, in the same pool; all are null at first.
void *_Nonnull rmq_table_new(rmq_connection *_Nonnull connection, int count);
void *_Nonnull rmq_table_slot(void *_Nonnull table, int index, rmq_bytes key);
void *_Nonnull rmq_array_slot(void *_Nonnull array, int index);
void rmq_set(void *_Nonnull slot, rmq_value value);
// Makes a slot a table or an array, and returns that.
void *_Nonnull rmq_set_table(rmq_connection *_Nonnull connection, void *_Nonnull slot, int count);
void *_Nonnull rmq_set_array(rmq_connection *_Nonnull connection, void *_Nonnull slot, int count);

// ------------------------------------------------------------------------------------------------------------ send.c
// Each writes one method. None waits for an answer. Tables may be null.

int rmq_send_connection_close(rmq_connection *_Nonnull c);
int rmq_send_connection_close_ok(rmq_connection *_Nonnull c);
int rmq_send_channel_open(rmq_connection *_Nonnull c, uint16_t channel);
int rmq_send_channel_close(rmq_connection *_Nonnull c, uint16_t channel);
int rmq_send_channel_close_ok(rmq_connection *_Nonnull c, uint16_t channel);
int rmq_send_flow_ok(rmq_connection *_Nonnull c, uint16_t channel, bool active);
int rmq_send_confirm_select(rmq_connection *_Nonnull c, uint16_t channel);
int rmq_send_exchange_declare(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes exchange, rmq_bytes kind,
                              bool passive, bool durable, bool auto_delete, bool internal, const void *_Nullable args);
int rmq_send_exchange_delete(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes exchange, bool if_unused);
int rmq_send_exchange_bind(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes destination, rmq_bytes source,
                           rmq_bytes routing_key, const void *_Nullable args);
int rmq_send_exchange_unbind(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes destination, rmq_bytes source,
                             rmq_bytes routing_key, const void *_Nullable args);
int rmq_send_queue_declare(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes queue, bool passive, bool durable,
                           bool exclusive, bool auto_delete, const void *_Nullable args);
int rmq_send_queue_delete(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes queue, bool if_unused, bool if_empty);
int rmq_send_queue_purge(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes queue);
int rmq_send_queue_bind(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes queue, rmq_bytes exchange,
                        rmq_bytes routing_key, const void *_Nullable args);
int rmq_send_queue_unbind(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes queue, rmq_bytes exchange,
                          rmq_bytes routing_key, const void *_Nullable args);
int rmq_send_qos(rmq_connection *_Nonnull c, uint16_t channel, uint16_t prefetch);
int rmq_send_consume(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes queue, rmq_bytes tag, bool no_ack,
                     bool exclusive, const void *_Nullable args);
int rmq_send_cancel(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes tag, bool no_wait);
int rmq_send_cancel_ok(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes tag);
int rmq_send_get(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes queue, bool no_ack);
int rmq_send_ack(rmq_connection *_Nonnull c, uint16_t channel, uint64_t tag, bool multiple);
int rmq_send_nack(rmq_connection *_Nonnull c, uint16_t channel, uint64_t tag, bool multiple, bool requeue);
// The caller has checked that texts and headers fit: a failure here leaves half a message on the wire.
int rmq_send_publish(rmq_connection *_Nonnull c, uint16_t channel, rmq_bytes exchange, rmq_bytes routing_key,
                     bool mandatory, const rmq_properties *_Nonnull properties, const uint8_t *_Nullable body,
                     size_t body_size);
