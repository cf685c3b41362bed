#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A small file that names the instance whose orchestrator runs right now on one partition's thread, and says afterwards
// whether the process died in it by a trap. What is written survives the process without being synced. It is written
// rather than mapped: truncating a mapped file would kill the process.
//
//   enter ── turn ── leave         a plain kill -9 in between leaves the name and no mark
//     ├─ SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT on the same thread sets the mark, then the signal takes its course
//     └─ a watchdog, from a thread of its own, sets another mark before it ends the process
//
// In a trial, whose turns are counted in advance as the process's last, the name also stays between turns, under a mark
// that says so.

#define CRASH_MARKER_CAPACITY 1032

enum { crash_marker_trapped = 1, crash_marker_timed_out = 2, crash_marker_not_inside = 3 };

/// What the file holds.
typedef struct crash_marker_state {
    uint32_t magic;
    volatile uint32_t mark;
    volatile uint32_t length;
    /// Whether turns are counted in advance.
    volatile uint32_t trial;
    /// The epoch that the turn belongs to.
    volatile int64_t epoch;
    char instance[CRASH_MARKER_CAPACITY];
} crash_marker_state;

typedef struct crash_marker {
    /// A copy of what the file holds, unless the file was changed from outside. Read-only: the functions below write
    /// both.
    crash_marker_state state;
    int file;
} crash_marker;

/// Opens the file, creating it when there is none; its disk space is allocated now, so that it can be written when the
/// disk is full. NULL with errno set on failure.
crash_marker *crash_marker_open(const char *path);
void crash_marker_close(crash_marker *marker);

/// Removes the handlers with which Swift's runtime prints a backtrace: for up to half a minute they keep a trapped
/// process and its sockets, so that the broker and peers believe it is alive. They stay when SWIFT_BACKTRACE is set,
/// and handlers of others always stay. Call it before crash_marker_install_handlers. True when they were removed.
bool crash_remove_backtracer(void);

/// Installs the handlers, once per process, in front of existing ones.
void crash_marker_install_handlers(void);

/// The calling thread enters a turn of this instance. Names longer than the capacity are cut.
void crash_marker_enter(crash_marker *marker, const char *instance, size_t length);
void crash_marker_leave(crash_marker *marker);

/// Turns of this instance will be counted in advance from now on.
void crash_marker_begin_trial(crash_marker *marker, const char *instance, size_t length);
/// They are no longer counted.
void crash_marker_end_trial(crash_marker *marker);

void crash_marker_set_epoch(crash_marker *marker, int64_t epoch);
void crash_marker_set_mark(crash_marker *marker, uint32_t mark);
