// From a host name to a connected socket, over whichever of its addresses answers first (RFC 8305): one of them may
// drop every packet, and must not delay the others.
#include "internal.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { most_addresses = 16 };
// How long an address gets before the next one is tried in parallel.
static const uint64_t head_start = 250 * 1000000ull;

typedef struct {
  struct sockaddr_storage address;
  socklen_t length;
  int family;
} target;

static int resolve_one(const char *name, const char *port, target *targets, int count) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
  struct addrinfo *found = NULL;
  if (getaddrinfo(name, port, &hints, &found) != 0) return count;
  for (struct addrinfo *next = found; next && count < most_addresses; next = next->ai_next) {
    if (next->ai_addrlen > sizeof targets[count].address) continue;
    memcpy(&targets[count].address, next->ai_addr, next->ai_addrlen);
    targets[count].length = next->ai_addrlen;
    targets[count].family = next->ai_family;
    count++;
  }
  freeaddrinfo(found);
  return count;
}

static int resolve(const char *addresses, int port, target *targets) {
  char service[16];
  snprintf(service, sizeof service, "%d", port);
  char *names = strdup(addresses), *rest = NULL;
  if (!names) return 0;
  int count = 0;
  for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
    count = resolve_one(name, service, targets, count);
  }
  free(names);
  return count;
}

static int begin(const target *to) {
  int descriptor = socket(to->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (descriptor < 0) return -1;
  int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (connect(descriptor, (const struct sockaddr *)&to->address, to->length) == 0 || errno == EINPROGRESS) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

static int milliseconds_until(uint64_t time, uint64_t now) {
  return time <= now ? 0 : (int)((time - now + 999999) / 1000000);
}

// The index of an attempt that has connected, or -1; removes those that have failed.
static int connected(struct pollfd *attempts, int *count) {
  for (int i = 0; i < *count;) {
    int error = 0;
    socklen_t length = sizeof error;
    if (!attempts[i].revents) {
      i++;
    } else if (getsockopt(attempts[i].fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0) {
      return i;
    } else {
      close(attempts[i].fd);
      attempts[i] = attempts[--*count];
    }
  }
  return -1;
}

int rmq_reach(const char *addresses, int port, int timeout_ms) {
  target targets[most_addresses];
  int total = resolve(addresses, port, targets);
  if (total == 0) return AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED;

  struct pollfd attempts[most_addresses];
  int count = 0, begun = 0, status = AMQP_STATUS_SOCKET_ERROR;
  uint64_t deadline = rmq_now() + (uint64_t)timeout_ms * 1000000, next = 0;
  while (count > 0 || begun < total) {
    uint64_t now = rmq_now();
    if (now >= deadline) {
      status = AMQP_STATUS_TIMEOUT;
      break;
    }
    if (begun < total && (count == 0 || now >= next)) {
      int descriptor = begin(&targets[begun++]);
      if (descriptor >= 0) attempts[count++] = (struct pollfd){.fd = descriptor, .events = POLLOUT};
      next = now + head_start;
      continue;
    }
    uint64_t until = begun < total && next < deadline ? next : deadline;
    if (poll(attempts, (nfds_t)count, milliseconds_until(until, now)) <= 0) continue;
    int winner = connected(attempts, &count);
    if (winner >= 0) {
      status = attempts[winner].fd;
      attempts[winner] = attempts[--count];
      break;
    }
  }
  for (int i = 0; i < count; i++) close(attempts[i].fd);
  return status;
}
