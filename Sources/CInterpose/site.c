/* Which calls are ours, counting them, and making one of them go wrong. */
#define _GNU_SOURCE
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const kind_names[KIND_COUNT] = {
    "open", "create", "write", "sync", "rename", "truncate", "mkdir", "unlink", "chmod"};
static const char *const how_names[] = {
    "well", "fail", "after", "short", "torn", "kill-before", "kill-after", "full", "dead"};

/* Set once, before anything else is done; then only read. */
static char root[PATH_MAX];
static size_t root_length;
static const char *boot_file;
static bool lazy;
static int log_file = -1;
static char fault_kind[16], fault_pattern[PATH_MAX];
static long fault_number;
static int fault_errno;
static enum how fault_how = HOW_WELL;

/* Under the lock. */
static long fault_count;
static bool has_struck;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void lock_all(void) { pthread_mutex_lock(&lock); }
void unlock_all(void) { pthread_mutex_unlock(&lock); }

static void read_fault(const char *text) {
    char how[16];
    if (sscanf(text, "%15[^:]:%ld:%15[^:]:%d:%4095s", fault_kind, &fault_number, how,
               &fault_errno, fault_pattern) != 5)
        abort();
    for (size_t i = 1; i < sizeof how_names / sizeof *how_names; i++)
        if (strcmp(how, how_names[i]) == 0) fault_how = (enum how)i;
    if (fault_how == HOW_WELL) abort();
}

/* Raw calls throughout: the library's own must not come back to it. */
static void configure(void) {
    const char *text = getenv("HANQING_INTERPOSE_ROOT");
    if (!text || text[0] != '/' || strlen(text) >= sizeof root) return;
    strcpy(root, text);
    boot_file = getenv("HANQING_INTERPOSE_BOOT");
    lazy = getenv("HANQING_INTERPOSE_LAZY") != NULL;
    if ((text = getenv("HANQING_INTERPOSE_FAULT"))) read_fault(text);
    if ((text = getenv("HANQING_INTERPOSE_LOG")))
        log_file = (int)syscall(SYS_openat, AT_FDCWD, text,
                                O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if ((text = getenv("HANQING_INTERPOSE_TRACE"))) open_trace(text);
    root_length = strlen(root);
}

bool is_beneath(const char *path) {
    pthread_once(&once, configure);
    return root_length > 0 && strncmp(path, root, root_length) == 0 &&
           (path[root_length] == '/' || path[root_length] == 0);
}

/* The boot id's stand-in, if `path` asks for it. */
const char *boot_id_file(const char *path) {
    pthread_once(&once, configure);
    bool asks = boot_file && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0;
    return asks ? boot_file : NULL;
}

bool is_lazy(void) { return lazy; }

bool path_of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    int saved = errno;
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    errno = saved;
    if (length <= 0) return false;
    path[length] = 0;
    return true;
}

/* Absolute, with single slashes and none at the end. */
bool full_path(int folder, const char *path, char *full) {
    char joined[2 * PATH_MAX];
    if (!path || strlen(path) >= PATH_MAX) return false;
    if (path[0] == '/') {
        strcpy(joined, path);
    } else {
        if (folder == AT_FDCWD ? !getcwd(joined, PATH_MAX) : !path_of(folder, joined)) return false;
        strcat(joined, "/");
        strcat(joined, path);
    }
    size_t length = 0;
    for (const char *from = joined; *from; from++) {
        if (*from == '/' && length > 0 && full[length - 1] == '/') continue;
        if (length >= PATH_MAX - 1) return false;
        full[length++] = *from;
    }
    if (length > 1 && full[length - 1] == '/') length--;
    full[length] = 0;
    return true;
}

static const char *relative(const char *path) {
    return path[root_length] == '/' ? path + root_length + 1 : ".";
}

static void note(const char *mark, const struct site *site) {
    char line[PATH_MAX + 32];
    if (log_file < 0) return;
    int length = snprintf(line, sizeof line, "%s%s\t%s\n", mark, kind_names[site->kind],
                          relative(site->path));
    (void)!syscall(SYS_write, log_file, line, (size_t)length);
}

static bool takes_space(enum kind kind) {
    return kind == KIND_CREATE || kind == KIND_WRITE || kind == KIND_MKDIR || kind == KIND_RENAME;
}

static enum how judge(const struct site *site) {
    if (fault_how == HOW_WELL) return HOW_WELL;
    if (has_struck) {
        if (fault_how == HOW_DEAD) return HOW_FAIL;
        return fault_how == HOW_FULL && takes_space(site->kind) ? HOW_FAIL : HOW_WELL;
    }
    bool fits = strcmp(fault_kind, "any") == 0 || strcmp(fault_kind, kind_names[site->kind]) == 0;
    if (!fits || fnmatch(fault_pattern, relative(site->path), 0) != 0) return HOW_WELL;
    if (++fault_count != fault_number) return HOW_WELL;
    has_struck = true;
    note("!", site);
    return fault_how == HOW_FULL || fault_how == HOW_DEAD ? HOW_FAIL : fault_how;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Begins a call; false if it is not ours. */
bool enter(struct site *site, enum kind kind, const char *full) {
    if (!is_beneath(full)) return false;
    site->kind = kind;
    if (full != site->path) strcpy(site->path, full);
    lock_all();
    note("", site);
    site->how = judge(site);
    if (site->how == HOW_KILL_BEFORE) die();
    return true;
}

bool enter_descriptor(struct site *site, enum kind kind, int descriptor) {
    return path_of(descriptor, site->path) && enter(site, kind, site->path);
}

/* Whether the call shall not be done at all; leave() then gives -1 and errno. */
bool is_refused(const struct site *site) { return site->how == HOW_FAIL; }

/* How much of a write is done. */
size_t share(const struct site *site, size_t count) {
    bool isPart = site->how == HOW_SHORT || site->how == HOW_TORN;
    return isPart && count > 1 ? count / 2 : count;
}

/* Ends a call: gives its result, or what it shall pretend. */
long leave(struct site *site, long result) {
    int saved = errno;
    if (site->how == HOW_KILL_AFTER || site->how == HOW_TORN) die();
    unlock_all();
    bool pretends = site->how == HOW_FAIL || (site->how == HOW_AFTER && result >= 0);
    errno = pretends ? fault_errno : saved;
    return pretends ? -1 : result;
}
