#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A small mapped file that names the instance whose orchestrator runs right now on one partition's thread, and says
// afterwards whether the process died in it by a trap. Being mapped, it survives the process without a system call
// per turn.
//
//   enter ── turn ── leave         a plain kill -9 in between leaves the name and no mark
//     ├─ SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT on the same thread sets the mark, then the signal takes its course
//     └─ a watchdog, from a thread of its own, sets another mark before it ends the process
//
// In a trial, whose turns are counted beforehand as the process's last, the name stays while none of them runs too, under a
// mark that says so.

#define CRASH_MARKER_CAPACITY 1032

enum { crash_marker_trapped = 1, crash_marker_timed_out = 2, crash_marker_not_inside = 3 };

typedef struct crash_marker {
    uint32_t magic;
    volatile uint32_t mark;
    volatile uint32_t length;
    /// Whether turns are counted beforehand.
    volatile uint32_t trial;
    /// The ownership that the turn belongs to.
    volatile int64_t epoch;
    char instance[CRASH_MARKER_CAPACITY];
} crash_marker;

/// Maps the file, creating it when there is none; its place on the disk is taken now, since a full disk later would end
/// the process with SIGBUS. NULL with errno set on failure.
crash_marker *crash_marker_open(const char *path);
void crash_marker_close(crash_marker *marker);

/// Takes away the handlers with which Swift's runtime prints a backtrace: for up to half a minute they keep a process that
/// has trapped, and with it its sockets, so that its broker and its peers take it for alive. Left where SWIFT_BACKTRACE is
/// set, and those of others are left always. Call it before crash_marker_install_handlers. True when they were taken away.
bool crash_remove_backtracer(void);

/// Installs the handlers, once per process, in front of those that are there.
void crash_marker_install_handlers(void);

/// The calling thread enters a turn of this instance. Names longer than the capacity are cut.
void crash_marker_enter(crash_marker *marker, const char *instance, size_t length);
void crash_marker_leave(crash_marker *marker);

/// Turns of this instance are about to be counted beforehand.
void crash_marker_begin_trial(crash_marker *marker, const char *instance, size_t length);
/// They count no more.
void crash_marker_end_trial(crash_marker *marker);
