// WRITE, READ and REMOVE: in a child that is the judged user, component by component, never through a link.
#define _GNU_SOURCE
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "judged.h"

enum { CHUNK = 64 << 10, HELPER_SECONDS = 60 };

static struct bytes complaint(const char *path, const char *what) {
    static char text[600];
    snprintf(text, sizeof text, "%.400s: %s", path, what);
    return (struct bytes){text, strlen(text)};
}

// The open parent folder; `name` becomes the last component. Missing folders are made when `make` is set.
static int open_parent(char *path, char **name, int make) {
    if (path[0] != '/') return errno = EINVAL, -1;
    int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *part = strtok(path, "/"), *next;
    for (; folder >= 0 && part != NULL && (next = strtok(NULL, "/")) != NULL; part = next) {
        if (strcmp(part, "..") == 0) return errno = EINVAL, -1;
        int inner = openat(folder, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inner < 0 && errno == ENOENT && make && mkdirat(folder, part, 0755) == 0)
            inner = openat(folder, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int reason = errno;
        close(folder);
        errno = reason;
        folder = inner;
    }
    if (folder >= 0 && (part == NULL || strcmp(part, "..") == 0 || strcmp(part, ".") == 0)) return errno = EINVAL, -1;
    *name = part;
    return folder;
}

// A file is replaced, not rewritten: a hard link keeps its old content, a read-only one is no obstacle.
static const char *write_file(char *path, struct bytes content, mode_t mode) {
    char *name;
    int folder = open_parent(path, &name, 1);
    if (folder < 0) return strerror(errno);
    struct stat old;
    if (fstatat(folder, name, &old, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISREG(old.st_mode)) return "exists and is not a plain file";
        if (unlinkat(folder, name, 0) != 0) return strerror(errno);
    }
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return strerror(errno);
    if (write_all(fd, content.at, content.length) != 0 || fchmod(fd, mode) != 0 || close(fd) != 0)
        return strerror(errno);
    return NULL;
}

static const char *read_file(char *path, uint64_t most, int into) {
    char *name;
    static char buffer[CHUNK];
    int folder = open_parent(path, &name, 0);
    if (folder < 0) return strerror(errno);
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return strerror(errno);
    struct stat found;
    if (fstat(fd, &found) != 0) return strerror(errno);
    if (!S_ISREG(found.st_mode)) return "not a plain file";
    uint64_t total = 0;
    for (;;) {
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0) return strerror(errno);
        if (n == 0) return NULL;
        total += (uint64_t)n;
        if (total > most) return "larger than may be read";
        if (write_all(into, buffer, (size_t)n) != 0) return strerror(errno);
    }
}

static const char *remove_entry(int folder, const char *name) {
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT) return NULL;
    if (errno != EISDIR && errno != EPERM) return strerror(errno);
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (entries == NULL) return strerror(errno);
    const char *error = NULL;
    struct dirent *entry;
    while (error == NULL && (entry = readdir(entries)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            error = remove_entry(fd, entry->d_name);
    closedir(entries);
    if (error != NULL) return error;
    return unlinkat(folder, name, AT_REMOVEDIR) == 0 ? NULL : strerror(errno);
}

static const char *remove_path(char *path) {
    char *name;
    int folder = open_parent(path, &name, 0);
    if (folder < 0) return errno == ENOENT ? NULL : strerror(errno);
    return remove_entry(folder, name);
}

// The helper's pipe carries the content; its last byte says whether all went well.
static void work_as_judged(enum request kind, struct cursor *request, int into) {
    become_judged();
    alarm(HELPER_SECONDS);
    struct bytes path = take_bytes(request);
    char *shown = strdup(path.at);
    const char *error;
    if (kind == WRITE) {
        mode_t mode = take_u32(request);
        error = write_file(path.at, take_bytes(request), mode & 0777);
    } else if (kind == READ) {
        error = read_file(path.at, take_u64(request), into);
    } else {
        error = remove_path(path.at);
    }
    if (error != NULL) {
        struct bytes text = complaint(shown == NULL ? "?" : shown, error);
        if (write_all(into, text.at, text.length) != 0) _exit(125);
    }
    _exit(write_all(into, error == NULL ? "+" : "-", 1) == 0 ? 0 : 125);
}

static struct bytes collect(int from) {
    struct bytes all = {NULL, 0};
    size_t room = 0;
    for (;;) {
        if (room - all.length < CHUNK) {
            room = room * 2 + CHUNK;
            char *bigger = realloc(all.at, room);
            if (bigger == NULL) fatal("no memory for a file");
            all.at = bigger;
        }
        ssize_t n = read(from, all.at + all.length, CHUNK);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return all;
        all.length += (size_t)n;
    }
}

void do_file(enum request kind, struct cursor *request) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fatal("pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0) fatal("fork: %s", strerror(errno));
    if (pid == 0) work_as_judged(kind, request, ends[1]);
    close(ends[1]);
    struct bytes all = collect(ends[0]);
    close(ends[0]);
    kill_everything(&(struct child){pid, 0});
    // What a broken-off read has already sent precedes the complaint; only the complaint is wanted then.
    int ok = all.length > 0 && all.at[all.length - 1] == '+';
    struct bytes tail = {all.at, all.length > 0 ? all.length - 1 : 0};
    if (all.length == 0) tail = complaint("the file helper", "ended without an answer");
    else if (!ok && tail.length > 600) tail = (struct bytes){tail.at + tail.length - 600, 600};
    send_result(kind == READ ? CONTENT : DONE, ok, tail);
    free(all.at);
}
