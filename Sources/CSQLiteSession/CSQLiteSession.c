#define SQLITE_ENABLE_SESSION
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include "CSQLiteSession.h"

#include <limits.h>
#include <sqlite3.h>
#include <string.h>

int session_begin(sqlite3 *database, const char *const *tables, size_t count, sqlite3_session **session) {
    *session = NULL;
    sqlite3_session *begun = NULL;
    int code = sqlite3session_create(database, "main", &begun);
    for (size_t index = 0; code == SQLITE_OK && index < count; index++) {
        code = sqlite3session_attach(begun, tables[index]);
    }
    if (code != SQLITE_OK) {
        session_end(begun);
        return code;
    }
    *session = begun;
    return SQLITE_OK;
}

void session_end(sqlite3_session *session) {
    if (session) sqlite3session_delete(session);
}

static int count_rows(void *bytes, int size, int64_t *rows) {
    *rows = 0;
    sqlite3_changeset_iter *iterator = NULL;
    int code = sqlite3changeset_start(&iterator, size, bytes);
    if (code != SQLITE_OK) return code;
    while (sqlite3changeset_next(iterator) == SQLITE_ROW) *rows += 1;
    // Also says what ended the loop.
    return sqlite3changeset_finalize(iterator);
}

int session_changes(sqlite3_session *session, void **bytes, size_t *size, int64_t *rows) {
    *bytes = NULL;
    *size = 0;
    int length = 0;
    int code = sqlite3session_changeset(session, &length, bytes);
    if (code == SQLITE_OK) code = count_rows(*bytes, length, rows);
    if (code != SQLITE_OK) {
        session_free(*bytes);
        *bytes = NULL;
        return code;
    }
    *size = (size_t)length;
    return SQLITE_OK;
}

void session_free(void *bytes) { sqlite3_free(bytes); }

typedef struct {
    const char *const *tables;
    size_t count;
    session_outcome *outcome;
} application;

static int is_expected(void *context, const char *table) {
    application *application = context;
    for (size_t index = 0; index < application->count; index++) {
        if (strcmp(application->tables[index], table) == 0) return 1;
    }
    application->outcome->strangers += 1;
    return 0;
}

static int refuse(void *context, int kind, sqlite3_changeset_iter *change) {
    (void)kind;
    (void)change;
    ((application *)context)->outcome->conflicts += 1;
    return SQLITE_CHANGESET_ABORT;
}

int session_apply(
    sqlite3 *database, const char *const *tables, size_t count, const void *bytes, size_t size,
    session_outcome *outcome) {
    memset(outcome, 0, sizeof *outcome);
    if (size > INT_MAX) return SQLITE_TOOBIG;
    application application = {tables, count, outcome};
    sqlite3_int64 before = sqlite3_total_changes64(database);
    // SQLite only reads the bytes, whatever it says in its header.
    int code = sqlite3changeset_apply(database, (int)size, (void *)bytes, is_expected, refuse, &application);
    outcome->applied = sqlite3_total_changes64(database) - before;
    return code;
}
