#define _GNU_SOURCE
#include "CCrashMarker.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint32_t magic = 0x52455032; // "REP2"
static const int signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT};
enum { signal_count = sizeof signals / sizeof signals[0] };

static struct sigaction previous[signal_count];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local crash_marker *current = NULL;
static _Thread_local bool has_stack = false;

// Everything each time: if the file was truncated, this repairs it. If it cannot be written, for example on a broken
// disk, the turn is not marked.
static void write_file(const crash_marker *marker) {
    size_t size = offsetof(crash_marker_state, instance) + marker->state.length;
    ssize_t written = pwrite(marker->file, &marker->state, size, 0);
    (void)written;
}

static bool read_file(crash_marker *marker) {
    crash_marker_state *state = &marker->state;
    ssize_t size = pread(marker->file, state, sizeof *state, 0);
    return size >= (ssize_t)offsetof(crash_marker_state, instance) && state->magic == magic &&
           state->length <= CRASH_MARKER_CAPACITY &&
           size >= (ssize_t)(offsetof(crash_marker_state, instance) + state->length);
}

crash_marker *crash_marker_open(const char *path) {
    crash_marker *marker = calloc(1, sizeof *marker);
    if (marker == NULL) return NULL;
    marker->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int error = errno;
    if (marker->file >= 0) {
        if (!read_file(marker)) {
            memset(&marker->state, 0, sizeof marker->state);
            marker->state.magic = magic;
        }
        error = posix_fallocate(marker->file, 0, sizeof marker->state);
        if (error == 0) return marker;
        close(marker->file);
    }
    free(marker);
    errno = error;
    return NULL;
}

void crash_marker_close(crash_marker *marker) {
    close(marker->file);
    free(marker);
}

// Async-signal-safe: pwrite, sigaction, raise.
static void on_signal(int number, siginfo_t *info, void *context) {
    (void)context;
    if (current != NULL && current->state.length != 0) crash_marker_set_mark(current, crash_marker_trapped);
    for (int i = 0; i < signal_count; i++) {
        if (signals[i] == number) sigaction(number, &previous[i], NULL);
    }
    // A fault happens again on return and reaches the previous handler; a signal that was sent is sent again.
    if (number == SIGABRT || info->si_code <= 0) raise(number);
}

static void install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < signal_count; i++) sigaction(signals[i], &action, &previous[i]);
}

typedef void (*handler)(int, siginfo_t *, void *);

// NULL when the signal has no handler that receives the details.
static handler handler_of(int number) {
    struct sigaction found;
    if (sigaction(number, NULL, &found) != 0 || !(found.sa_flags & SA_SIGINFO)) return NULL;
    return found.sa_sigaction;
}

static handler at_load = NULL;

// What is installed before main is the runtime's, even when linked statically.
__attribute__((constructor)) static void remember(void) { at_load = handler_of(SIGTRAP); }

bool crash_remove_backtracer(void) {
    if (getenv("SWIFT_BACKTRACE") != NULL) return false;
    handler swift = handler_of(SIGTRAP);
    Dl_info place;
    bool is_swift = swift != NULL && (swift == at_load || (dladdr((void *)swift, &place) != 0 && place.dli_fname != NULL &&
                                                           strstr(place.dli_fname, "libswiftCore") != NULL));
    if (!is_swift) return false;
    // It has one handler for all signals that were not already handled or ignored.
    static const int handled[] = {SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++) {
        if (handler_of(handled[i]) == swift) signal(handled[i], SIG_DFL);
    }
    return true;
}

void crash_marker_install_handlers(void) { pthread_once(&once, install); }

// A stack overflow leaves no stack for its own handler: each partition's thread has a second one.
static void give_stack(void) {
    if (has_stack) return;
    has_stack = true;
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && !(present.ss_flags & SS_DISABLE)) return;
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536, .ss_flags = 0};
    if (stack.ss_sp != NULL) sigaltstack(&stack, NULL);
}

static void name(crash_marker *marker, uint32_t mark, const char *instance, size_t length) {
    if (length > CRASH_MARKER_CAPACITY) length = CRASH_MARKER_CAPACITY;
    marker->state.mark = mark;
    memcpy(marker->state.instance, instance, length);
    marker->state.length = (uint32_t)length;
}

void crash_marker_enter(crash_marker *marker, const char *instance, size_t length) {
    give_stack();
    name(marker, 0, instance, length);
    write_file(marker);
    current = marker;
}

void crash_marker_leave(crash_marker *marker) {
    current = NULL;
    if (marker->state.trial != 0) {
        marker->state.mark = crash_marker_not_inside;
    } else {
        marker->state.length = 0;
    }
    write_file(marker);
}

void crash_marker_begin_trial(crash_marker *marker, const char *instance, size_t length) {
    name(marker, crash_marker_not_inside, instance, length);
    marker->state.trial = 1;
    write_file(marker);
}

void crash_marker_end_trial(crash_marker *marker) {
    marker->state.trial = 0;
    marker->state.length = 0;
    marker->state.mark = 0;
    write_file(marker);
}

void crash_marker_set_epoch(crash_marker *marker, int64_t epoch) {
    marker->state.epoch = epoch;
    write_file(marker);
}

void crash_marker_set_mark(crash_marker *marker, uint32_t mark) {
    marker->state.mark = mark;
    write_file(marker);
}
