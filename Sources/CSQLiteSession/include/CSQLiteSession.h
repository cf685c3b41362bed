#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// SQLite's session extension, as far as a log needs it: the changes of one transaction become bytes, and the bytes are
// applied to a copy, completely or not at all.
//
//   session_begin ── writes ── session_changes ── session_end          (recording costs nothing while there is none)
//
// Every int that is returned is a result code of SQLite.

struct sqlite3;
struct sqlite3_session;

/// Begins to record what happens to these tables of the connection. `*session` is NULL unless the code is 0.
int session_begin(
    struct sqlite3 *database, const char *const *tables, size_t count, struct sqlite3_session **session);

/// What was recorded so far, which session_free frees, and how many rows it changes.
int session_changes(struct sqlite3_session *session, void **bytes, size_t *size, int64_t *rows);
void session_free(void *bytes);

/// Call it before the connection is closed. NULL is ignored.
void session_end(struct sqlite3_session *session);

/// Whether all of these bytes are changes, and of how many rows. SQLite must not be given any others:
/// measured with 3.40, it reads on forever where they end too early, and at no address where a row does not say which
/// it is. So rows that are inserted or deleted must be whole, and updates name their row.
bool session_check(const void *bytes, size_t size, int64_t *rows);

/// The outcome of applying changes.
typedef struct {
    /// Rows that were inserted, updated or deleted.
    int64_t applied;
    /// 1 when a row was not as the changes expect it: the first conflict ends everything.
    int64_t conflicts;
    /// Tables in the changes that were not expected.
    int64_t strangers;
} session_outcome;

/// Applies changes. Any conflict, of whatever kind, rolls everything back and is SQLITE_ABORT.
///
/// Bytes that are not changes, or that change one of these tables with different columns or another primary key than it
/// has here, are SQLITE_CORRUPT. SQLite silently skips a table that is missing or has another form: `applied` is then
/// less than the rows of the changes, and the caller has to roll the rest back.
int session_apply(
    struct sqlite3 *database, const char *const *tables, size_t count, const void *bytes, size_t size,
    session_outcome *outcome);
