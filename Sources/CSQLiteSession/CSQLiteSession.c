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

// Bytes that are read from front to back; `failed` if they ended too early.
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

// Reads a value, and gives its type: 0 when it is not said.
static uint8_t skip_value(reader *reader) {
    uint8_t type = read_byte(reader);
    switch (type) {
    case 0:
    case SQLITE_NULL: break;
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: skip(reader, 8); break;
    case SQLITE_TEXT:
    case SQLITE_BLOB: skip(reader, read_number(reader)); break;
    default: reader->failed = true;
    }
    return type;
}

// The table whose rows are being read. More columns than SQLite can have are refused.
enum { columns_at_most = 2000 };
typedef struct {
    uint64_t columns;
    const uint8_t *keys; // a byte a column: not 0 in the primary key
} table;

// A row that is inserted or deleted has all its columns; SQLite reads them unasked.
static bool check_row(reader *reader, const table *table) {
    for (uint64_t column = 0; column < table->columns && !reader->failed; column++) {
        uint8_t type = skip_value(reader);
        if (type == 0 || (table->keys[column] && type == SQLITE_NULL)) return false;
    }
    return true;
}

// An update has the key among its old values and not among its new ones, and both of each other column or neither.
static bool check_update(reader *reader, const table *table) {
    bool said[columns_at_most];
    for (uint64_t column = 0; column < table->columns && !reader->failed; column++) {
        uint8_t type = skip_value(reader);
        said[column] = type != 0;
        if (table->keys[column] && (type == 0 || type == SQLITE_NULL)) return false;
    }
    for (uint64_t column = 0; column < table->columns && !reader->failed; column++) {
        bool is_new = skip_value(reader) != 0;
        if (is_new != (said[column] && !table->keys[column])) return false;
    }
    return true;
}

// Whether the table has these columns, and this primary key, in the database.
static bool has_form(sqlite3 *database, const char *name, const table *table) {
    char *query = sqlite3_mprintf("SELECT * FROM main.\"%w\"", name);
    sqlite3_stmt *statement = NULL;
    bool fits = query && sqlite3_prepare_v2(database, query, -1, &statement, NULL) == SQLITE_OK
        && (uint64_t)sqlite3_column_count(statement) == table->columns;
    for (int column = 0; fits && (uint64_t)column < table->columns; column++) {
        int is_key = 0;
        int code = sqlite3_table_column_metadata(
            database, "main", name, sqlite3_column_name(statement, column), NULL, NULL, NULL, &is_key, NULL);
        fits = code == SQLITE_OK && (is_key != 0) == (table->keys[column] != 0);
    }
    sqlite3_finalize(statement);
    sqlite3_free(query);
    return fits;
}

static bool is_named(const char *const *tables, size_t count, const char *name) {
    for (size_t index = 0; index < count; index++) {
        if (strcmp(tables[index], name) == 0) return true;
    }
    return false;
}

// A table: 'T', the number of columns, a byte for each, the name and a zero. Its rows: what was done, a byte, a record
// (two for an update).
//
// With a database, those in `tables` must have the form they have there. Other tables do not belong here: applying
// the changes counts and skips them.
static bool check(
    sqlite3 *database, const char *const *tables, size_t count, const void *bytes, size_t size, int64_t *rows) {
    *rows = 0;
    if (size == 0) return true;
    reader reader = {bytes, (const uint8_t *)bytes + size, false};
    table table = {0, NULL};
    while (reader.next < reader.end && !reader.failed) {
        uint8_t kind = read_byte(&reader);
        if (kind == 'T') {
            table.columns = read_number(&reader);
            table.keys = reader.next;
            skip(&reader, table.columns);
            const char *name = (const char *)reader.next;
            while (!reader.failed && read_byte(&reader) != 0) {}
            if (reader.failed || table.columns == 0 || table.columns > columns_at_most) return false;
            bool has_key = false;
            for (uint64_t column = 0; column < table.columns; column++) has_key = has_key || table.keys[column];
            if (!has_key) return false;
            if (database && is_named(tables, count, name) && !has_form(database, name, &table)) return false;
            continue;
        }
        if (table.columns == 0 || (kind != SQLITE_INSERT && kind != SQLITE_UPDATE && kind != SQLITE_DELETE)) return false;
        read_byte(&reader);
        bool is_whole = kind == SQLITE_UPDATE ? check_update(&reader, &table) : check_row(&reader, &table);
        if (!is_whole) return false;
        *rows += 1;
    }
    return !reader.failed;
}

bool session_check(const void *bytes, size_t size, int64_t *rows) { return check(NULL, NULL, 0, bytes, size, rows); }

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
    if (is_named(application->tables, application->count, table)) return 1;
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
    if (!check(database, tables, count, bytes, size, &rows)) return SQLITE_CORRUPT;
    application application = {tables, count, outcome};
    sqlite3_int64 before = sqlite3_total_changes64(database);
    // SQLite only reads the bytes, whatever its header says.
    int code = sqlite3changeset_apply(database, (int)size, (void *)bytes, is_expected, refuse, &application);
    outcome->applied = sqlite3_total_changes64(database) - before;
    return code;
}
