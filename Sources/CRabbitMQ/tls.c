// TLS with one address of a host whose certificate names the host. librabbitmq takes what it connects to for the name, so
// here OpenSSL checks the name.
#include "internal.h"
#include <amqp_ssl_socket.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Whether the certificate of this thread's last handshake was for another host.
static _Thread_local bool is_for_another_host;

static int note_host(int is_fine, X509_STORE_CTX *store) {
  if (X509_STORE_CTX_get_error(store) == X509_V_ERR_HOSTNAME_MISMATCH) is_for_another_host = true;
  return is_fine;
}

// Asks for the host, not for its address, as the handshake begins.
static void name_host(const SSL *ssl, int where, int result) {
  (void)result;
  if (where != SSL_CB_HANDSHAKE_START) return;
  const char *host = X509_VERIFY_PARAM_get0_host(SSL_get0_param((SSL *)ssl), 0);
  if (host) SSL_set_tlsext_host_name((SSL *)ssl, host);
}

static int prepare(amqp_socket_t *socket, const char *host, bool verifies_peer, const char *ca_file,
                   const char *certificate_file, const char *key_file) {
  amqp_ssl_socket_set_verify_peer(socket, verifies_peer);
  amqp_ssl_socket_set_verify_hostname(socket, false);
  int status = amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
  if (status != AMQP_STATUS_OK) return status;
  SSL_CTX *context = amqp_ssl_socket_get_context(socket);
  X509_VERIFY_PARAM *check = SSL_CTX_get0_param(context);
  if (X509_VERIFY_PARAM_set1_host(check, host, 0) != 1) return AMQP_STATUS_NO_MEMORY;
  X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // librabbitmq asks for the result of the verification after the handshake.
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, note_host);
  SSL_CTX_set_info_callback(context, name_host);
  if (ca_file && amqp_ssl_socket_set_cacert(socket, ca_file) != AMQP_STATUS_OK) return RMQ_STATUS_FILE;
  if (certificate_file &&
      amqp_ssl_socket_set_key(socket, certificate_file, key_file ? key_file : certificate_file) != AMQP_STATUS_OK) {
    return RMQ_STATUS_FILE;
  }
  return AMQP_STATUS_OK;
}

int rmq_connect_tls(rmq_connection *c, const char *host, const rmq_address *address, int port, int timeout_ms,
                    bool verifies_peer, const char *ca_file, const char *certificate_file, const char *key_file) {
  amqp_socket_t *socket = amqp_ssl_socket_new(c->state);
  if (!socket) return AMQP_STATUS_NO_MEMORY;
  int status = prepare(socket, host, verifies_peer, ca_file, certificate_file, key_file);
  if (status != AMQP_STATUS_OK) return status;
  is_for_another_host = false;
  struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
  status = amqp_socket_open_noblock(socket, address->text, port, &timeout);
  bool is_refused = status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED && is_for_another_host;
  return is_refused ? AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED : status;
}
