#define _GNU_SOURCE
#include "CCrashMarker.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
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

/// Whose page this thread is about to write to.
static _Thread_local crash_marker *volatile touched = NULL;

static bool write_file(crash_marker *marker) {
    return pwrite(marker->file, &marker->state, sizeof marker->state, 0) == sizeof marker->state;
}

crash_marker *crash_marker_open(const char *path) {
    crash_marker *marker = calloc(1, sizeof *marker);
    if (marker == NULL) return NULL;
    marker->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int error = errno;
    if (marker->file >= 0) {
        crash_marker_state *found = &marker->state;
        ssize_t size = pread(marker->file, found, sizeof *found, 0);
        if (size != sizeof *found || found->magic != magic || found->length > CRASH_MARKER_CAPACITY) {
            memset(found, 0, sizeof *found);
            found->magic = magic;
        }
        error = posix_fallocate(marker->file, 0, sizeof *found);
        if (error == 0 && write_file(marker)) {
            marker->page = mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED, marker->file, 0);
            if (marker->page != MAP_FAILED) return marker;
        }
        if (error == 0) error = errno;
        close(marker->file);
    }
    free(marker);
    errno = error;
    return NULL;
}

void crash_marker_close(crash_marker *marker) {
    munmap(marker->page, sizeof *marker->page);
    close(marker->file);
    free(marker);
}

static void begin(crash_marker *marker) {
    touched = marker;
    atomic_signal_fence(memory_order_seq_cst);
}

static void end(crash_marker *marker) {
    atomic_signal_fence(memory_order_seq_cst);
    touched = NULL;
    marker->faults = 0;
}

// Async-signal-safe: pwrite, and mmap, which is nothing but its system call. Afterwards the page can be written to.
static void heal(crash_marker *marker) {
    int error = errno;
    // A disk that is full, or broken: until it is not, turns are marked for nobody.
    if (marker->faults++ >= 3 || !write_file(marker)) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
        if (mmap(marker->page, sizeof *marker->page, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) abort();
        marker->is_detached = true;
    }
    errno = error;
}

static void attach_again(crash_marker *marker) {
    if (!write_file(marker)) return;
    int flags = MAP_SHARED | MAP_FIXED;
    void *page = mmap(marker->page, sizeof *marker->page, PROT_READ | PROT_WRITE, flags, marker->file, 0);
    marker->is_detached = page == MAP_FAILED;
}

static bool is_in_page(const void *address, const crash_marker *marker) {
    uintptr_t first = (uintptr_t)marker->page;
    return (uintptr_t)address >= first && (uintptr_t)address < first + sizeof *marker->page;
}

// Async-signal-safe: stores to mapped memory, sigaction, raise, and heal.
static void on_signal(int number, siginfo_t *info, void *context) {
    (void)context;
    crash_marker *marker = touched;
    if (number == SIGBUS && marker != NULL && info->si_code > 0 && is_in_page(info->si_addr, marker)) {
        heal(marker);
        return;
    }
    if (current != NULL && current->state.length != 0) crash_marker_set_mark(current, crash_marker_trapped);
    for (int i = 0; i < signal_count; i++) {
        if (signals[i] == number) sigaction(number, &previous[i], NULL);
    }
    // A fault happens again on return and meets the handler that was there before; a signal that was sent is sent anew.
    if (number == SIGABRT || info->si_code <= 0) raise(number);
}

static void install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < signal_count; i++) {
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        // Also while one is handled that is not the page's: the mark that is set then may need healing itself.
        if (signals[i] == SIGBUS) action.sa_flags |= SA_NODEFER;
        sigaction(signals[i], &action, &previous[i]);
    }
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

// Everything each time: whoever emptied the file meanwhile has emptied it until here.
static void write_page(crash_marker *marker) {
    if (marker->is_detached) attach_again(marker);
    begin(marker);
    const crash_marker_state *state = &marker->state;
    crash_marker_state *page = marker->page;
    page->magic = state->magic;
    page->mark = state->mark;
    page->trial = state->trial;
    page->epoch = state->epoch;
    memcpy(page->instance, state->instance, state->length);
    page->length = state->length;
    end(marker);
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
    write_page(marker);
    current = marker;
}

void crash_marker_leave(crash_marker *marker) {
    current = NULL;
    if (marker->state.trial != 0) {
        marker->state.mark = crash_marker_not_inside;
    } else {
        marker->state.length = 0;
    }
    begin(marker);
    marker->page->mark = marker->state.mark;
    marker->page->length = marker->state.length;
    end(marker);
}

void crash_marker_begin_trial(crash_marker *marker, const char *instance, size_t length) {
    name(marker, crash_marker_not_inside, instance, length);
    marker->state.trial = 1;
    write_page(marker);
}

void crash_marker_end_trial(crash_marker *marker) {
    marker->state.trial = 0;
    marker->state.length = 0;
    marker->state.mark = 0;
    write_page(marker);
}

void crash_marker_set_epoch(crash_marker *marker, int64_t epoch) {
    marker->state.epoch = epoch;
    write_page(marker);
}

void crash_marker_set_mark(crash_marker *marker, uint32_t mark) {
    marker->state.mark = mark;
    begin(marker);
    marker->page->mark = mark;
    end(marker);
}
