// From host names to a connected socket, over whichever of their addresses answers first (RFC 8305): one of them may
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

// How long an address gets before the next one is tried in parallel.
static const uint64_t head_start = 250 * 1000000ull;

int rmq_resolve(const char *host, int port, rmq_address *addresses, int room) {
  char service[16];
  snprintf(service, sizeof service, "%d", port);
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
  struct addrinfo *found = NULL;
  if (getaddrinfo(host, service, &hints, &found) != 0) return 0;
  int count = 0;
  for (struct addrinfo *next = found; next && count < room; next = next->ai_next) {
    rmq_address *address = &addresses[count];
    if (next->ai_addrlen > sizeof address->socket) continue;
    memcpy(&address->socket, next->ai_addr, next->ai_addrlen);
    address->length = next->ai_addrlen;
    if (getnameinfo(next->ai_addr, next->ai_addrlen, address->text, sizeof address->text, NULL, 0, NI_NUMERICHOST) == 0) {
      count++;
    }
  }
  freeaddrinfo(found);
  return count;
}

const char *rmq_address_text(const rmq_address *address) { return address->text; }

static int begin(const rmq_address *to) {
  int descriptor = socket(to->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (descriptor < 0) return -1;
  int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (connect(descriptor, (const struct sockaddr *)&to->socket, to->length) == 0 || errno == EINPROGRESS) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

static int milliseconds_until(uint64_t time, uint64_t now) {
  return time <= now ? 0 : (int)((time - now + 999999) / 1000000);
}

typedef struct {
  struct pollfd polled[RMQ_MOST_ADDRESSES];
  int address[RMQ_MOST_ADDRESSES];  // of which, by its place in the list
  int count;
} attempts;

static void forget(attempts *all, int index) {
  all->count--;
  all->polled[index] = all->polled[all->count];
  all->address[index] = all->address[all->count];
}

// The index of an attempt that has connected, or -1; removes those that have failed.
static int connected(attempts *all) {
  for (int i = 0; i < all->count;) {
    int error = 0;
    socklen_t length = sizeof error;
    if (!all->polled[i].revents) {
      i++;
    } else if (getsockopt(all->polled[i].fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0) {
      return i;
    } else {
      close(all->polled[i].fd);
      forget(all, i);
    }
  }
  return -1;
}

int rmq_reach(const rmq_address *addresses, int total, int timeout_ms, int *reached) {
  if (total > RMQ_MOST_ADDRESSES) total = RMQ_MOST_ADDRESSES;
  attempts all = {.count = 0};
  int begun = 0, status = AMQP_STATUS_SOCKET_ERROR;
  uint64_t deadline = rmq_now() + (uint64_t)timeout_ms * 1000000, next = 0;
  while (all.count > 0 || begun < total) {
    uint64_t now = rmq_now();
    if (now >= deadline) {
      status = AMQP_STATUS_TIMEOUT;
      break;
    }
    if (begun < total && (all.count == 0 || now >= next)) {
      int descriptor = begin(&addresses[begun]);
      if (descriptor >= 0) {
        all.polled[all.count] = (struct pollfd){.fd = descriptor, .events = POLLOUT};
        all.address[all.count++] = begun;
      }
      begun++;
      next = now + head_start;
      continue;
    }
    uint64_t until = begun < total && next < deadline ? next : deadline;
    if (poll(all.polled, (nfds_t)all.count, milliseconds_until(until, now)) <= 0) continue;
    int winner = connected(&all);
    if (winner >= 0) {
      status = all.polled[winner].fd;
      *reached = all.address[winner];
      forget(&all, winner);
      break;
    }
  }
  for (int i = 0; i < all.count; i++) close(all.polled[i].fd);
  return status;
}
