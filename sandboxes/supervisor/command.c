// EXEC: one command as the judged user, its output bounded, everything killed before its end is told.
#define _GNU_SOURCE
#include "command.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judged.h"

enum { CHUNK = 64 << 10 };
enum outcome { EXITED = 0, SIGNALED = 1, TIMED_OUT = 2, OUT_OF_MEMORY = 3 };

// How many processes of this control group the kernel has killed for memory; -1 when it does not say.
static long oom_kills(void) {
    static const char *const files[] = {"/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        FILE *file = fopen(files[i], "re");
        if (file == NULL) continue;
        char name[64];
        long value, found = -1;
        while (fscanf(file, "%63s %ld", name, &value) == 2)
            if (strcmp(name, "oom_kill") == 0) found = value;
        fclose(file);
        return found;
    }
    return -1;
}

struct stream {
    int fd;
    unsigned char number;
    uint64_t seen, most;
};

struct command {
    char **argv, **env, *cwd;
    struct bytes input;
    uint32_t timeout_ms;
    uint64_t max_output;
    int has_input;
};

// What is beyond the cap is read and counted, never kept. False when nothing more can come now.
static int pump(struct stream *from, char *buffer) {
    ssize_t n = read(from->fd, buffer, CHUNK);
    if (n < 0 && errno == EINTR) return 1;
    if (n < 0) return 0;
    if (n == 0) {
        close(from->fd);
        from->fd = -1;
        return 0;
    }
    uint64_t room = from->seen < from->most ? from->most - from->seen : 0;
    size_t keep = (uint64_t)n < room ? (size_t)n : (size_t)room;
    if (keep > 0) send_frame(OUTPUT, &from->number, 1, (struct bytes){buffer, keep});
    from->seen += (uint64_t)n;
    return 1;
}

static void feed(int *fd, struct bytes *input) {
    ssize_t n = write(*fd, input->at, input->length);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n >= 0) {
        input->at += n;
        input->length -= (size_t)n;
    }
    if (n < 0 || input->length == 0) {
        close(*fd);
        *fd = -1;
    }
}

static void start_judged(const struct command *command, const int fds[3]) {
    become_judged();
    setsid();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < 3; i++)
        if (dup2(fds[i], i) < 0) fatal("dup2: %s", strerror(errno));
    if (chdir(command->cwd) != 0) {
        dprintf(2, "arena: cannot enter %s: %s\n", command->cwd, strerror(errno));
        _exit(126);
    }
    environ = command->env;
    execvp(command->argv[0], command->argv);
    int code = errno == ENOENT ? 127 : 126;
    dprintf(2, "arena: cannot run %s: %s\n", command->argv[0], strerror(errno));
    _exit(code);
}

struct watch {
    struct stream out, err;
    int input_fd, children;
    struct bytes input;
    int64_t deadline;
};

// Until the main process ends (0) or the deadline passes (1). All the while output flows and is bounded.
static int watch_main(struct child *main_process, struct watch *watch, char *buffer) {
    for (;;) {
        int64_t left = watch->deadline - now_us();
        if (left <= 0) return 1;
        struct pollfd fds[] = {{watch->children, POLLIN, 0},
                               {0, POLLIN, 0},
                               {watch->out.fd, POLLIN, 0},
                               {watch->err.fd, POLLIN, 0},
                               {watch->input_fd, POLLOUT, 0}};
        if (poll(fds, 5, (int)(left / 1000 + 1)) < 0 && errno != EINTR) fatal("poll: %s", strerror(errno));
        if (fds[1].revents != 0) _exit(0);
        if (fds[2].revents != 0) pump(&watch->out, buffer);
        if (fds[3].revents != 0) pump(&watch->err, buffer);
        if (fds[4].revents != 0) feed(&watch->input_fd, &watch->input);
        if (fds[0].revents == 0) continue;
        reap(main_process);
        if (main_process->pid < 0) return 0;
    }
}

static int64_t children_cpu_us(void) {
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    return ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 + used.ru_utime.tv_usec +
           used.ru_stime.tv_usec;
}

static void send_ended(int timed_out, int status, int memory_ran_out, const uint64_t numbers[4]) {
    unsigned char head[1 + 4 + 4 * 8];
    enum outcome outcome = EXITED;
    uint32_t code = 0;
    if (timed_out) {
        outcome = TIMED_OUT;
    } else if (memory_ran_out && status != 0) {
        outcome = OUT_OF_MEMORY;
    } else if (WIFSIGNALED(status)) {
        outcome = SIGNALED;
        code = (uint32_t)WTERMSIG(status);
    } else {
        code = (uint32_t)WEXITSTATUS(status);
    }
    head[0] = (unsigned char)outcome;
    code = htole32(code);
    memcpy(head + 1, &code, 4);
    for (int i = 0; i < 4; i++) {
        uint64_t value = htole64(numbers[i]);
        memcpy(head + 5 + 8 * i, &value, 8);
    }
    send_frame(ENDED, head, sizeof head, (struct bytes){NULL, 0});
}

// Owned by the judged user, who may then write to /dev/stdout and /dev/stderr by name.
static void make_pipe(int ends[2]) {
    setfsuid(judged.uid);
    int made = pipe2(ends, O_CLOEXEC);
    setfsuid(geteuid());
    if (made != 0) fatal("pipe: %s", strerror(errno));
}

static void run(struct command *command, int children) {
    static char buffer[CHUNK];
    int out[2], err[2], in[2] = {-1, -1};
    make_pipe(out);
    make_pipe(err);
    if (command->has_input) make_pipe(in);
    else if ((in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) fatal("/dev/null: %s", strerror(errno));
    long kills_before = oom_kills();
    int64_t cpu_before = children_cpu_us(), started = now_us();
    pid_t pid = fork();
    if (pid < 0) fatal("fork: %s", strerror(errno));
    if (pid == 0) start_judged(command, (const int[3]){in[0], out[1], err[1]});
    close(in[0]);
    close(out[1]);
    close(err[1]);
    // Judged code can reopen its end through /proc and read from it, so that what poll promised is gone.
    const int ours[] = {out[0], err[0], in[1]};
    for (int i = 0; i < 3; i++)
        if (ours[i] >= 0) fcntl(ours[i], F_SETFL, O_NONBLOCK);
    struct watch watch = {{out[0], 1, 0, command->max_output},
                          {err[0], 2, 0, command->max_output},
                          in[1],
                          children,
                          command->input,
                          started + (int64_t)command->timeout_ms * 1000};
    struct child main_process = {pid, 0};
    int timed_out = watch_main(&main_process, &watch, buffer);
    int64_t ended = now_us();
    kill_everything(&main_process);
    // Only the dead have written by now, so what the pipes hold is all there will ever be.
    while (watch.out.fd >= 0 && pump(&watch.out, buffer)) continue;
    while (watch.err.fd >= 0 && pump(&watch.err, buffer)) continue;
    const int open_fds[] = {watch.out.fd, watch.err.fd, watch.input_fd};
    for (int i = 0; i < 3; i++)
        if (open_fds[i] >= 0) close(open_fds[i]);
    const uint64_t numbers[] = {(uint64_t)(ended - started), (uint64_t)(children_cpu_us() - cpu_before),
                                watch.out.seen, watch.err.seen};
    send_ended(timed_out, main_process.status, oom_kills() > kills_before, numbers);
}

void do_exec(struct cursor *request, int children) {
    struct command command = {0};
    command.timeout_ms = take_u32(request);
    command.max_output = take_u64(request);
    command.argv = take_list(request);
    command.env = take_list(request);
    struct bytes cwd = take_bytes(request);
    unsigned char has_input;
    take(request, &has_input, 1);
    command.cwd = cwd.at;
    command.has_input = has_input;
    struct bytes input = take_bytes(request);
    command.input = input;
    if (command.argv[0] == NULL) fatal("a request to run nothing");
    run(&command, children);
    free_list(command.argv);
    free_list(command.env);
    free(cwd.at);
    free(input.at);
}
