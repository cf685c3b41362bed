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

// Bytes that are read from front to back; `failed` once they ended too early.
typedef struct {
    const uint8_t *next;
    const uint8_t *end;
    bool failed;
} reader;

static uint8_t read_byte(reader *reader) {
    if (reader->next == reader->end) {
        reader->failed = true;
        return 0;
    }
    return *reader->next++;
}

static void skip(reader *reader, uint64_t count) {
    if (count > (uint64_t)(reader->end - reader->next)) reader->failed = true;
    else reader->next += count;
}

// SQLite's variable-length number: seven bits a byte, the first ones first, eight in the ninth.
static uint64_t read_number(reader *reader) {
    uint64_t value = 0;
    for (int count = 1; count <= 9; count++) {
        uint8_t byte = read_byte(reader);
        if (count == 9) return value << 8 | byte;
        value = value << 7 | (byte & 0x7f);
        if (!(byte & 0x80)) break;
    }
    return value;
}

static void skip_record(reader *reader, uint64_t columns) {
    for (uint64_t column = 0; column < columns && !reader->failed; column++) {
        switch (read_byte(reader)) {
        case 0: // not said
        case SQLITE_NULL: break;
        case SQLITE_INTEGER:
        case SQLITE_FLOAT: skip(reader, 8); break;
        case SQLITE_TEXT:
        case SQLITE_BLOB: skip(reader, read_number(reader)); break;
        default: reader->failed = true;
        }
    }
}

// A table: 'T', the number of columns, a byte for each, the name and a zero. Its rows: what was done, a byte, a record
// (two for an update).
bool session_check(const void *bytes, size_t size, int64_t *rows) {
    *rows = 0;
    if (size == 0) return true;
    reader reader = {bytes, (const uint8_t *)bytes + size, false};
    uint64_t columns = 0;
    while (reader.next < reader.end && !reader.failed) {
        uint8_t kind = read_byte(&reader);
        if (kind == 'T') {
            columns = read_number(&reader);
            skip(&reader, columns);
            while (!reader.failed && read_byte(&reader) != 0) {}
            if (columns == 0) return false;
            continue;
        }
        if (columns == 0 || (kind != SQLITE_INSERT && kind != SQLITE_UPDATE && kind != SQLITE_DELETE)) return false;
        read_byte(&reader);
        skip_record(&reader, columns);
        if (kind == SQLITE_UPDATE) skip_record(&reader, columns);
        *rows += 1;
    }
    return !reader.failed;
}

int session_changes(sqlite3_session *session, void **bytes, size_t *size, int64_t *rows) {
    *bytes = NULL;
    *size = 0;
    int length = 0;
    int code = sqlite3session_changeset(session, &length, bytes);
    if (code == SQLITE_OK && !session_check(*bytes, (size_t)length, rows)) code = SQLITE_INTERNAL;
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
    int64_t rows = 0;
    if (!session_check(bytes, size, &rows)) return SQLITE_CORRUPT;
    application application = {tables, count, outcome};
    sqlite3_int64 before = sqlite3_total_changes64(database);
    // SQLite only reads the bytes, whatever it says in its header.
    int code = sqlite3changeset_apply(database, (int)size, (void *)bytes, is_expected, refuse, &application);
    outcome->applied = sqlite3_total_changes64(database) - before;
    return code;
}
