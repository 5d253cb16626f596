// Frames on the supervisor's own stdin and stdout: a little-endian u32 length and that many bytes.
#include "frames.h"

#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int write_all(int fd, const void *from, size_t length) {
    const char *at = from;
    while (length > 0) {
        ssize_t n = write(fd, at, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return -1;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

// Nobody listens any more: ending process 1 ends the whole sandbox.
void send_frame(enum reply kind, const void *head, size_t head_length, struct bytes tail) {
    unsigned char start[4 + 1 + 64];
    uint32_t length = htole32((uint32_t)(1 + head_length + tail.length));
    memcpy(start, &length, 4);
    start[4] = (unsigned char)kind;
    if (head_length > 0) memcpy(start + 5, head, head_length);
    if (write_all(1, start, 5 + head_length) != 0 || write_all(1, tail.at, tail.length) != 0) _exit(3);
}

void send_result(enum reply kind, int ok, struct bytes tail) {
    unsigned char flag = ok ? 1 : 0;
    send_frame(kind, &flag, 1, tail);
}

void fatal(const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    send_frame(FATAL, NULL, 0, (struct bytes){text, n < 0 ? 0 : strlen(text)});
    _exit(2);
}

// False at the end of input: the host has gone.
int read_all(int fd, void *into, size_t length) {
    char *at = into;
    while (length > 0) {
        ssize_t n = read(fd, at, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return 0;
        at += n;
        length -= (size_t)n;
    }
    return 1;
}

void *allocate(size_t length) {
    void *memory = malloc(length > 0 ? length : 1);
    if (memory == NULL) fatal("no memory for %zu bytes", length);
    return memory;
}

void take(struct cursor *from, void *into, size_t length) {
    if ((size_t)(from->end - from->at) < length) fatal("a request ended early");
    memcpy(into, from->at, length);
    from->at += length;
}

uint32_t take_u32(struct cursor *from) {
    uint32_t value;
    take(from, &value, 4);
    return le32toh(value);
}

uint64_t take_u64(struct cursor *from) {
    uint64_t value;
    take(from, &value, 8);
    return le64toh(value);
}

// With a zero byte after the last one, so that text can be used as it is.
struct bytes take_bytes(struct cursor *from) {
    size_t length = take_u32(from);
    if ((size_t)(from->end - from->at) < length) fatal("a request ended early");
    char *copy = allocate(length + 1);
    take(from, copy, length);
    copy[length] = 0;
    return (struct bytes){copy, length};
}

char **take_list(struct cursor *from) {
    uint32_t count = take_u32(from);
    if ((size_t)(from->end - from->at) / 4 < count) fatal("a request ended early");
    char **list = allocate((count + 1) * sizeof *list);
    for (uint32_t i = 0; i < count; i++) list[i] = take_bytes(from).at;
    list[count] = NULL;
    return list;
}

void free_list(char **list) {
    for (char **at = list; *at != NULL; at++) free(*at);
    free(list);
}
