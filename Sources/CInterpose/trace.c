/* What was done, in its order: the input of a power cut. Layout: Trace.swift. */
#define _GNU_SOURCE
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int trace_file = -1;

/* Before each event; then two paths and the bytes. In the machine's order of bytes. */
struct header {
    uint32_t event, path_length, target_length, zero;
    uint64_t inode;
    int64_t number;
    uint64_t byte_count;
};

void open_trace(const char *path) {
    trace_file = (int)syscall(SYS_openat, AT_FDCWD, path,
                              O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (trace_file < 0) abort();
}

bool is_tracing(void) { return trace_file >= 0; }

/* A trace with a gap would accuse the wrong one: better no process. */
static void add(struct header header, const char *path, const char *target, const void *bytes) {
    if (trace_file < 0) return;
    int saved = errno;
    header.path_length = path ? (uint32_t)strlen(path) : 0;
    header.target_length = target ? (uint32_t)strlen(target) : 0;
    struct iovec parts[4] = {
        {&header, sizeof header}, {(void *)path, header.path_length},
        {(void *)target, header.target_length}, {(void *)bytes, header.byte_count}};
    size_t whole = sizeof header + header.path_length + header.target_length + header.byte_count;
    if (syscall(SYS_writev, trace_file, parts, 4) != (long)whole) abort();
    errno = saved;
}

static struct stat status_of(int descriptor) {
    struct stat status;
    int saved = errno;
    if (fstat(descriptor, &status) != 0) abort();
    errno = saved;
    return status;
}

static uint64_t inode_of(int descriptor) { return status_of(descriptor).st_ino; }

void trace_paths(enum event event, const char *path, const char *target, int64_t number) {
    add((struct header){.event = event, .number = number}, path, target, NULL);
}

void trace_inode(enum event event, int descriptor, int64_t number) {
    if (trace_file < 0) return;
    add((struct header){.event = event, .inode = inode_of(descriptor), .number = number}, NULL,
        NULL, NULL);
}

void trace_created(int descriptor, const char *path) {
    if (trace_file < 0) return;
    struct stat status = status_of(descriptor);
    add((struct header){.event = EVENT_CREATE, .inode = status.st_ino,
                        .number = status.st_mode & 0777},
        path, NULL, NULL);
}

void trace_made(const char *path) {
    struct stat status;
    if (trace_file < 0) return;
    if (stat(path, &status) != 0) abort();
    trace_paths(EVENT_MKDIR, path, NULL, status.st_mode & 0777);
}

void trace_write(int descriptor, const void *bytes, size_t count, int64_t offset) {
    if (trace_file < 0) return;
    add((struct header){.event = EVENT_WRITE, .inode = inode_of(descriptor), .number = offset,
                        .byte_count = count},
        NULL, NULL, bytes);
}

/* What the system copied by itself is read back from where it went. */
void trace_copied(int descriptor, size_t count, int64_t offset) {
    char path[PATH_MAX], block[65536];
    if (trace_file < 0) return;
    if (!path_of(descriptor, path)) abort();
    long source = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (source < 0) abort();
    while (count > 0) {
        size_t want = count < sizeof block ? count : sizeof block;
        long got = syscall(SYS_pread64, source, block, want, offset);
        if (got <= 0) abort();
        trace_write(descriptor, block, (size_t)got, offset);
        count -= (size_t)got;
        offset += got;
    }
    syscall(SYS_close, source);
}

void trace_output(const void *bytes, size_t count) {
    add((struct header){.event = EVENT_OUTPUT, .byte_count = count}, NULL, NULL, bytes);
}
