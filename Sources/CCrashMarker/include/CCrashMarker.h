#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A small mapped file that names the instance whose orchestrator runs right now on one partition's thread, and says
// afterwards whether the process died in it by a trap. Being mapped, it survives the process without a system call
// per turn.
//
//   enter ── turn ── leave         a plain kill -9 in between leaves the name and no mark
//     └─ SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT on the same thread sets the mark, then the signal takes its course

#define CRASH_MARKER_CAPACITY 1032

typedef struct crash_marker {
    uint32_t magic;
    volatile uint32_t trapped;
    volatile uint32_t length;
    char instance[CRASH_MARKER_CAPACITY];
} crash_marker;

/// Maps the file, creating it when there is none. NULL with errno set on failure.
crash_marker *crash_marker_open(const char *path);
void crash_marker_close(crash_marker *marker);

/// Installs the handlers, once per process, in front of those that are there.
void crash_marker_install_handlers(void);

/// The calling thread enters a turn of this instance. Names longer than the capacity are cut.
void crash_marker_enter(crash_marker *marker, const char *instance, size_t length);
void crash_marker_leave(crash_marker *marker);
