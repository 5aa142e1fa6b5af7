// SPDX-License-Identifier: Apache-2.0
//
// Rule R11, at the earliest: a command that starts a process in a container runs from a read-only mount of the
// program's file. The program must be executed anew for that. Here, at the program's entry point, before the C library
// and Swift's runtime are set up, that costs 0.1 ms; in a preinit function 0.4 (glibc asks the processor 60 times what
// it is, which in a virtual machine is 60 times 4 µs), and in Swift 0.9. See decision 0015.
// Whatever fails here is left to ReadOnlyProgram.swift, which checks again and says why.
//
// Nothing of the C library may be called: its functions are chosen by what it has not yet asked.
#define _GNU_SOURCE
#include "CEarlyStart.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

static long call(long number, long a, long b, long c, long d, long e) {
    long result;
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth) : "rcx", "r11", "memory");
    return result;
}

static int equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

static int starts_a_process(long argc, char **argv) {
    for (long i = 1; i < argc; i++)
        if (equal(argv[i], "run") || equal(argv[i], "create") || equal(argv[i], "exec")) return 1;
    return 0;
}

static int argument_count;
static char **arguments;

// Where Swift's `CommandLine` gets the arguments from. Its own way is to look for them in /proc/self/maps before main,
// at every start (0.05 ms, 6 pages): a definition here keeps that out of the program.
char **_swift_stdlib_getUnsafeArgvArgc(int *count) {
    *count = argument_count;
    return arguments;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **values, int count) {
    argument_count = count;
    arguments = values;
}

/// Called by the entry point with the stack as the kernel made it: argc, argv, a null, the environment, a null.
__attribute__((used)) void wharf_before_libc(long *stack) {
    long argc = stack[0];
    char **argv = (char **)(stack + 1), **environment = argv + argc + 1;
    _swift_stdlib_overrideUnsafeArgvArgc(argv, (int)argc);
    if (!starts_a_process(argc, argv)) return;
    long path = (long)"/proc/self/exe";
    int file = (int)call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, 0);
    if (file < 0) return;
    struct statfs status;
    long seals = call(SYS_fcntl, file, 1034 /* F_GET_SEALS */, 0, 0, 0);
    int is_safe = (call(SYS_fstatfs, file, (long)&status, 0, 0, 0) == 0 && (status.f_flags & 1 /* ST_RDONLY */)) ||
                  (seals >= 0 && (seals & 8 /* F_SEAL_WRITE */));
    call(SYS_close, file, 0, 0, 0, 0);
    if (is_safe) return;
    // OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC; MOUNT_ATTR_RDONLY
    long tree = call(428 /* open_tree */, AT_FDCWD, path, 1 | O_CLOEXEC, 0, 0);
    if (tree < 0) return;
    volatile uint64_t attributes[4] = {1, 0, 0, 0};
    if (call(442 /* mount_setattr */, tree, (long)"", AT_EMPTY_PATH, (long)attributes, sizeof attributes) == 0)
        call(SYS_execveat, tree, (long)"", (long)argv, (long)environment, AT_EMPTY_PATH);
    call(SYS_close, tree, 0, 0, 0, 0);
}

// The program's entry point (Package.swift), where another's is _start: that gets rdx and the stack as they were.
__asm__(".text\n"
        ".globl wharf_start\n"
        ".type wharf_start, @function\n"
        "wharf_start:\n"
        "    xor %ebp, %ebp\n"
        "    mov %rsp, %rbx\n"
        "    mov %rdx, %r12\n"
        "    mov %rsp, %rdi\n"
        "    and $-16, %rsp\n"
        "    call wharf_before_libc\n"
        "    mov %rbx, %rsp\n"
        "    mov %r12, %rdx\n"
        "    jmp _start\n"
        ".size wharf_start, . - wharf_start\n");
