#define _GNU_SOURCE
#include "CCrashMarker.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint32_t magic = 0x52455032; // "REP2"
static const int signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT};
enum { signal_count = sizeof signals / sizeof signals[0] };

static struct sigaction previous[signal_count];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local crash_marker *current = NULL;
static _Thread_local bool has_stack = false;

crash_marker *crash_marker_open(const char *path) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return NULL;
    int error = posix_fallocate(file, 0, sizeof(crash_marker));
    if (error != 0) {
        close(file);
        errno = error;
        return NULL;
    }
    void *memory = mmap(NULL, sizeof(crash_marker), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory == MAP_FAILED) return NULL;
    crash_marker *marker = memory;
    if (marker->magic != magic || marker->length > CRASH_MARKER_CAPACITY) {
        memset(marker, 0, sizeof *marker);
        marker->magic = magic;
    }
    return marker;
}

void crash_marker_close(crash_marker *marker) { munmap(marker, sizeof *marker); }

// Async-signal-safe: stores to mapped memory, sigaction, raise.
static void on_signal(int number, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    if (current != NULL && current->length != 0) current->mark = crash_marker_trapped;
    for (int i = 0; i < signal_count; i++) {
        if (signals[i] == number) sigaction(number, &previous[i], NULL);
    }
    // A fault happens again on return and meets the handler that was there before; a signal that was sent is sent anew.
    if (number == SIGABRT || (info != NULL && info->si_code <= 0)) raise(number);
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

// NULL where the signal has no handler that is told what happened.
static handler handler_of(int number) {
    struct sigaction found;
    if (sigaction(number, NULL, &found) != 0 || !(found.sa_flags & SA_SIGINFO)) return NULL;
    return found.sa_sigaction;
}

static handler at_load = NULL;

// What is there before main is the runtime's, also where it is linked statically.
__attribute__((constructor)) static void remember(void) { at_load = handler_of(SIGTRAP); }

bool crash_remove_backtracer(void) {
    if (getenv("SWIFT_BACKTRACE") != NULL) return false;
    handler swift = handler_of(SIGTRAP);
    Dl_info place;
    bool is_swift = swift != NULL && (swift == at_load || (dladdr((void *)swift, &place) != 0 && place.dli_fname != NULL &&
                                                           strstr(place.dli_fname, "libswiftCore") != NULL));
    if (!is_swift) return false;
    // It has one handler for all that it has not found handled or ignored.
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
    marker->mark = mark;
    memcpy(marker->instance, instance, length);
    marker->length = (uint32_t)length;
}

void crash_marker_enter(crash_marker *marker, const char *instance, size_t length) {
    give_stack();
    name(marker, 0, instance, length);
    current = marker;
}

void crash_marker_leave(crash_marker *marker) {
    current = NULL;
    if (marker->trial != 0) {
        marker->mark = crash_marker_not_inside;
    } else {
        marker->length = 0;
    }
}

void crash_marker_begin_trial(crash_marker *marker, const char *instance, size_t length) {
    name(marker, crash_marker_not_inside, instance, length);
    marker->trial = 1;
}

void crash_marker_end_trial(crash_marker *marker) {
    marker->trial = 0;
    marker->length = 0;
    marker->mark = 0;
}
