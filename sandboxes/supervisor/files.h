// Requests about one file of the sandbox.
#pragma once
#include "frames.h"

// `path` of the request is absolute, without `..`. Answers with DONE or CONTENT.
void do_file(enum request kind, struct cursor *request);
