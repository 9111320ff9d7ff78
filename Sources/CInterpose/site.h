/* What the parts of the library share. */
#ifndef HANQING_SITE_H
#define HANQING_SITE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Nothing but the system's calls is seen from outside. */
#pragma GCC visibility push(hidden)

enum kind {
    KIND_OPEN, KIND_CREATE, KIND_WRITE, KIND_SYNC, KIND_RENAME, KIND_TRUNCATE, KIND_MKDIR,
    KIND_UNLINK, KIND_CHMOD, KIND_COUNT
};

enum how {
    HOW_WELL, HOW_FAIL, HOW_AFTER, HOW_SHORT, HOW_TORN, HOW_KILL_BEFORE, HOW_KILL_AFTER,
    HOW_FULL, HOW_DEAD
};

/* One call beneath the folder, from its beginning to its end; it holds the one lock. */
struct site {
    enum kind kind;
    enum how how;
    char path[PATH_MAX];
};

/* What is written to the trace; the numbers are read by Trace.swift. */
enum event {
    EVENT_CREATE = 1, EVENT_WRITE, EVENT_TRUNCATE, EVENT_SYNC, EVENT_SYNC_FOLDER, EVENT_RENAME,
    EVENT_UNLINK, EVENT_MKDIR, EVENT_RMDIR, EVENT_LINK, EVENT_OUTPUT, EVENT_CHMOD
};

/* site.c: whether a call is ours, and how it shall go. */
bool full_path(int folder, const char *path, char *full);
bool path_of(int descriptor, char *path);
bool is_beneath(const char *path);
bool enter(struct site *site, enum kind kind, const char *full);
bool enter_descriptor(struct site *site, enum kind kind, int descriptor);
bool is_refused(const struct site *site);
long leave(struct site *site, long result);
size_t share(const struct site *site, size_t count);
const char *boot_id_file(const char *path);
bool is_lazy(void);

/* trace.c: each adds one event if there is a trace; the lock is held. */
void open_trace(const char *path);
bool is_tracing(void);
void trace_paths(enum event event, const char *path, const char *target, int64_t number);
void trace_inode(enum event event, int descriptor, int64_t number);
void trace_created(int descriptor, const char *path);
void trace_made(const char *path);
void trace_write(int descriptor, const void *bytes, size_t count, int64_t offset);
void trace_copied(int descriptor, size_t count, int64_t offset);
void trace_output(const void *bytes, size_t count);

/* One lock for all, so that the trace has the order in which things were done. */
void lock_all(void);
void unlock_all(void);

#pragma GCC visibility pop

#endif
