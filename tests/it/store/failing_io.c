// Stands between the program and the C library (LD_PRELOAD) and lets the n-th write to the state fail, as a disk would.
//
// LINKDRIFT_TEST_IO_PREFIX  files whose path begins so are meant
// LINKDRIFT_TEST_IO_AT      which call fails, from 1
// LINKDRIFT_TEST_IO_FOREVER set: every later call fails, too
// LINKDRIFT_TEST_IO_TOLD    a file that is made when the first call fails
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long calls;

static int fails(int fd) {
    const char *prefix = getenv("LINKDRIFT_TEST_IO_PREFIX");
    const char *at = getenv("LINKDRIFT_TEST_IO_AT");
    if (!prefix || !at) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    if (strncmp(path, prefix, strlen(prefix)) != 0) return 0;
    long call = atomic_fetch_add(&calls, 1) + 1, wanted = atol(at);
    if (call != wanted && !(call > wanted && getenv("LINKDRIFT_TEST_IO_FOREVER"))) return 0;
    const char *told = getenv("LINKDRIFT_TEST_IO_TOLD");
    if (told) {
        int file = open(told, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (file >= 0) close(file);
    }
    errno = EIO;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count) {
    return fails(fd) ? -1 : REAL(write)(fd, bytes, count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return fails(fd) ? -1 : REAL(pwrite)(fd, bytes, count, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    return fails(fd) ? -1 : REAL(pwrite64)(fd, bytes, count, offset);
}
int ftruncate(int fd, off_t length) {
    return fails(fd) ? -1 : REAL(ftruncate)(fd, length);
}
int ftruncate64(int fd, off64_t length) {
    return fails(fd) ? -1 : REAL(ftruncate64)(fd, length);
}
int fsync(int fd) {
    return fails(fd) ? -1 : REAL(fsync)(fd);
}
int fdatasync(int fd) {
    return fails(fd) ? -1 : REAL(fdatasync)(fd);
}
