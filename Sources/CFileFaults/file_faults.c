#define _GNU_SOURCE
#include "file_faults.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

struct fault {
    int is_armed;
    int error;
    long done;
    char suffix[64];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fault faults[4];
// Looked at without the lock, so that nothing costs anything while nothing is armed.
static atomic_int armed_count;

void file_fault_arm(enum file_fault_call call, const char *suffix, int error, long done) {
    pthread_mutex_lock(&lock);
    struct fault *fault = &faults[call];
    if (!fault->is_armed) atomic_fetch_add(&armed_count, 1);
    fault->is_armed = 1;
    fault->error = error;
    fault->done = done;
    snprintf(fault->suffix, sizeof fault->suffix, "%s", suffix);
    pthread_mutex_unlock(&lock);
}

void file_fault_disarm(void) {
    pthread_mutex_lock(&lock);
    memset(faults, 0, sizeof faults);
    atomic_store(&armed_count, 0);
    pthread_mutex_unlock(&lock);
}

static int ends_with(const char *path, const char *suffix) {
    size_t length = strlen(path), wanted = strlen(suffix);
    return length >= wanted && strcmp(path + length - wanted, suffix) == 0;
}

// Whether the call is to fail; takes the fault with it.
static int strikes(enum file_fault_call call, const char *path, struct fault *found) {
    pthread_mutex_lock(&lock);
    struct fault *fault = &faults[call];
    int strikes = fault->is_armed && ends_with(path, fault->suffix);
    if (strikes) {
        *found = *fault;
        fault->is_armed = 0;
        atomic_fetch_sub(&armed_count, 1);
    }
    pthread_mutex_unlock(&lock);
    return strikes;
}

static int strikes_file(enum file_fault_call call, int file, struct fault *found) {
    if (atomic_load(&armed_count) == 0) return 0;
    char link[40], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strikes(call, path, found);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    struct fault fault;
    if (!strikes_file(file_fault_write, file, &fault))
        return syscall(SYS_pwrite64, file, bytes, count, offset);
    size_t done = (size_t)fault.done < count ? (size_t)fault.done : count - 1;
    if (done > 0) syscall(SYS_pwrite64, file, bytes, done, offset);
    errno = fault.error;
    return -1;
}

int fdatasync(int file) {
    struct fault fault;
    if (!strikes_file(file_fault_sync, file, &fault)) return (int)syscall(SYS_fdatasync, file);
    errno = fault.error;
    return -1;
}

int ftruncate(int file, off_t size) {
    struct fault fault;
    if (!strikes_file(file_fault_truncate, file, &fault))
        return (int)syscall(SYS_ftruncate, file, size);
    errno = fault.error;
    return -1;
}

int rename(const char *from, const char *to) {
    struct fault fault;
    if (atomic_load(&armed_count) == 0 || !strikes(file_fault_rename, to, &fault))
        return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (fault.done) syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    errno = fault.error;
    return -1;
}
