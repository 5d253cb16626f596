// A command of the judged user beside a port of loopback that leads to one Unix socket of the host.
//
// It runs as the judged user as well: whoever ends it ends only its own way out. What comes through is looked at on the
// host; here bytes are carried.
#define _GNU_SOURCE
#include "forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_LINKS = 64, ROOM = 16 << 10, CANNOT = 125 };

// One direction: from one end to the other.
struct flow {
    char data[ROOM];
    size_t start, end;
    int ended, shut;
};

// Flow i is read from end i. An unused link has no ends.
struct link {
    int ends[2];
    struct flow flows[2];
};

static struct link links[MOST_LINKS];
static struct sockaddr_un host = {.sun_family = AF_UNIX};

__attribute__((noreturn)) static void give_up(const char *what) {
    dprintf(2, "arena: the way out of the sandbox: %s: %s\n", what, strerror(errno));
    _exit(CANNOT);
}

static int connect_host(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&host, sizeof host) == 0) return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

static int listen_inside(unsigned short port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (fd < 0) give_up("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) give_up("bind");
    if (listen(fd, MOST_LINKS) != 0) give_up("listen");
    return fd;
}

static struct link *free_link(void) {
    for (int i = 0; i < MOST_LINKS; i++)
        if (links[i].ends[0] < 0) return &links[i];
    return NULL;
}

static void drop(struct link *link) {
    for (int i = 0; i < 2; i++) close(link->ends[i]);
    link->ends[0] = link->ends[1] = -1;
}

static void accept_one(int listener) {
    int inside = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (inside < 0) return;
    struct link *link = free_link();
    int outside = link == NULL ? -1 : connect_host();
    if (outside < 0) {
        close(inside);
        return;
    }
    memset(link->flows, 0, sizeof link->flows);
    link->ends[0] = inside;
    link->ends[1] = outside;
}

static short wanted(const struct link *link, int end) {
    const struct flow *in = &link->flows[end], *out = &link->flows[1 - end];
    short events = 0;
    if (!in->ended && in->end < ROOM) events |= POLLIN;
    if (out->start < out->end) events |= POLLOUT;
    return events;
}

static int is_passing(ssize_t n) { return n < 0 && (errno == EAGAIN || errno == EINTR); }

// 0 once the link is of no use to anybody.
static int carry(struct link *link, int from) {
    struct flow *flow = &link->flows[from];
    int source = link->ends[from], target = link->ends[1 - from];
    if (!flow->ended && flow->end < ROOM) {
        ssize_t n = read(source, flow->data + flow->end, ROOM - flow->end);
        if (n < 0 && !is_passing(n)) return 0;
        if (n == 0) flow->ended = 1;
        if (n > 0) flow->end += (size_t)n;
    }
    if (flow->start < flow->end) {
        ssize_t n = write(target, flow->data + flow->start, flow->end - flow->start);
        if (n < 0 && !is_passing(n)) return 0;
        if (n > 0) flow->start += (size_t)n;
        if (flow->start == flow->end) flow->start = flow->end = 0;
    }
    if (flow->ended && flow->start == flow->end && !flow->shut) {
        shutdown(target, SHUT_WR);
        flow->shut = 1;
    }
    return !(link->flows[0].shut && link->flows[1].shut);
}

static void carry_all(int listener, int children) {
    struct pollfd fds[2 + 2 * MOST_LINKS];
    fds[0] = (struct pollfd){children, POLLIN, 0};
    fds[1] = (struct pollfd){free_link() == NULL ? -1 : listener, POLLIN, 0};
    for (int i = 0; i < 2 * MOST_LINKS; i++) {
        const struct link *link = &links[i / 2];
        short events = link->ends[0] < 0 ? 0 : wanted(link, i % 2);
        // An end that nothing is wanted of would report its hang-up without end.
        fds[2 + i] = (struct pollfd){events == 0 ? -1 : link->ends[i % 2], events, 0};
    }
    if (poll(fds, 2 + 2 * MOST_LINKS, -1) < 0) return;
    for (int i = 0; i < MOST_LINKS; i++) {
        if (links[i].ends[0] < 0 || (fds[2 + 2 * i].revents | fds[3 + 2 * i].revents) == 0) continue;
        if (!carry(&links[i], 0) || !carry(&links[i], 1)) drop(&links[i]);
    }
    if (fds[1].revents != 0) accept_one(listener);
}

static int watch_child(sigset_t *child) {
    sigemptyset(child);
    sigaddset(child, SIGCHLD);
    sigprocmask(SIG_BLOCK, child, NULL);
    return signalfd(-1, child, SFD_CLOEXEC | SFD_NONBLOCK);
}

__attribute__((noreturn)) static void become(char **argv, const sigset_t *child) {
    sigprocmask(SIG_UNBLOCK, child, NULL);
    execvp(argv[0], argv);
    int code = errno == ENOENT ? 127 : 126;
    dprintf(2, "arena: cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(code);
}

__attribute__((noreturn)) static void end_like(int status) {
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
        _exit(128 + WTERMSIG(status));
    }
    _exit(WEXITSTATUS(status));
}

void forward(unsigned short port, const char *path, char **argv) {
    if (strlen(path) >= sizeof host.sun_path) {
        errno = ENAMETOOLONG;
        give_up(path);
    }
    strcpy(host.sun_path, path);
    for (int i = 0; i < MOST_LINKS; i++) links[i].ends[0] = links[i].ends[1] = -1;
    // Tried once before anything runs: a way out that leads nowhere is not the command's doing.
    int trial = connect_host();
    if (trial < 0) give_up(path);
    close(trial);
    int listener = listen_inside(port);
    sigset_t child;
    int children = watch_child(&child);
    if (children < 0) give_up("signalfd");
    pid_t pid = fork();
    if (pid < 0) give_up("fork");
    if (pid == 0) become(argv, &child);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        // Emptied before looking: an end that comes after the look leaves something to be told of.
        struct signalfd_siginfo ignored;
        while (read(children, &ignored, sizeof ignored) > 0) continue;
        int status;
        if (waitpid(pid, &status, WNOHANG) == pid) end_like(status);
        carry_all(listener, children);
    }
}
