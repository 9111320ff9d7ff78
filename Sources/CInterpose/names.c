/* The calls on names. */
#define _GNU_SOURCE
#include "site.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int rename_any(int from_folder, const char *from, int to_folder, const char *to,
                      unsigned flags) {
    struct site site;
    char source[PATH_MAX];
    if (!full_path(from_folder, from, source) || !full_path(to_folder, to, site.path) ||
        !enter(&site, KIND_RENAME, site.path))
        return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int result = (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    /* An exchange of two names is more than the model of the disk knows. */
    if (result == 0 && flags & RENAME_EXCHANGE) abort();
    if (result == 0) trace_paths(EVENT_RENAME, source, site.path, 0);
    return (int)leave(&site, result);
}

int rename(const char *from, const char *to) {
    return rename_any(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    return rename_any(from_folder, from, to_folder, to, 0);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    return rename_any(from_folder, from, to_folder, to, flags);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    struct site site;
    char source[PATH_MAX];
    if (!full_path(from_folder, from, source) || !full_path(to_folder, to, site.path) ||
        !enter(&site, KIND_CREATE, site.path))
        return (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int result = (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
    if (result == 0) trace_paths(EVENT_LINK, source, site.path, 0);
    return (int)leave(&site, result);
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char *path, int flags) {
    struct site site;
    if (!full_path(folder, path, site.path) || !enter(&site, KIND_UNLINK, site.path))
        return (int)syscall(SYS_unlinkat, folder, path, flags);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int result = (int)syscall(SYS_unlinkat, folder, path, flags);
    enum event event = flags & AT_REMOVEDIR ? EVENT_RMDIR : EVENT_UNLINK;
    if (result == 0) trace_paths(event, site.path, NULL, 0);
    return (int)leave(&site, result);
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
    struct site site;
    if (!full_path(folder, path, site.path) || !enter(&site, KIND_MKDIR, site.path))
        return (int)syscall(SYS_mkdirat, folder, path, mode);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int result = (int)syscall(SYS_mkdirat, folder, path, mode);
    if (result == 0) trace_made(site.path);
    return (int)leave(&site, result);
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int fchmodat(int folder, const char *path, mode_t mode, int flags) {
    struct site site;
    if (!full_path(folder, path, site.path) || !enter(&site, KIND_CHMOD, site.path))
        return (int)syscall(SYS_fchmodat, folder, path, mode, flags);
    if (is_refused(&site)) return (int)leave(&site, -1);
    int result = (int)syscall(SYS_fchmodat, folder, path, mode, flags);
    if (result == 0) trace_paths(EVENT_CHMOD, site.path, NULL, mode);
    return (int)leave(&site, result);
}

int chmod(const char *path, mode_t mode) { return fchmodat(AT_FDCWD, path, mode, 0); }
