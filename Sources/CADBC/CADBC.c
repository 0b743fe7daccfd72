#define _GNU_SOURCE
#include "CADBC.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef RTLD_DEEPBIND
#define RTLD_DEEPBIND 0
#endif

enum { ADBC_VERSION_1_0_0 = 1000000, ADBC_STATUS_NOT_IMPLEMENTED = 2 };

// MARK: Libraries

static void explain(char *message, size_t size) {
    const char *reason = dlerror();
    snprintf(message, size, "%s", reason ? reason : "unknown reason");
}

void *cadbc_open_global(const char *path, char *message, size_t message_size) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!handle) explain(message, message_size);
    return handle;
}

int cadbc_open_driver(const char *path, struct AdbcDriver *driver, char *message, size_t message_size) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (!handle) {
        explain(message, message_size);
        return 1;
    }
    if (cadbc_watch_writes(handle, message, message_size) != 0) return 1;
    AdbcStatusCode (*init)(int, void *, struct AdbcError *) = NULL;
    *(void **)&init = dlsym(handle, "AdbcDriverInit");
    if (!init) {
        explain(message, message_size);
        return 1;
    }
    struct AdbcError error = {0};
    memset(driver, 0, sizeof(*driver));
    AdbcStatusCode status = init(ADBC_VERSION_1_0_0, driver, &error);
    if (status != 0) {
        snprintf(message, message_size, "%s", error.message ? error.message : "the driver refused to start");
        cadbc_error_release(&error);
        return 1;
    }
    return 0;
}

// MARK: Signals

// The signals whose handlers the engine replaces. Those that end a process in order (TERM, INT, HUP) it leaves alone.
static const int watched[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGTSTP, SIGSYS};
enum { WATCHED = sizeof(watched) / sizeof(watched[0]) };

struct cadbc_signals {
    struct sigaction actions[WATCHED];
    sigset_t mask;
};

struct cadbc_signals *cadbc_signals_save(void) {
    struct cadbc_signals *saved = calloc(1, sizeof(*saved));
    if (!saved) abort();
    for (int i = 0; i < WATCHED; i++) sigaction(watched[i], NULL, &saved->actions[i]);
    pthread_sigmask(SIG_SETMASK, NULL, &saved->mask);
    return saved;
}

void cadbc_signals_restore(struct cadbc_signals *saved) {
    for (int i = 0; i < WATCHED; i++) sigaction(watched[i], &saved->actions[i], NULL);
    pthread_sigmask(SIG_SETMASK, &saved->mask, NULL);
    free(saved);
}

// MARK: Driver calls

#define CALL(member, ...) (driver->member ? driver->member(__VA_ARGS__) : ADBC_STATUS_NOT_IMPLEMENTED)

AdbcStatusCode cadbc_database_new(struct AdbcDriver *driver, struct AdbcDatabase *database, struct AdbcError *error) {
    memset(database, 0, sizeof(*database));
    return CALL(DatabaseNew, database, error);
}

AdbcStatusCode cadbc_database_set(
    struct AdbcDriver *driver, struct AdbcDatabase *database, const char *key, const char *value,
    struct AdbcError *error) {
    return CALL(DatabaseSetOption, database, key, value, error);
}

AdbcStatusCode cadbc_database_init(struct AdbcDriver *driver, struct AdbcDatabase *database, struct AdbcError *error) {
    return CALL(DatabaseInit, database, error);
}

AdbcStatusCode cadbc_database_release(
    struct AdbcDriver *driver, struct AdbcDatabase *database, struct AdbcError *error) {
    return CALL(DatabaseRelease, database, error);
}

AdbcStatusCode cadbc_connection_new(
    struct AdbcDriver *driver, struct AdbcConnection *connection, struct AdbcError *error) {
    memset(connection, 0, sizeof(*connection));
    return CALL(ConnectionNew, connection, error);
}

AdbcStatusCode cadbc_connection_init(
    struct AdbcDriver *driver, struct AdbcConnection *connection, struct AdbcDatabase *database,
    struct AdbcError *error) {
    return CALL(ConnectionInit, connection, database, error);
}

AdbcStatusCode cadbc_connection_release(
    struct AdbcDriver *driver, struct AdbcConnection *connection, struct AdbcError *error) {
    return CALL(ConnectionRelease, connection, error);
}

AdbcStatusCode cadbc_statement_new(
    struct AdbcDriver *driver, struct AdbcConnection *connection, struct AdbcStatement *statement,
    struct AdbcError *error) {
    memset(statement, 0, sizeof(*statement));
    return CALL(StatementNew, connection, statement, error);
}

AdbcStatusCode cadbc_statement_set(
    struct AdbcDriver *driver, struct AdbcStatement *statement, const char *key, const char *value,
    struct AdbcError *error) {
    return CALL(StatementSetOption, statement, key, value, error);
}

AdbcStatusCode cadbc_statement_sql(
    struct AdbcDriver *driver, struct AdbcStatement *statement, const char *sql, struct AdbcError *error) {
    return CALL(StatementSetSqlQuery, statement, sql, error);
}

AdbcStatusCode cadbc_statement_bind(
    struct AdbcDriver *driver, struct AdbcStatement *statement, struct ArrowArray *array, struct ArrowSchema *schema,
    struct AdbcError *error) {
    return CALL(StatementBind, statement, array, schema, error);
}

AdbcStatusCode cadbc_statement_execute(
    struct AdbcDriver *driver, struct AdbcStatement *statement, struct ArrowArrayStream *stream,
    struct AdbcError *error) {
    if (stream) memset(stream, 0, sizeof(*stream));
    int64_t rows = -1;
    return CALL(StatementExecuteQuery, statement, stream, &rows, error);
}

AdbcStatusCode cadbc_statement_release(
    struct AdbcDriver *driver, struct AdbcStatement *statement, struct AdbcError *error) {
    return CALL(StatementRelease, statement, error);
}

void cadbc_error_release(struct AdbcError *error) {
    if (error->release) error->release(error);
    memset(error, 0, sizeof(*error));
}

// MARK: Arrow calls

int cadbc_stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    memset(out, 0, sizeof(*out));
    return stream->get_schema ? stream->get_schema(stream, out) : 1;
}

int cadbc_stream_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    memset(out, 0, sizeof(*out));
    return stream->get_next ? stream->get_next(stream, out) : 1;
}

const char *cadbc_stream_error(struct ArrowArrayStream *stream) {
    return stream->get_last_error ? stream->get_last_error(stream) : NULL;
}

void cadbc_stream_release(struct ArrowArrayStream *stream) {
    if (stream->release) stream->release(stream);
    stream->release = NULL;
}

void cadbc_schema_release(struct ArrowSchema *schema) {
    if (schema->release) schema->release(schema);
    schema->release = NULL;
}

void cadbc_array_release(struct ArrowArray *array) {
    if (array->release) array->release(array);
    array->release = NULL;
}

// MARK: Arrow building

static void *zeroed(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (!memory) abort();
    return memory;
}

static char *copied(const char *text) {
    char *copy = strdup(text);
    if (!copy) abort();
    return copy;
}

static void release_schema(struct ArrowSchema *schema) {
    for (int64_t i = 0; i < schema->n_children; i++) {
        cadbc_schema_release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    free((void *)schema->format);
    free((void *)schema->name);
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array) {
    for (int64_t i = 0; i < array->n_children; i++) {
        cadbc_array_release(array->children[i]);
        free(array->children[i]);
    }
    for (int64_t i = 0; i < array->n_buffers; i++) free((void *)array->buffers[i]);
    free(array->children);
    free(array->buffers);
    array->release = NULL;
}

void cadbc_schema_make(struct ArrowSchema *schema, const char *format, const char *name, int64_t children) {
    memset(schema, 0, sizeof(*schema));
    schema->format = copied(format);
    schema->name = copied(name);
    schema->n_children = children;
    schema->children = zeroed((size_t)children, sizeof(*schema->children));
    for (int64_t i = 0; i < children; i++) schema->children[i] = zeroed(1, sizeof(struct ArrowSchema));
    schema->release = release_schema;
}

void cadbc_array_make(struct ArrowArray *array, int64_t length, int64_t buffers, int64_t children) {
    memset(array, 0, sizeof(*array));
    array->length = length;
    array->n_buffers = buffers;
    array->n_children = children;
    array->buffers = zeroed((size_t)buffers, sizeof(*array->buffers));
    array->children = zeroed((size_t)children, sizeof(*array->children));
    for (int64_t i = 0; i < children; i++) array->children[i] = zeroed(1, sizeof(struct ArrowArray));
    array->release = release_array;
}
