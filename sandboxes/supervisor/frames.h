// What travels between the supervisor and its host; protocol.ts is the other end and must agree.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { PROTOCOL = 1, MAX_FRAME = 256 << 20 };
enum request { EXEC = 1, WRITE = 2, READ = 3, REMOVE = 4 };
enum reply { HELLO = 1, OUTPUT = 2, ENDED = 3, DONE = 4, CONTENT = 5, FATAL = 6 };

struct bytes {
    char *at;
    size_t length;
};

// What is left to read of one request.
struct cursor {
    const char *at, *end;
};

int write_all(int fd, const void *from, size_t length);
int read_all(int fd, void *into, size_t length);
void *allocate(size_t length);

void send_frame(enum reply kind, const void *head, size_t head_length, struct bytes tail);
void send_result(enum reply kind, int ok, struct bytes tail);
// Tells the host why the sandbox cannot go on, and ends it.
__attribute__((noreturn, format(printf, 1, 2))) void fatal(const char *format, ...);

void take(struct cursor *from, void *into, size_t length);
uint32_t take_u32(struct cursor *from);
uint64_t take_u64(struct cursor *from);
struct bytes take_bytes(struct cursor *from);
char **take_list(struct cursor *from);
void free_list(char **list);
