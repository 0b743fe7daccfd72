#pragma once

// The part of ADBC (Arrow Database Connectivity, https://arrow.apache.org/adbc) and of the Arrow C data and stream
// interfaces (https://arrow.apache.org/docs/format/CDataInterface.html) that the embedded analytics engine needs:
// layouts declared as the specifications give them, entry into a driver library, and thin call wrappers.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Arrow C data interface.

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

// ADBC. The driver table is the one of version 1.0 (1.1 appends to it); the error has the size of 1.1.

typedef uint8_t AdbcStatusCode;
struct AdbcDriver;

struct AdbcError {
    char *message;
    int32_t vendor_code;
    char sqlstate[5];
    void (*release)(struct AdbcError *error);
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcDatabase {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcConnection {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcStatement {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcDriver {
    void *private_data;
    void *private_manager;
    AdbcStatusCode (*release)(struct AdbcDriver *, struct AdbcError *);

    AdbcStatusCode (*DatabaseInit)(struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*DatabaseNew)(struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*DatabaseSetOption)(struct AdbcDatabase *, const char *, const char *, struct AdbcError *);
    AdbcStatusCode (*DatabaseRelease)(struct AdbcDatabase *, struct AdbcError *);

    AdbcStatusCode (*ConnectionCommit)(struct AdbcConnection *, struct AdbcError *);
    void *ConnectionGetInfo;
    void *ConnectionGetObjects;
    void *ConnectionGetTableSchema;
    void *ConnectionGetTableTypes;
    AdbcStatusCode (*ConnectionInit)(struct AdbcConnection *, struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*ConnectionNew)(struct AdbcConnection *, struct AdbcError *);
    AdbcStatusCode (*ConnectionSetOption)(struct AdbcConnection *, const char *, const char *, struct AdbcError *);
    void *ConnectionReadPartition;
    AdbcStatusCode (*ConnectionRelease)(struct AdbcConnection *, struct AdbcError *);
    void *ConnectionRollback;

    AdbcStatusCode (*StatementBind)(
        struct AdbcStatement *, struct ArrowArray *, struct ArrowSchema *, struct AdbcError *);
    void *StatementBindStream;
    AdbcStatusCode (*StatementExecuteQuery)(
        struct AdbcStatement *, struct ArrowArrayStream *, int64_t *, struct AdbcError *);
    void *StatementExecutePartitions;
    void *StatementGetParameterSchema;
    AdbcStatusCode (*StatementNew)(struct AdbcConnection *, struct AdbcStatement *, struct AdbcError *);
    void *StatementPrepare;
    AdbcStatusCode (*StatementRelease)(struct AdbcStatement *, struct AdbcError *);
    AdbcStatusCode (*StatementSetOption)(struct AdbcStatement *, const char *, const char *, struct AdbcError *);
    AdbcStatusCode (*StatementSetSqlQuery)(struct AdbcStatement *, const char *, struct AdbcError *);
    void *StatementSetSubstraitPlan;

    // Room for the members that later versions append.
    void *reserved[64];
};

// Opens a library for the whole process (RTLD_GLOBAL). Returns NULL, and a reason in `message`, when it cannot.
void *cadbc_open_global(const char *path, char *message, size_t message_size);

// Opens a driver library with its own symbols preferred (RTLD_DEEPBIND: its allocator and C++ runtime stay apart from
// the process's), watches its writes and fills in the driver table. Returns 0, or non-zero and a reason in `message`.
int cadbc_open_driver(const char *path, struct AdbcDriver *driver, char *message, size_t message_size);

// Makes a library whose writes go unchecked (chDB's) find out at the sync: its calls of write, sync and close are led
// through those below. Returns 0, or non-zero and a reason in `message`.
int cadbc_watch_writes(void *handle, char *message, size_t message_size);

// As the functions of the system, but a descriptor whose write failed cannot be synced, for the same reason, until it
// is closed.
ssize_t cadbc_write(int fd, const void *bytes, size_t size);
int cadbc_fdatasync(int fd);
int cadbc_fsync(int fd);
int cadbc_close(int fd);

// For tests: watched writes to files whose path contains `folder` fail as on a full disk, until it is called with NULL.
void cadbc_fail_writes(const char *folder);

// The process's handlers of the signals that a database library is known to take over, and the thread's signal mask.
struct cadbc_signals;
struct cadbc_signals *cadbc_signals_save(void);
// Puts handlers and mask back, and frees the record.
void cadbc_signals_restore(struct cadbc_signals *saved);

// Calls through the table. A driver that lacks a member answers 2 (not implemented).
AdbcStatusCode cadbc_database_new(struct AdbcDriver *, struct AdbcDatabase *, struct AdbcError *);
AdbcStatusCode cadbc_database_set(
    struct AdbcDriver *, struct AdbcDatabase *, const char *key, const char *value, struct AdbcError *);
AdbcStatusCode cadbc_database_init(struct AdbcDriver *, struct AdbcDatabase *, struct AdbcError *);
AdbcStatusCode cadbc_database_release(struct AdbcDriver *, struct AdbcDatabase *, struct AdbcError *);
AdbcStatusCode cadbc_connection_new(struct AdbcDriver *, struct AdbcConnection *, struct AdbcError *);
AdbcStatusCode cadbc_connection_init(
    struct AdbcDriver *, struct AdbcConnection *, struct AdbcDatabase *, struct AdbcError *);
AdbcStatusCode cadbc_connection_release(struct AdbcDriver *, struct AdbcConnection *, struct AdbcError *);
AdbcStatusCode cadbc_statement_new(
    struct AdbcDriver *, struct AdbcConnection *, struct AdbcStatement *, struct AdbcError *);
AdbcStatusCode cadbc_statement_set(
    struct AdbcDriver *, struct AdbcStatement *, const char *key, const char *value, struct AdbcError *);
AdbcStatusCode cadbc_statement_sql(struct AdbcDriver *, struct AdbcStatement *, const char *sql, struct AdbcError *);
AdbcStatusCode cadbc_statement_bind(
    struct AdbcDriver *, struct AdbcStatement *, struct ArrowArray *, struct ArrowSchema *, struct AdbcError *);
AdbcStatusCode cadbc_statement_execute(
    struct AdbcDriver *, struct AdbcStatement *, struct ArrowArrayStream *, struct AdbcError *);
AdbcStatusCode cadbc_statement_release(struct AdbcDriver *, struct AdbcStatement *, struct AdbcError *);
void cadbc_error_release(struct AdbcError *);

// Calls on Arrow structures.
int cadbc_stream_schema(struct ArrowArrayStream *, struct ArrowSchema *out);
int cadbc_stream_next(struct ArrowArrayStream *, struct ArrowArray *out);
const char *cadbc_stream_error(struct ArrowArrayStream *);
void cadbc_stream_release(struct ArrowArrayStream *);
void cadbc_schema_release(struct ArrowSchema *);
void cadbc_array_release(struct ArrowArray *);

// Building Arrow structures: zeroed, with room for children and buffers, everything allocated by malloc and freed by
// their own release. The node takes over buffers (malloc) that are stored into it. Abort on exhausted memory.
void cadbc_schema_make(struct ArrowSchema *schema, const char *format, const char *name, int64_t children);
void cadbc_array_make(struct ArrowArray *array, int64_t length, int64_t buffers, int64_t children);
