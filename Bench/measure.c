// SPDX-License-Identifier: Apache-2.0
//
// measure RUNS COMMAND...: runs a command RUNS times (and once before, to warm up) and prints the medians of its
// wall-clock times and of its processor times (with those of all it has waited for), in milliseconds. Fails if the
// command does.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    int runs = argc > 2 ? atoi(argv[1]) : 0;
    if (runs < 1) return fprintf(stderr, "usage: measure RUNS COMMAND...\n"), 2;
    double *times = calloc(runs + 1, sizeof *times), *used = calloc(runs + 1, sizeof *used);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (int i = 0; i <= runs; i++) {
        double start = now();
        pid_t pid;
        int status, code = posix_spawnp(&pid, argv[2], &actions, NULL, argv + 2, environ);
        if (code) return fprintf(stderr, "%s: %s\n", argv[2], strerror(code)), 1;
        struct rusage usage;
        while (wait4(pid, &status, 0, &usage) < 0)
            if (errno != EINTR) return perror("waitpid"), 1;
        times[i] = now() - start;
        used[i] = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
        if (status) return fprintf(stderr, "%s: status %#x\n", argv[2], status), 1;
    }
    qsort(times + 1, runs, sizeof *times, ascending);
    qsort(used + 1, runs, sizeof *used, ascending);
    printf("%.3f %.3f\n", times[1 + runs / 2], used[1 + runs / 2]);
    return 0;
}
