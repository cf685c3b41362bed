// What the owning thread waits for, the doorbell that wakes it, and the thread itself.
#define _GNU_SOURCE
#include "internal.h"
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_UNSENT = 1 << 20, STACK_SIZE = 16 << 20 };

static void set_low_water(rmq_connection *c, unsigned mark) {
  // The kernel then reports the socket as writable only while less than half of this waits unsent in it.
  setsockopt(rmq_descriptor(c), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &mark, sizeof mark);
}

bool rmq_can_send(rmq_connection *c) {
  if (c->waits_for_room) {
    c->waits_for_room = false;
    set_low_water(c, UINT32_MAX);
  }
  struct pollfd socket = {.fd = rmq_descriptor(c), .events = POLLOUT};
  if (poll(&socket, 1, 0) != 1 || !(socket.revents & POLLOUT)) return false;
  int unsent = 0;
  return ioctl(socket.fd, SIOCOUTQNSD, &unsent) != 0 || unsent < MOST_UNSENT;
}

bool rmq_wait(rmq_connection *c, int doorbell, int timeout_ms, bool for_sending) {
  if (for_sending && !c->waits_for_room) {
    c->waits_for_room = true;
    set_low_water(c, MOST_UNSENT);
  }
  struct pollfd fds[2] = {
      {.fd = rmq_descriptor(c), .events = (short)(POLLIN | (for_sending ? POLLOUT : 0))},
      {.fd = doorbell, .events = POLLIN},
  };
  return poll(fds, 2, timeout_ms) > 0 && fds[1].revents & POLLIN;
}

int rmq_doorbell_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void rmq_doorbell_close(int doorbell) { close(doorbell); }

void rmq_doorbell_ring(int doorbell) {
  // It fails only when the counter is full, and then it is ringing already.
  (void)!eventfd_write(doorbell, 1);
}

void rmq_doorbell_silence(int doorbell) {
  eventfd_t rings;
  (void)!eventfd_read(doorbell, &rings);
}

void rmq_doorbell_wait(int doorbell, int timeout_ms) {
  struct pollfd fd = {.fd = doorbell, .events = POLLIN};
  if (poll(&fd, 1, timeout_ms) == 1) rmq_doorbell_silence(doorbell);
}

uint64_t rmq_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct start {
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  // The thread names itself: its creator must not name a thread that may have ended already.
  pthread_setname_np(pthread_self(), "amqp");
  start.body(start.context);
  return NULL;
}

int rmq_thread_start(void (*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  if (!start) return ENOMEM;
  *start = (struct start){body, context};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_SIZE);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int error = pthread_create(&thread, &attributes, run, start);
  pthread_attr_destroy(&attributes);
  if (error) {
    free(start);
    return error;
  }
  return 0;
}
