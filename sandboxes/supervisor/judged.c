// Turning a child of the supervisor into the judged user, and ending everything that user runs.
#define _GNU_SOURCE
#include "judged.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "frames.h"

enum { KILL_PATIENCE_MS = 20000 };

struct judged judged;
static int sigchld_fd = -1;

static void limit(int resource, rlim_t most) {
    struct rlimit both = {most, most};
    struct rlimit now;
    if (getrlimit(resource, &now) == 0 && now.rlim_max < most) both.rlim_cur = both.rlim_max = now.rlim_max;
    if (setrlimit(resource, &both) != 0) fatal("setrlimit %d: %s", resource, strerror(errno));
}

// First in line when memory runs out: the supervisor must live to tell. Where /proc does not let it, so be it.
static void volunteer_for_oom(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (write_all(fd, "1000", 4) != 0) errno = 0;
    close(fd);
}

static void drop_all_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capset, &header, none) != 0) fatal("capset: %s", strerror(errno));
}

static void change_user(void) {
    for (int capability = 0; capability <= 63; capability++) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    if (setgroups(0, NULL) != 0) fatal("setgroups: %s", strerror(errno));
    if (setresgid(judged.gid, judged.gid, judged.gid) != 0) fatal("setresgid: %s", strerror(errno));
    if (setresuid(judged.uid, judged.uid, judged.uid) != 0) fatal("setresuid: %s", strerror(errno));
}

// Runs in a child while fd 1 is still the supervisor's, so that a failure here reaches the host as ours.
void become_judged(void) {
    volunteer_for_oom();
    if (geteuid() == 0) change_user();
    if (getuid() != judged.uid || geteuid() != judged.uid || getgid() != judged.gid)
        fatal("running as %d:%d, not as the judged user", (int)getuid(), (int)getgid());
    drop_all_capabilities();
    umask(022);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fatal("no_new_privs: %s", strerror(errno));
    if (install_filter() != 0) fatal("seccomp: %s", strerror(errno));
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 1024);
    if (judged.max_data > 0) limit(RLIMIT_DATA, judged.max_data);
    if (judged.max_processes > 0) limit(RLIMIT_NPROC, judged.max_processes);
}

int watch_children(void) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    sigchld_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return sigchld_fd;
}

int reap(struct child *main_process) {
    struct signalfd_siginfo ignored;
    while (read(sigchld_fd, &ignored, sizeof ignored) > 0) continue;
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == main_process->pid) *main_process = (struct child){-1, status};
    return pid < 0 && errno == ECHILD;
}

int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// kill(-1) from process 1 reaches every other process at once, forks in progress too: nothing outruns it.
void kill_everything(struct child *main_process) {
    int64_t give_up = now_us() + (int64_t)KILL_PATIENCE_MS * 1000;
    for (;;) {
        kill(-1, SIGKILL);
        if (reap(main_process)) return;
        if (now_us() > give_up) fatal("processes of the sandbox survive SIGKILL");
        poll(&(struct pollfd){sigchld_fd, POLLIN, 0}, 1, 10);
    }
}
