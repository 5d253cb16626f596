// Requests to run something.
#pragma once
#include "frames.h"

// `children` is the descriptor of watch_children(). Answers with OUTPUT as it comes and one ENDED.
void do_exec(struct cursor *request, int children);
