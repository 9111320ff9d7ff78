/* The calls on open files. */
#define _GNU_SOURCE
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Opening. */

static int raw_open(int folder, const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

static void trace_opened(int descriptor, const char *path, int flags, bool is_new) {
    struct stat status;
    if (!is_tracing() || fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return;
    if (is_new) trace_created(descriptor, path);
    else if (flags & O_TRUNC) trace_inode(EVENT_TRUNCATE, descriptor, 0);
}

static int open_any(int folder, const char *path, int flags, mode_t mode) {
    struct site site;
    const char *stand_in = path ? boot_id_file(path) : NULL;
    if (stand_in) return raw_open(AT_FDCWD, stand_in, O_RDONLY | O_CLOEXEC, 0);
    enum kind kind = flags & (O_CREAT | O_TRUNC) ? KIND_CREATE : KIND_OPEN;
    if (!full_path(folder, path, site.path) || !enter(&site, kind, site.path))
        return raw_open(folder, path, flags, mode);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int saved = errno;
    bool is_new = flags & O_CREAT && syscall(SYS_faccessat, AT_FDCWD, site.path, F_OK) != 0;
    errno = saved;
    int descriptor = raw_open(folder, path, flags, mode);
    if (descriptor >= 0) trace_opened(descriptor, site.path, flags, is_new);
    if (descriptor >= 0 && site.how == HOW_AFTER) syscall(SYS_close, descriptor);
    return (int)leave(&site, descriptor);
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode_t mode = mode_of(flags, arguments); \
        va_end(arguments); \
        return open_any(AT_FDCWD, path, flags, mode); \
    }
#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode_t mode = mode_of(flags, arguments); \
        va_end(arguments); \
        return open_any(folder, path, flags, mode); \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int creat(const char *path, mode_t mode) {
    return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* Writing. */

static ssize_t print_out(const void *bytes, size_t count) {
    lock_all();
    ssize_t done = syscall(SYS_write, STDOUT_FILENO, bytes, count);
    if (done > 0) trace_output(bytes, (size_t)done);
    unlock_all();
    return done;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    struct site site;
    if (!enter_descriptor(&site, KIND_WRITE, descriptor)) {
        if (descriptor == STDOUT_FILENO && is_tracing()) return print_out(bytes, count);
        return syscall(SYS_write, descriptor, bytes, count);
    }
    if (is_refused(&site)) return leave(&site, -1);
    ssize_t done = syscall(SYS_write, descriptor, bytes, share(&site, count));
    if (done > 0) {
        off_t end = lseek(descriptor, 0, SEEK_CUR);
        trace_write(descriptor, bytes, (size_t)done, end - done);
    }
    return leave(&site, done);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    struct site site;
    if (!enter_descriptor(&site, KIND_WRITE, descriptor))
        return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
    if (is_refused(&site)) return leave(&site, -1);
    ssize_t done = syscall(SYS_pwrite64, descriptor, bytes, share(&site, count), offset);
    if (done > 0) trace_write(descriptor, bytes, (size_t)done, offset);
    return leave(&site, done);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return pwrite(descriptor, bytes, count, offset);
}

/* Part by part, which is a short write in the worst case. */
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    char path[PATH_MAX];
    if (!path_of(descriptor, path) || !is_beneath(path))
        return syscall(SYS_writev, descriptor, parts, count);
    ssize_t total = 0;
    for (int i = 0; i < count; i++) {
        ssize_t done = write(descriptor, parts[i].iov_base, parts[i].iov_len);
        if (done < 0) return total > 0 ? total : -1;
        total += done;
        if ((size_t)done < parts[i].iov_len) break;
    }
    return total;
}

ssize_t sendfile(int target, int source, off_t *offset, size_t count) {
    struct site site;
    if (!enter_descriptor(&site, KIND_WRITE, target))
        return syscall(SYS_sendfile, target, source, offset, count);
    if (is_refused(&site)) return leave(&site, -1);
    ssize_t done = syscall(SYS_sendfile, target, source, offset, share(&site, count));
    if (done > 0) trace_copied(target, (size_t)done, lseek(target, 0, SEEK_CUR) - done);
    return leave(&site, done);
}

ssize_t copy_file_range(int source, off64_t *from, int target, off64_t *to, size_t count,
                        unsigned flags) {
    struct site site;
    if (!enter_descriptor(&site, KIND_WRITE, target))
        return syscall(SYS_copy_file_range, source, from, target, to, count, flags);
    if (is_refused(&site)) return leave(&site, -1);
    ssize_t done =
        syscall(SYS_copy_file_range, source, from, target, to, share(&site, count), flags);
    if (done > 0) {
        off64_t end = to ? *to : lseek(target, 0, SEEK_CUR);
        trace_copied(target, (size_t)done, end - done);
    }
    return leave(&site, done);
}

/* Syncing and cutting. */

static bool is_folder(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

static int sync_any(int descriptor, long number) {
    struct site site;
    if (!enter_descriptor(&site, KIND_SYNC, descriptor)) return (int)syscall(number, descriptor);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int result = is_lazy() ? 0 : (int)syscall(number, descriptor);
    if (result == 0 && is_folder(descriptor)) trace_paths(EVENT_SYNC_FOLDER, site.path, NULL, 0);
    else if (result == 0) trace_inode(EVENT_SYNC, descriptor, 0);
    return (int)leave(&site, result);
}

int fsync(int descriptor) { return sync_any(descriptor, SYS_fsync); }

int fdatasync(int descriptor) { return sync_any(descriptor, SYS_fdatasync); }

/* It promises nothing about the file's size, so the trace does not count it as a sync. */
int sync_file_range(int descriptor, off64_t offset, off64_t count, unsigned flags) {
    struct site site;
    if (!enter_descriptor(&site, KIND_SYNC, descriptor))
        return (int)syscall(SYS_sync_file_range, descriptor, offset, count, flags);
    if (is_refused(&site)) return (int)leave(&site, -1);
    return (int)leave(&site, syscall(SYS_sync_file_range, descriptor, offset, count, flags));
}

int ftruncate(int descriptor, off_t size) {
    struct site site;
    if (!enter_descriptor(&site, KIND_TRUNCATE, descriptor))
        return (int)syscall(SYS_ftruncate, descriptor, size);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int result = (int)syscall(SYS_ftruncate, descriptor, size);
    if (result == 0) trace_inode(EVENT_TRUNCATE, descriptor, size);
    return (int)leave(&site, result);
}

int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

int truncate(const char *path, off_t size) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    int result = ftruncate(descriptor, size);
    int saved = errno;
    syscall(SYS_close, descriptor);
    errno = saved;
    return result;
}

int truncate64(const char *path, off64_t size) { return truncate(path, size); }

int fchmod(int descriptor, mode_t mode) {
    struct site site;
    if (!enter_descriptor(&site, KIND_CHMOD, descriptor))
        return (int)syscall(SYS_fchmod, descriptor, mode);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int result = (int)syscall(SYS_fchmod, descriptor, mode);
    if (result == 0) trace_paths(EVENT_CHMOD, site.path, NULL, mode);
    return (int)leave(&site, result);
}
