// The main process of every sandbox: takes requests on stdin, runs judged code as another user, answers on stdout.
//
//   supervisor serve <uid> <gid> <max data bytes per process, 0 none> <max processes of the user, 0 none>
//   supervisor forward <port> <socket> <command...>     as the judged user: see forward.c
//   supervisor discard <mount point>     on the host: drops a scratch file system's unwritten data before unmounting
//
// It is process 1 of a PID namespace, so every process of the sandbox is its descendant, can be killed in one call and
// comes back to it to be reaped. Judged code never holds one of its file descriptors and, as another user without
// capabilities, cannot signal, trace or open it.
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "command.h"
#include "files.h"
#include "forward.h"
#include "frames.h"
#include "judged.h"

static int serve(void) {
    if (getpid() != 1) fatal("the supervisor must be process 1 of its sandbox, it is %d", (int)getpid());
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // Whatever the host left open on the way here must not reach judged code.
    if (syscall(SYS_close_range, 3, ~0U, 0) != 0)
        for (int fd = 3; fd < 65536; fd++) close(fd);
    signal(SIGPIPE, SIG_IGN);
    int children = watch_children();
    if (children < 0) fatal("signalfd: %s", strerror(errno));
    unsigned char version = PROTOCOL;
    send_frame(HELLO, &version, 1, (struct bytes){NULL, 0});
    uint32_t length;
    while (read_all(0, &length, 4)) {
        length = le32toh(length);
        if (length == 0 || length > MAX_FRAME) fatal("a request of %u bytes", length);
        char *frame = allocate(length);
        if (!read_all(0, frame, length)) break;
        struct cursor request = {frame + 1, frame + length};
        if (frame[0] == EXEC) do_exec(&request, children);
        else if (frame[0] == WRITE || frame[0] == READ || frame[0] == REMOVE) do_file((enum request)frame[0], &request);
        else fatal("an unknown request %d", frame[0]);
        free(frame);
    }
    return 0;
}

// A scratch file system is thrown away: writing its dirty pages out first would only cost time.
static int discard(const char *mount_point) {
    uint32_t without_flushing = 2;
    int fd = open(mount_point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && ioctl(fd, _IOR('X', 125, uint32_t), &without_flushing) == 0) return 0;
    fprintf(stderr, "discard %s: %s\n", mount_point, strerror(errno));
    return 1;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "discard") == 0) return discard(argv[2]);
    if (argc >= 5 && strcmp(argv[1], "forward") == 0)
        forward((unsigned short)strtoul(argv[2], NULL, 10), argv[3], argv + 4);
    if (argc != 6 || strcmp(argv[1], "serve") != 0) {
        fprintf(stderr,
                "usage: %s serve <uid> <gid> <max data bytes> <max processes> | forward <port> <socket> <command...> | "
                "discard <mount point>\n",
                argv[0]);
        return 64;
    }
    judged.uid = (uid_t)strtoul(argv[2], NULL, 10);
    judged.gid = (gid_t)strtoul(argv[3], NULL, 10);
    judged.max_data = (rlim_t)strtoull(argv[4], NULL, 10);
    judged.max_processes = (rlim_t)strtoull(argv[5], NULL, 10);
    return serve();
}
