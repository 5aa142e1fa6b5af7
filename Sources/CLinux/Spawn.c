// SPDX-License-Identifier: Apache-2.0
// Starts a program from a process with threads. Between clone and exec only system calls that are async-signal-safe are
// made: the child shares this process's memory (CLONE_VM), and any lock may be held by a thread that does not exist in
// it.
#include "CLinux.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { STACK_BYTES = 32768, FIRST_SPARE = 64 };

struct attempt {
    const struct wharf_spawn *spawn;
    char *inner_stack;
    pid_t pid;
    int error;
};

/// Puts every descriptor at its number: all go out of the way first, as sources and targets may overlap.
static int place_descriptors(const struct wharf_spawn *spawn, int *executable) {
    int input = fcntl(spawn->input, F_DUPFD, FIRST_SPARE);
    int output = fcntl(spawn->output, F_DUPFD, FIRST_SPARE);
    int moved[32];
    if (spawn->count > 32) { errno = EINVAL; return -1; }
    for (size_t i = 0; i < spawn->count; i++) {
        moved[i] = fcntl(spawn->descriptors[i], F_DUPFD, FIRST_SPARE);
        if (moved[i] < 0) return -1;
    }
    *executable = fcntl(spawn->executable, F_DUPFD, FIRST_SPARE);
    if (input < 0 || output < 0 || *executable < 0) return -1;

    int highest = 2;
    if (dup2(input, 0) < 0 || dup2(input, 1) < 0 || dup2(output, 2) < 0) return -1;
    // Closed first, so that no other descriptor of the parent stays at a number below `highest`.
    if (syscall(SYS_close_range, 3, FIRST_SPARE - 1, 0) != 0) return -1;
    for (size_t i = 0; i < spawn->count; i++) {
        if (dup2(moved[i], spawn->numbers[i]) < 0) return -1;
        if (spawn->numbers[i] > highest) highest = spawn->numbers[i];
    }
    // The rest goes at exec: the program itself is read from one of them.
    return (int)syscall(SYS_close_range, highest + 1, ~0U, 1U << 2 /* CLOSE_RANGE_CLOEXEC */);
}

static void reset_signals(void) {
    struct sigaction standard = { .sa_handler = SIG_DFL };
    for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int run_program(void *argument) {
    struct attempt *attempt = argument;
    const struct wharf_spawn *spawn = attempt->spawn;
    int executable;
    setsid();
    for (size_t i = 0; i < spawn->cgroup_count; i++) {
        if (write(spawn->cgroups[i], "0", 1) != 1) goto failed;
    }
    if (fchdir(spawn->directory) != 0) goto failed;
    if (place_descriptors(spawn, &executable) != 0) goto failed;
    reset_signals();
    syscall(SYS_execveat, executable, "", spawn->arguments, spawn->environment, AT_EMPTY_PATH);
failed:
    attempt->error = errno;
    _exit(127);
}

/// The process in between: its end makes the program a child of init.
static int run_between(void *argument) {
    struct attempt *attempt = argument;
    attempt->pid = clone(
        run_program, attempt->inner_stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD, attempt);
    if (attempt->pid < 0) attempt->error = errno;
    _exit(0);
}

pid_t wharf_spawn_detached(const struct wharf_spawn *spawn) {
    struct attempt attempt = { .spawn = spawn, .pid = -1 };
    char *stacks = aligned_alloc(16, 2 * STACK_BYTES);
    if (!stacks) return -1;
    attempt.inner_stack = stacks + STACK_BYTES;

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    // No exit signal: the daemon's other waits don't see this child, only __WCLONE does.
    pid_t between = clone(run_between, stacks + STACK_BYTES, CLONE_VM | CLONE_VFORK, &attempt);
    int error = between < 0 ? errno : 0;
    if (between >= 0) {
        while (waitpid(between, NULL, __WCLONE) < 0 && errno == EINTR) {}
        error = attempt.error;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    free(stacks);
    if (error) { errno = error; return -1; }
    return attempt.pid;
}
