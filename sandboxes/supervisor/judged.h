// The user judged code runs as.
#pragma once
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct judged {
    uid_t uid;
    gid_t gid;
    // Per process and per user, where no control group does it; 0 for none.
    rlim_t max_data, max_processes;
};
extern struct judged judged;

// A command's main process. `pid` is -1 once it has been reaped: its number may then belong to another.
struct child {
    pid_t pid;
    int status;
};

// In a child, before its fd 1 is replaced. Never returns as anyone else.
void become_judged(void);
// A descriptor that becomes readable when a child ends; -1 and errno.
int watch_children(void);
// Takes every ended child. True when none is left, ended or not.
int reap(struct child *main_process);
// Returns when no other process of the sandbox is left.
void kill_everything(struct child *main_process);
int64_t now_us(void);
