// The one way out of a sandbox that has one.
#pragma once

// Runs `argv` while port `port` of loopback leads to the Unix socket `path`, and ends as it ended. Never returns.
__attribute__((noreturn)) void forward(unsigned short port, const char *path, char **argv);
